"""The block of the U-Net family in AMFL's comparison: 3x3 convolutions with bias, batch norm and ReLU."""

from __future__ import annotations

from torch import nn


def biased_convolution(inward: int, outward: int) -> nn.Sequential:
    """3x3 convolution with bias, batch norm, ReLU; rows and columns stay."""
    return nn.Sequential(nn.Conv2d(inward, outward, 3, padding=1), nn.BatchNorm2d(outward), nn.ReLU(inplace=True))


def biased_double_convolution(inward: int, outward: int) -> nn.Sequential:
    """Two rounds of :func:`biased_convolution`; the middle has ``outward`` channels (spec 3.1, N(in, mid, out) with mid = out)."""
    return nn.Sequential(biased_convolution(inward, outward), biased_convolution(outward, outward))
