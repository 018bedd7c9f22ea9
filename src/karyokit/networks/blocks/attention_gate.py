"""The gate of Attention U-Net on a skip connection."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class AttentionGate(nn.Module):
    """Scales a skip map by a mask in 0..1 that is computed from it and from the coarser ``signal`` of the same shape.

    mask = sigmoid(BN(1x1(ReLU(BN(1x1 signal) + BN(1x1 skip))))), one channel. Oktay et al. 2018; widths of systems specification 3.5.
    """

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.of_signal = _normed(width, inner)
        self.of_skip = _normed(width, inner)
        self.to_mask = _normed(inner, 1)

    def forward(self, signal: Tensor, skip: Tensor) -> Tensor:
        return skip * torch.sigmoid(self.to_mask(functional.relu(self.of_signal(signal) + self.of_skip(skip))))


def _normed(inward: int, outward: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inward, outward, 1), nn.BatchNorm2d(outward))
