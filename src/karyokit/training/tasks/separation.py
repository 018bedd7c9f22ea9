"""Separation: density -> foreground, border and overlap maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from karyokit.data.crops import CropOptions, random_crop
from karyokit.data.separation_sources import SOURCES
from karyokit.data.separation_targets import CHANNELS, SeparationSample
from karyokit.losses.affinities import affinity_loss
from karyokit.losses.segmentation import weighted_bce_dice
from karyokit.training.recipe import Strict
from karyokit.training.task import Update, supervised


class SourceChoice(Strict):
    """A name of ``SOURCES``, how often it is drawn, and its options."""

    name: str
    share: float = 1.0
    options: dict[str, object] = Field(default_factory=dict)


class SeparationSettings(Strict):
    """Where training and validation pictures come from, and how crops and loss are made."""

    data: str = ""
    train: tuple[SourceChoice, ...]
    validate_on: SourceChoice
    crop: dict[str, object] = Field(default_factory=dict)
    positive: tuple[float, float, float] = (1.0, 3.0, 3.0)
    dice: float = 0.5
    affinity_steps: tuple[tuple[int, int], ...] = ()
    affinity_share: float = 0.5


class SeparationTask:
    """Crops of separation samples; validated on whole pictures by pooled IoU per map."""

    better = "mean_iou"

    def __init__(self, settings: SeparationSettings, data: str) -> None:
        self.settings = settings
        self.crop = CropOptions(**settings.crop)  # type: ignore[arg-type]
        self.train = [SOURCES[source.name](data, "train", **source.options) for source in settings.train]
        self.shares = np.array([source.share for source in settings.train]) / sum(source.share for source in settings.train)
        chosen = settings.validate_on
        self.held_out: Sequence[SeparationSample] = SOURCES[chosen.name](data, "val", **chosen.options)

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, ...]:
        crops = []
        for _ in range(size):
            samples = self.train[rng.choice(len(self.train), p=self.shares)]
            crops.append(random_crop(samples[int(rng.integers(len(samples)))], rng, self.crop))
        return tuple(torch.from_numpy(np.stack(arrays)) for arrays in zip(*crops, strict=True))

    def updates(self, network: nn.Module) -> Sequence[Update]:
        return supervised(network, self.loss)

    def loss(self, output: Tensor, target: Tensor, weight: Tensor, owners: Tensor) -> Tensor:
        """Scalar loss of logits against target, weight and owners of the crops."""
        settings, maps = self.settings, output[:, : len(CHANNELS)]
        loss = weighted_bce_dice(maps, target, weight, positive=settings.positive, dice=settings.dice)
        if not settings.affinity_steps:
            return loss
        return loss + settings.affinity_share * affinity_loss(output[:, len(CHANNELS) :], owners, settings.affinity_steps)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        together, either = np.zeros(len(CHANNELS)), np.zeros(len(CHANNELS))
        for sample in self.held_out:
            predicted = predict_maps(network, sample.density.astype(np.float32))[: len(CHANNELS)] > 0
            together += (predicted & sample.target & sample.weight).sum((1, 2))
            either += ((predicted | sample.target) & sample.weight).sum((1, 2))
        iou = together / np.maximum(either, 1)
        return {**{f"{name}_iou": value for name, value in zip(CHANNELS, iou, strict=True)}, "mean_iou": float(iou.mean())}


def predict_maps(network: nn.Module, density: np.ndarray) -> np.ndarray:
    """(channels, rows, columns) float32 logits of a whole picture, padded by reflection to a multiple of the network's ``stride``."""
    rows, columns = density.shape
    stride = int(network.stride)  # type: ignore[arg-type]
    device = next(network.parameters()).device
    picture = torch.from_numpy(density)[None, None].to(device)
    padded = functional.pad(picture, (0, -columns % stride, 0, -rows % stride), mode="reflect")
    return network(padded.contiguous(memory_format=torch.channels_last))[0, :, :rows, :columns].float().cpu().numpy()
