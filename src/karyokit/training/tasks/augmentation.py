"""Pictures and label maps turned, mirrored, scaled and re-lit on the device they lie on."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def augmented(images: Tensor, labels: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """(n, 1, rows, columns) float pictures and (n, rows, columns) labels, each turned by any angle, mirrored or not, scaled by 0.8 to
    1.2 about the centre, and with a gamma of 0.7 to 1.4 (spec 1.4). What comes in from outside is 0. Square pictures only.
    """
    count = len(images)
    angle, scale = rng.uniform(0, 2 * math.pi, count), rng.uniform(1 / 1.2, 1 / 0.8, count)
    mirror = rng.choice((-1.0, 1.0), count)
    cosine, sine, zero = scale * np.cos(angle), scale * np.sin(angle), np.zeros(count)
    rows = np.stack([np.stack([cosine * mirror, -sine, zero], 1), np.stack([sine * mirror, cosine, zero], 1)], 1)
    place = functional.affine_grid(torch.from_numpy(rows).to(images), list(images.shape), align_corners=False)
    turned = functional.grid_sample(images, place, align_corners=False)
    classes = functional.grid_sample(labels[:, None].to(images.dtype), place, mode="nearest", align_corners=False)[:, 0].long()
    gamma = torch.from_numpy(np.exp(rng.uniform(math.log(0.7), math.log(1.4), count))).to(images).view(-1, 1, 1, 1)
    top = turned.amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
    return top * (turned.clamp(min=0) / top) ** gamma, classes
