"""Clusters of crossing chromosomes in ChromSeg's form: a foreground map and a map of crossings.

Training as Cao et al., ChromSeg, BIBM 2020, section III-A (spec 4.2, 4.3): mixed-weight focal loss, rotation by up to 30 degrees and
random flips, which the paper states and the authors' code lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from karyokit.data.chromseg import ClusterPicture
from karyokit.data.cluster_sets import cluster_pictures
from karyokit.losses.focal import CHROMSEG_CLAMP, focal, mixed_weight_focal
from karyokit.metrics.clusters import binary_iou
from karyokit.training.recipe import Strict
from karyokit.training.task import Batch, Update, supervised

FOREGROUND, CROSSING = 0, 1
MAPS: dict[str, tuple[int, ...]] = {"both": (FOREGROUND, CROSSING), "foreground": (FOREGROUND,), "crossing": (CROSSING,)}
"""Which maps a network puts out; networks of one map are the paper's U-Net baseline read that way."""

CHUNK = 16
"""Pictures predicted at once."""


class ClusterSettings(Strict):
    """The data, the loss and the augmentation.

    ``source`` is a name of ``data.cluster_sets.CLUSTER_SETS``; ``maps`` a name of ``MAPS``. ``balance`` (the paper's lambda), ``alpha`` and
    ``gamma`` are those of the mixed-weight focal loss; a network of one map has the focal loss alone. ``rotation`` in degrees is the
    largest turn either way, ``flips`` mirrors rows and columns, each with a chance of one half; where the picture is turned
    out of its canvas it is white. ``better``: ``-val_loss`` or ``iou_overlap`` (the paper does not say what its early stopping watches).
    ``inputs`` 1 feeds the mean of the colours. ``limit`` takes so many pictures of each part only.
    """

    source: str = "mfish"
    maps: Literal["both", "foreground", "crossing"] = "both"
    balance: float = Field(default=0.7, ge=0, le=1)
    alpha: float = Field(default=0.75, ge=0, le=1)
    gamma: float = Field(default=1.0, ge=0)
    clamp: float = Field(default=CHROMSEG_CLAMP, ge=0, lt=0.5)
    rotation: float = Field(default=30.0, ge=0, le=180)
    flips: bool = True
    better: Literal["-val_loss", "iou_overlap"] = "-val_loss"
    inputs: Literal[1, 3] = 3
    limit: int | None = Field(default=None, gt=0)


class ClusterTask:
    """Batches of the training part in shuffled rounds; validated on the validation part by the loss and by IoU per picture."""

    def __init__(self, settings: ClusterSettings, data: str) -> None:
        self.settings, self.better = settings, settings.better
        train, val = (cluster_pictures(settings.source, Path(data), part)[: settings.limit] for part in ("train", "val"))
        self.train, self.val = cluster_tensors(train), cluster_tensors(val)
        self.samples = len(train)

    def place(self, device: torch.device) -> None:
        """Keep both parts on the device: 345 pictures are 0.1 GB."""
        self.train, self.val = ((images.to(device), maps.to(device)) for images, maps in (self.train, self.val))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        return self.take(rng.integers(self.samples, size=size), rng)

    def take(self, indices: np.ndarray, rng: np.random.Generator) -> Batch:
        """Pictures (k, inputs, rows, columns) float in -1..1 and their maps (k, 1 or 2, rows, columns) float."""
        images, maps = self.train
        chosen = torch.from_numpy(indices).to(images.device)
        pictures, targets = turned(network_input(images[chosen], self.settings), maps[chosen].float(), rng, self.settings)
        return pictures, targets[:, MAPS[self.settings.maps]]

    def updates(self, network: nn.Module) -> Sequence[Update]:
        return supervised(network, self.loss)

    def loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """The settings' loss of (n, 1 or 2, rows, columns) logits."""
        chosen = self.settings
        if chosen.maps != "both":
            return focal(logits, target, alpha=chosen.alpha, gamma=chosen.gamma, clamp=chosen.clamp)
        return mixed_weight_focal(logits, target, balance=chosen.balance, alpha=chosen.alpha, gamma=chosen.gamma, clamp=chosen.clamp)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        images, maps = self.val
        channels = MAPS[self.settings.maps]
        losses, found = [], []
        for start in range(0, len(images), CHUNK):
            logits = network(network_input(images[start : start + CHUNK], self.settings)).float()
            losses.append(float(self.loss(logits, maps[start : start + CHUNK, channels].float())) * len(logits))
            found.append((logits > 0).cpu().numpy())
        predicted, truth = np.concatenate(found), maps[:, channels].cpu().numpy()
        ious = {
            name: _mean_iou(truth, predicted, channels, map_) for name, map_ in (("iou_overlap", CROSSING), ("iou_foreground", FOREGROUND))
        }
        return {"val_loss": sum(losses) / len(images), **ious}


