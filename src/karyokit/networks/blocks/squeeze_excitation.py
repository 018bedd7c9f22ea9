"""Channel weights from global means. Source: Hu et al. 2018, squeeze-and-excitation; RSE-UNet (2023), Eq. 1-3."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """(n, channels, rows, columns) -> the same shape, every channel times its own factor in 0..1.

    The factor is a sigmoid of two linear layers over the channel means, ``channels`` to ``channels // reduction`` (at least 1) and
    back. The layers have biases, which Eq. 2 of RSE-UNet does not print and Hu et al. have in their code.
    """

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.excite = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(inplace=True), nn.Conv2d(hidden, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.excite(x.mean(dim=(2, 3), keepdim=True)))
