"""Channel attention, then spatial attention. Source: Woo et al. 2018 (CBAM), inside the skip connections of RSE-UNet (2023), 2.5."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelAttention(nn.Module):
    """(n, channels, rows, columns) -> the same shape, every channel times a factor in 0..1 from its mean and its maximum.

    Mean and maximum go through one shared pair of linear layers with biases; the two answers are added before the sigmoid.
    """

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.shared = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(inplace=True), nn.Conv2d(hidden, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        mean, largest = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.shared(mean) + self.shared(largest))


class SpatialAttention(nn.Module):
    """(n, channels, rows, columns) -> the same shape, every pixel times a factor in 0..1 from its mean and maximum over channels."""

    def __init__(self, *, kernel: int = 7) -> None:
        super().__init__()
        self.weigh = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        summary = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)  # (n, 2, rows, columns)
        return x * torch.sigmoid(self.weigh(summary))


def channel_then_spatial(channels: int) -> nn.Sequential:
    """Both attentions in the order of CBAM."""
    return nn.Sequential(ChannelAttention(channels), SpatialAttention())
