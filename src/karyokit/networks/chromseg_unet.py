"""The U-Net that ChromSeg is compared with: the same widths and blocks, plain skips.

Source: Ronneberger et al. 2015; widths of Cao et al., ChromSeg, BIBM 2020, table II (spec 4.3). The paper does not say how the
baseline gives its two maps: here one network may give one map or both.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from karyokit.checks import lookup, require_range
from karyokit.networks.blocks.biased_convolution import biased_double_convolution
from karyokit.networks.blocks.widths import scaled_widths
from karyokit.networks.chromseg_unetpp import POOLS, WIDTHS


class ChromSegUNet(nn.Module):
    """(n, inputs, rows, columns) float -> (n, outputs, rows, columns) logits.

    ``outputs`` is 2 (channel 0 foreground, channel 1 crossing, two 1 x 1 heads on the last block) or 1 for a network of one map. Rows and
    columns are multiples of ``stride`` = 8; ``pool`` is a name of ``POOLS``; ``width_mult`` scales every width.
    """

    stride = 8

    def __init__(self, inputs: int = 3, outputs: int = 2, *, pool: str = "max2", width_mult: float = 1.0) -> None:
        super().__init__()
        require_range("outputs", outputs, 1, 2)
        widths = scaled_widths(WIDTHS, width_mult)
        self.pool = lookup(POOLS, pool, "pool")()
        self.encoder = nn.ModuleList(biased_double_convolution(a, b) for a, b in zip((inputs, *widths[:-1]), widths, strict=True))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(widths))
        self.decoder = nn.ModuleList(biased_double_convolution(2 * a, a) for a in widths[:-1])
        self.head = nn.Conv2d(widths[0], outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for skip, up, block in zip(reversed(skips[:-1]), reversed(self.ups), reversed(self.decoder), strict=True):
            x = block(torch.cat([skip, up(x)], dim=1))
        return self.head(x)
