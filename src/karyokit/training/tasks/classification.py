"""Classification of single chromosomes: 24 classes and polarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional

from karyokit.training.recipe import Strict
from karyokit.training.task import Update, supervised
from karyokit.training.tasks.classification_data import CellChoice, prepared

CLASSES = 24


class ClassificationSettings(Strict):
    """Sources by name with the share of a batch each one gets; ``smoothing`` of labels; where prepared pictures are kept.

    ``predicted`` is a COCO file of separated training cells, from which ``gband_boxed`` fills gaps; it takes the ``first`` so many
    cells, so that later ones stay unseen.
    """

    train: dict[str, float]
    validate_on: tuple[str, ...]
    smoothing: float = 0.05
    cache: str = "runs/prepared"
    predicted: str = ""
    first: int | None = None


class ClassificationTask:
    """Pictures turned over at random; the polarity counts only where the upright side is known."""

    better = "score"

    def __init__(self, settings: ClassificationSettings, data: str) -> None:
        self.settings = settings
        cache = Path(settings.cache)
        choice = CellChoice(settings.predicted, settings.first)
        self.train = [prepared(name, data, "train", cache, choice) for name in settings.train]
        self.shares = np.array(list(settings.train.values())) / sum(settings.train.values())
        self.held_out = {name: prepared(name, data, "val", cache) for name in settings.validate_on}

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, ...]:
        pictures, labels, polarity = [], [], []
        for source in rng.choice(len(self.train), size=size, p=self.shares):
            singles = self.train[source]
            index = rng.integers(len(singles))
            turned = bool(rng.random() < 0.5)
            picture = singles.pictures[index].astype(np.float32)
            pictures.append(_vary(picture[::-1] if turned else picture, rng))
            labels.append(singles.labels[index] - 1)
            polarity.append((0.0 if turned else 1.0) if singles.upright[index] else -1.0)
        return torch.from_numpy(np.stack(pictures)[:, None]), torch.tensor(labels), torch.tensor(polarity)

    def updates(self, network: nn.Module) -> Sequence[Update]:
        return supervised(network, self.loss)

    def loss(self, output: Tensor, labels: Tensor, polarity: Tensor) -> Tensor:
        """Scalar loss of (n, 25) logits; polarity is -1 where it is not known."""
        classes = functional.cross_entropy(output[:, :CLASSES], labels, label_smoothing=self.settings.smoothing)
        known = polarity >= 0
        if not known.any():
            return classes
        return classes + 0.3 * functional.binary_cross_entropy_with_logits(output[known, CLASSES], polarity[known])

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        figures = {}
        for name, singles in self.held_out.items():
            logits = predict_logits(network, singles.pictures)
            figures[f"{name}_accuracy"] = float((logits[:, :CLASSES].argmax(1) + 1 == singles.labels).mean())
            if singles.upright.any():
                figures[f"{name}_polarity"] = float((logits[singles.upright, CLASSES] > 0).mean())
        figures["score"] = float(np.mean([value for key, value in figures.items() if key.endswith("accuracy")]))
        return figures


def predict_logits(network: nn.Module, pictures: np.ndarray, batch: int = 256) -> np.ndarray:
    """(n, 25) float32 logits of (n, 128, 32) pictures."""
    device = next(network.parameters()).device
    parts = np.split(pictures, range(batch, len(pictures), batch))
    return np.concatenate([network(torch.from_numpy(part.astype(np.float32)[:, None]).to(device)).float().cpu().numpy() for part in parts])


def _vary(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Size, turn, bend, mirror, a lost end, a foreign blob, blur, gamma and noise."""
    rows, columns = picture.shape
    along, across = np.exp(rng.normal(0, 0.07, 2)) * np.exp(rng.normal(0, 0.05))
    angle, bend = rng.normal(0, 0.06), rng.normal(0, 2.0)
    v = (np.arange(rows) - (rows - 1) / 2)[:, None]
    u = (np.arange(columns) - (columns - 1) / 2)[None]
    row = v * along + u * angle + (rows - 1) / 2 + rng.normal(0, 2)
    column = (u * across * rng.choice((-1, 1)) + v * angle + bend * (2 * v / rows) ** 2) + (columns - 1) / 2 + rng.normal(0, 1)
    picture = ndimage.map_coordinates(picture, np.broadcast_arrays(row, column), order=1)
    if rng.random() < 0.25:
        picture = _damaged(picture, rng)
    if rng.random() < 0.4:
        picture = ndimage.gaussian_filter(picture, rng.uniform(0.3, 1.4))
    picture = np.maximum(picture, 0) ** np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.1))
    return (picture + (picture > 0) * rng.normal(0, rng.uniform(0, 0.12), picture.shape)).astype(np.float32)


def _damaged(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An end cut off or something bright across, as separation leaves it behind."""
    picture = picture.copy()
    rows = np.flatnonzero(picture.any(axis=1))
    if rows.size < 10:
        return picture
    if rng.random() < 0.5:
        cut = int(rng.uniform(0, 0.15) * rows.size)
        picture[rows[0] : rows[0] + cut] = 0
    else:
        at = int(rng.choice(rows))
        band = picture[max(at - int(rng.integers(2, 7)), 0) : at + int(rng.integers(2, 7))]
        band[band > 0] += rng.uniform(0.2, 0.9)
    return picture
