"""Four-class maps of pictures of two chromosomes: background, alpha (the smaller), beta, overlap."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.losses import PAIR_LOSSES
from karyokit.networks.test_time_augmentation import VIEWS, averaged_views
from karyokit.training.task import Batch, Update, supervised
from karyokit.training.tasks.augmentation import augmented
from karyokit.training.tasks.pairs_data import CLASSES, PairData, PairPart, pair_parts

CHUNK = 64
"""Pictures predicted at once."""


class PairSettings(PairData):
    """The data, the loss, and how maps become a decision.

    ``loss`` is a name of ``PAIR_LOSSES``; a loss that takes ``class_counts`` gets the pixels per class of the training part.
    ``activation`` turns logits into probabilities (``none`` for networks trained to put out the classes themselves); ``decision`` is a
    name of ``metrics.pixels.DECISIONS``. ``better``: ``-val_loss``, ``iou`` (overlap) or ``mean_iou`` (four classes), pooled.
    ``views`` are averaged for a test prediction: ``same``, ``rows`` (upside down), ``columns``, ``both``, and quarter
    turns ``turn1`` to ``turn3``. ``inputs`` repeats the grey channel. ``augment`` turns, mirrors, scales and re-lights.
    """

    loss: str = "cross_entropy"
    loss_options: dict[str, Any] = Field(default_factory=dict)
    activation: Literal["softmax", "sigmoid", "none"] = "softmax"
    decision: Literal["argmax", "sigmoid_round"] = "argmax"
    better: Literal["-val_loss", "iou", "mean_iou"] = "-val_loss"
    views: tuple[str, ...] = ("same",)
    inputs: int = Field(default=1, gt=0)
    augment: bool = False


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": partial(torch.softmax, dim=1),
    "sigmoid": torch.sigmoid,
    "none": lambda logits: logits,
}


class PairTask:
    """Batches of the training part in shuffled rounds; validated on the whole validation part."""

    def __init__(self, settings: PairSettings, data: str) -> None:
        self.settings, self.better = settings, settings.better
        for view in settings.views:
            lookup(VIEWS, view, "view")
        self.parts = pair_parts(Path(data), settings)
        self.samples = len(self.parts.train)
        self.counts = np.bincount(self.parts.train.labels.ravel(), minlength=CLASSES)
        self.loss = bound_loss(settings, self.counts)
        self.place(torch.device("cpu"))

    def place(self, device: torch.device) -> None:
        """Keep training and validation part on the device: 13,434 pictures are 0.7 GB."""
        self.train, self.val = (tensors_of(part, device) for part in (self.parts.train, self.parts.val))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        return self.take(rng.integers(self.samples, size=size), rng)

    def take(self, indices: np.ndarray, rng: np.random.Generator) -> Batch:
        """Pictures (k, inputs, rows, columns) float and labels (k, rows, columns) int64."""
        images, labels = self.train
        chosen = torch.from_numpy(indices).to(images.device)
        pictures, classes = network_input(images[chosen], self.settings), labels[chosen].long()
        if self.settings.augment:
            pictures, classes = augmented(pictures, classes, rng)
        return pictures, classes

    def updates(self, network: nn.Module) -> Sequence[Update]:
        return supervised(network, self.loss)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        images, labels = self.val
        together, either = torch.zeros(CLASSES, dtype=torch.float64), torch.zeros(CLASSES, dtype=torch.float64)
        losses = []
        for start in range(0, len(images), CHUNK):
            truth = labels[start : start + CHUNK].long()
            logits = network(network_input(images[start : start + CHUNK], self.settings)).float()
            losses.append(float(self.loss(logits, truth)) * len(truth))
            found = decide(ACTIVATIONS[self.settings.activation](logits), self.settings.decision)
            true = one_hot(truth)
            together += (true & found).sum(dim=(0, 2, 3)).cpu()
            either += (true | found).sum(dim=(0, 2, 3)).cpu()
        iou = (together / either.clamp(min=1)).tolist()
        return {"val_loss": sum(losses) / len(images), "iou": iou[3], "mean_iou": float(np.mean(iou))}


def bound_loss(settings: PairSettings, counts: np.ndarray) -> Callable[[Tensor, Tensor], Tensor]:
    """The settings' loss with its options and, where it asks for them, the pixels per class (4,) of the training part."""
    function = lookup(PAIR_LOSSES, settings.loss, "loss")
    options = dict(settings.loss_options)
    if "class_counts" in inspect.signature(function).parameters:
        options.setdefault("class_counts", tuple(int(count) for count in counts))
    return partial(function, **options)


def tensors_of(part: PairPart, device: torch.device) -> tuple[Tensor, Tensor]:
    """Grey values (n, rows, columns) int16 and labels uint8 on a device."""
    return torch.from_numpy(part.images).to(device), torch.from_numpy(part.labels).to(device)


def network_input(images: Tensor, settings: PairSettings) -> Tensor:
    """(n, inputs, rows, columns) float32 of (n, rows, columns) grey values, in the settings' range."""
    grey = images.float().clamp(0, 255)
    grey = grey / 255 if lookup({"unit": True, "raw": False}, settings.value_range, "value_range") else grey
    return grey[:, None].expand(-1, settings.inputs, -1, -1).contiguous(memory_format=torch.channels_last)


def one_hot(labels: Tensor) -> Tensor:
    """(n, 4, rows, columns) bool of (n, rows, columns) labels."""
    return labels[:, None] == torch.arange(CLASSES, device=labels.device).view(1, -1, 1, 1)


def decide(probabilities: Tensor, decision: str) -> Tensor:
    """(n, 4, rows, columns) bool channels, as ``metrics.pixels.DECISIONS`` does on one picture."""
    return probabilities > 0.5 if decision == "sigmoid_round" else one_hot(probabilities.argmax(dim=1))


@torch.no_grad()
def predicted_probabilities(network: nn.Module, images: np.ndarray, settings: PairSettings) -> Iterator[np.ndarray]:
    """(4, rows, columns) float32 of each of (n, rows, columns) pictures: the mean over the settings' views."""
    device, activation = next(network.parameters()).device, ACTIVATIONS[settings.activation]
    for start in range(0, len(images), CHUNK):
        pictures = network_input(torch.from_numpy(images[start : start + CHUNK]).to(device), settings)
        yield from averaged_views(network, pictures, views=settings.views, activation=activation).float().cpu().numpy()
