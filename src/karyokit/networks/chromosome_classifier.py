"""Classifier of single chromosomes: 24 classes and whether the p arm is up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


class ChromosomeClassifier(nn.Module):
    """(n, 1, rows, columns) float density, long axis along the rows -> (n, 25) logits: 24 classes, then "p arm up".

    Residual stages that halve the picture, then the mean over columns and a few bins along the axis, so that the
    place of a band along the chromosome counts. Residual blocks: He et al. 2016.
    """

    def __init__(self, widths: Sequence[int] = (24, 48, 96, 160), bins: int = 8, dropout: float = 0.3) -> None:
        super().__init__()
        self.bins = bins
        self.stem = nn.Sequential(nn.Conv2d(1, widths[0], 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        first = ResidualBlock(widths[0], widths[0], stride=1)
        self.stages = nn.Sequential(first, *(ResidualBlock(a, b, stride=2) for a, b in pairwise(widths)))
        self.mix = nn.Sequential(ResidualBlock(widths[-1], widths[-1], stride=1), nn.Dropout(dropout))
        self.head = nn.Sequential(nn.Linear(widths[-1] * bins, 192), nn.ReLU(), nn.Dropout(dropout), nn.Linear(192, 25))

    def forward(self, x: Tensor) -> Tensor:
        x = self.mix(self.stages(self.stem(x))).mean(dim=3, keepdim=True)
        x = functional.interpolate(x, size=(self.bins, 1), mode="bilinear", align_corners=False)
        return self.head(torch.flatten(x, 1))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; ``stride`` halves rows and columns when it is 2."""

    def __init__(self, inward: int, outward: int, *, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inward, outward, 3, stride, 1, bias=False), nn.BatchNorm2d(outward), nn.ReLU(inplace=True))
        self.second = nn.Sequential(nn.Conv2d(outward, outward, 3, 1, 1, bias=False), nn.BatchNorm2d(outward))
        narrow = nn.Sequential(nn.Conv2d(inward, outward, 1, stride, bias=False), nn.BatchNorm2d(outward))
        self.shortcut = nn.Identity() if inward == outward and stride == 1 else narrow

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(self.first(x)) + self.shortcut(x))
