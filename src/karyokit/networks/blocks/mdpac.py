"""Multi-scale dense pyramid of atrous convolutions (MDPAC). Source: RSE-UNet (2023), 2.4 and Eq. 4."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from karyokit.checks import problem
from karyokit.networks.blocks.normed_convolution import normed_convolution


class MDPAC(nn.Module):
    """(n, channels, rows, columns) -> the same shape; one 3x3 convolution per dilation rate, densely connected.

    Layer k sees the input and the outputs of all layers before it, each channels // 4 wide; a 1x1 convolution brings input and
    outputs back to ``channels``. The paper names three layers of rising rate but no rates: (1, 2, 3) leaves no gaps and sees 13 px,
    more than the 8 px of its bottom maps; (1, 2, 4) suits maps of 16 px and more. Eq. 4 prints "+ F" where the text says
    concatenation: the text is followed, and ``residual`` adds the input once more at the end.
    """

    def __init__(self, channels: int, *, rates: Sequence[int] = (1, 2, 3), residual: bool = False) -> None:
        super().__init__()
        if not rates or min(rates) < 1:
            raise ValueError(problem("mdpac_rates", "hold dilation rates of 1 or more", list(rates), "Pass for example (1, 2, 3)."))
        growth = max(1, channels // 4)
        self.residual = residual
        self.layers = nn.ModuleList(normed_convolution(channels + k * growth, growth, dilation=rate) for k, rate in enumerate(rates))
        self.merge = normed_convolution(channels + len(rates) * growth, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        pyramid = x
        for layer in self.layers:
            pyramid = torch.cat([pyramid, layer(pyramid)], dim=1)
        merged = self.merge(pyramid)
        return merged + x if self.residual else merged
