"""Convolution without bias, batch norm and, where asked, ReLU: the brick of BiSeNet and DeepLab."""

from __future__ import annotations

from torch import nn


def normed_convolution(
    inward: int, outward: int, size: int = 3, *, stride: int = 1, dilation: int = 1, groups: int = 1, relu: bool = True
) -> nn.Sequential:
    """A ``size`` x ``size`` convolution that keeps rows and columns (over ``stride``), batch norm, and ReLU unless ``relu`` is off."""
    padding = dilation * (size // 2)
    convolution = nn.Conv2d(inward, outward, size, stride, padding, dilation=dilation, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outward), *([nn.ReLU(inplace=True)] if relu else []))