def _mean_iou(truth: np.ndarray, predicted: np.ndarray, channels: tuple[int, ...], channel: int) -> float:
    """Mean over pictures, one where both masks are empty (spec 4.3), 0 for a map that is not predicted."""
    if channel not in channels:
        return 0.0
    place = channels.index(channel)
    ious = [binary_iou(true[place], found[place]) for true, found in zip(truth, predicted, strict=True)]
    return float(np.mean(np.nan_to_num(ious, nan=1.0)))


def cluster_tensors(pictures: Sequence[ClusterPicture]) -> tuple[Tensor, Tensor]:
    """(n, 3, rows, columns) uint8 pictures and (n, 2, rows, columns) bool maps: foreground, crossing."""
    images = np.stack([picture.image for picture in pictures]).transpose(0, 3, 1, 2)
    maps = np.stack([np.stack([picture.foreground, picture.overlap]) for picture in pictures])
    return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(maps)


def network_input(images: Tensor, settings: ClusterSettings) -> Tensor:
    """(n, inputs, rows, columns) float in -1..1 of (n, 3, rows, columns) uint8 pictures: x / 255, then (x - 0.5) / 0.5 (spec 1.3)."""
    scaled = images.float() / 127.5 - 1
    scaled = scaled if settings.inputs == 3 else scaled.mean(dim=1, keepdim=True)
    return scaled.contiguous(memory_format=torch.channels_last)


def turned(pictures: Tensor, maps: Tensor, rng: np.random.Generator, settings: ClusterSettings) -> tuple[Tensor, Tensor]:
    """Pictures (n, channels, side, side) and maps, each turned and mirrored by itself; white (1) and 0 come in from outside."""
    count = len(pictures)
    angle = np.deg2rad(rng.uniform(-settings.rotation, settings.rotation, count))
    mirror = rng.choice((-1.0, 1.0), (2, count)) if settings.flips else np.ones((2, count))
    zero = np.zeros(count)
    rows = [[np.cos(angle) * mirror[0], -np.sin(angle) * mirror[0], zero], [np.sin(angle) * mirror[1], np.cos(angle) * mirror[1], zero]]
    turn = torch.from_numpy(np.stack([np.stack(row, axis=1) for row in rows], axis=1)).to(pictures)
    place = functional.affine_grid(turn, list(pictures.shape), align_corners=False)
    grey = functional.grid_sample(pictures - 1, place, align_corners=False) + 1
    return grey, functional.grid_sample(maps, place, mode="nearest", align_corners=False)


@torch.no_grad()
def predicted_maps(network: nn.Module, pictures: Sequence[ClusterPicture], settings: ClusterSettings) -> np.ndarray:
    """(n, 2, rows, columns) float32 probabilities, foreground and crossing; a map the network does not put out is NaN.

    The network is in evaluation mode; no picture gives (0, 2, 0, 0). The map of what is no crossing is foreground * (1 - crossing).
    """
    if not pictures:
        return np.zeros((0, 2, 0, 0), np.float32)
    images, _ = cluster_tensors(pictures)
    device = next(network.parameters()).device
    answer = np.full((len(images), 2, *images.shape[2:]), np.nan, np.float32)
    for start in range(0, len(images), CHUNK):
        logits = network(network_input(images[start : start + CHUNK].to(device), settings)).float()
        answer[start : start + CHUNK, MAPS[settings.maps]] = torch.sigmoid(logits).cpu().numpy()
    return answer
