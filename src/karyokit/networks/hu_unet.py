"""The U-Nets of Hu et al. 2017 (arXiv 1712.07639) and Saleh et al. 2019 (Procedia Comput. Sci. 159, 524-533) for pairs of 88x88.

Both were trained on the four maps themselves: the mean squared error of the bare outputs, decided by rounding (see
``losses.regression`` and systems specification 7.1). Saleh's differs by a third pool and by averaging over mirrored views; the
rest of its details was not to be had.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import lookup, problem
from karyokit.networks.blocks.keras_order import draw_glorot_weights, keras_norm
from karyokit.networks.blocks.widths import scaled_width


def transposed(inward: int, outward: int) -> tuple[nn.Module, int]:
    """2x2 transposed convolution, and the channels that leave it."""
    return nn.ConvTranspose2d(inward, outward, 2, stride=2), outward


def repeated(inward: int, outward: int) -> tuple[nn.Module, int]:
    """Pixels repeated, without weights; all channels stay."""
    del outward
    return nn.Upsample(scale_factor=2.0, mode="nearest"), inward


ENLARGERS: dict[str, Callable[[int, int], tuple[nn.Module, int]]] = {"transpose": transposed, "nearest": repeated}


class HuUNet(nn.Module):
    """(n, inputs, rows, columns) -> (n, outputs, rows, columns) bare outputs; rows and columns multiples of ``stride`` = 2 ** pools.

    Two 3x3 convolutions with ReLU per level, widths 64 doubled at each of ``pools`` 2x2 max-pools, times ``width_mult``, at least 4.
    ``batch_norm`` behind every ReLU and ``up`` = ``nearest`` instead of ``transpose`` give the variant of the ARMS group's script.
    Raises ``ValueError`` for less than one pool or an unknown ``up``.
    """

    def __init__(
        self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, pools: int = 2, batch_norm: bool = False, up: str = "transpose"
    ) -> None:
        super().__init__()
        if pools < 1:
            raise ValueError(problem("pools", "be at least 1", pools, "Hu et al. have 2, Saleh et al. 3."))
        self.stride = 2**pools
        widths = [scaled_width(64 * 2**level, width_mult, least=4) for level in range(pools + 1)]
        self.down = nn.ModuleList(_two_convolutions(a, b, batch_norm) for a, b in pairwise([inputs, *widths]))
        enlarged = [lookup(ENLARGERS, up, "up")(b, a) for a, b in pairwise(widths)]
        self.enlarge = nn.ModuleList(layer for layer, _ in enlarged)
        self.up = nn.ModuleList(_two_convolutions(a + c, a, batch_norm) for a, (_, c) in zip(widths[:-1], enlarged, strict=True))
        self.head = nn.Conv2d(widths[0], outputs, 1)
        draw_glorot_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        maps: list[Tensor] = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            maps.append(x)
        for skip, enlarge, block in zip(reversed(maps[:-1]), reversed(self.enlarge), reversed(self.up), strict=True):
            x = block(torch.cat([skip, enlarge(x)], dim=1))
        return self.head(x)


def _two_convolutions(inward: int, outward: int, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inward, outward):
        layers += [nn.Conv2d(channels, outward, 3, padding=1), nn.ReLU(inplace=True), *([keras_norm(outward)] if batch_norm else [])]
    return nn.Sequential(*layers)


def saleh_unet(*, width_mult: float = 1.0, **options: Any) -> HuUNet:
    """Saleh's network: Hu's with 3 pools. ``options`` are those of :class:`HuUNet`."""
    return HuUNet(width_mult=width_mult, **{"pools": 3} | options)
