"""From an instance network and a whole picture to masks in the picture's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from karyokit.networks.blocks.instance_records import Detections
from karyokit.networks.blocks.region_pooling import paste_masks


@dataclass(frozen=True, eq=False)
class FoundInstances:
    """Detections of a picture, best first.

    ``probabilities`` (n, rows, columns) float32 in 0..1, 0 outside the box; ``boxes`` (n, 4) float: column, row, width, height in
    pixels; ``scores`` (n,) float in 0..1. n may be 0.
    """

    probabilities: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray

    def masks(self, level: float = 0.5) -> np.ndarray:
        """(n, rows, columns) bool: probabilities above ``level``."""
        return self.probabilities > level


@torch.no_grad()
def find_instances(network: nn.Module, density: np.ndarray, *, magnify: float = 1.0) -> FoundInstances:
    """Detections in a (rows, columns) density, which the network sees ``magnify`` times as large; the network must be in eval mode.

    Masks are drawn at the picture's own resolution straight from the network's 28 x 28 answers.
    """
    device = next(network.parameters()).device
    picture = torch.from_numpy(density.astype(np.float32))[None, None].to(device)
    if magnify != 1.0:
        size = (round(density.shape[0] * magnify), round(density.shape[1] * magnify))
        picture = functional.interpolate(picture, size=size, mode="bilinear", align_corners=False, antialias=magnify < 1)
    found: Detections = network(picture.contiguous(memory_format=torch.channels_last))[0]
    shape = (int(density.shape[0]), int(density.shape[1]))
    ratio = found.boxes.new_tensor([shape[1] / picture.shape[3], shape[0] / picture.shape[2]] * 2)
    boxes = found.boxes * ratio
    probabilities = paste_masks(found.masks, boxes, shape).cpu().numpy()
    sides = torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1)
    return FoundInstances(probabilities.astype(np.float32), sides.cpu().numpy().astype(float), found.scores.float().cpu().numpy())
