"""RSE-UNet: residual U-Net with squeeze-and-excitation, a dense atrous bottom and attended skip connections.

Source: Wang, Ma and Zhang 2023, "Overlapping Chromosome Segmentation Model Based on Multi-Scale Residual Attention Network" (in
Chinese). The paper prints neither widths of the bottom nor parameter counts; the counts in the tests are of this reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import lookup, problem
from karyokit.networks.blocks.attended_respath import attended_respath
from karyokit.networks.blocks.mdpac import MDPAC
from karyokit.networks.blocks.normed_convolution import normed_convolution
from karyokit.networks.blocks.res_se import ResidualBlock
from karyokit.networks.blocks.widths import scaled_widths


def plain_block(inward: int, outward: int, _post_act: bool) -> nn.Module:
    """The two convolutions of a plain U-Net, each normalised and with ReLU."""
    return nn.Sequential(normed_convolution(inward, outward), normed_convolution(outward, outward))


def residual_block(inward: int, outward: int, post_act: bool) -> nn.Module:
    """Resblock: residual, channels not weighted."""
    return ResidualBlock(inward, outward, squeeze=False, post_act=post_act)


def res_se_block(inward: int, outward: int, post_act: bool) -> nn.Module:
    """ResSE: residual with squeeze-and-excitation."""
    return ResidualBlock(inward, outward, squeeze=True, post_act=post_act)


@dataclass(frozen=True)
class Stages:
    """What the very first stage and what all other stages, down and up, are made of."""

    first: Callable[[int, int, bool], nn.Module]
    others: Callable[[int, int, bool], nn.Module]


BLOCKS: dict[str, Stages] = {
    "res_se": Stages(residual_block, res_se_block),
    "residual": Stages(residual_block, residual_block),
    "plain": Stages(plain_block, plain_block),
}
"""The rows of Table 5 without RSE are read as ``plain``, because 3.4.3 compares the row with ResPath alone to U-Net."""


@dataclass(frozen=True)
class RSEChoices:
    """Ablations (``block``, ``mdpac``, ``respath``: Table 5) and the readings of what the paper leaves open (see the blocks)."""

    block: str = "res_se"
    post_act: bool = True
    mdpac: bool = True
    mdpac_rates: Sequence[int] = (1, 2, 3)
    mdpac_residual: bool = False
    respath: bool = True
    respath_attention: str = "per_block"


class RSEUNet(nn.Module):
    """(n, inputs, rows, columns) -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride`` = 2 ** pools.

    Widths are 64 doubled at each of ``pools`` 2x2 max-pools, times ``width_mult``. The skip of level i, the shallowest
    first, has ``pools`` - i blocks (Table 1). ``choices`` are the fields of :class:`RSEChoices`; another name is a ``TypeError``.
    Raises ``ValueError`` for less than one pool or an unknown name of a block or attention.
    """

    def __init__(self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, pools: int = 4, **choices: Any) -> None:
        super().__init__()
        if pools < 1:
            raise ValueError(problem("pools", "be at least 1", pools, "The paper compares 3, 4 and 5."))
        chosen = RSEChoices(**choices)
        self.stride = 2**pools
        widths = scaled_widths([64 * 2**level for level in range(pools + 1)], width_mult)
        stages = lookup(BLOCKS, chosen.block, "block")
        self.first = stages.first(inputs, widths[0], chosen.post_act)
        self.down = nn.ModuleList(stages.others(a, b, chosen.post_act) for a, b in pairwise(widths))
        self.bottom = _bottom(widths[-1], chosen)
        self.skips = nn.ModuleList(_skip(width, pools - level, chosen) for level, width in enumerate(widths[:-1]))
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(stages.others(2 * a, a, chosen.post_act) for a in widths[:-1])
        self.head = nn.Conv2d(widths[0], outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        maps = [self.first(x)]  # level i: widths[i] channels, rows / 2**i
        for block in self.down:
            maps.append(block(functional.max_pool2d(maps[-1], 2)))
        x = self.bottom(maps.pop())
        for level in reversed(range(len(maps))):
            x = torch.cat([self.skips[level](maps[level]), self.enlarge[level](x)], dim=1)
            x = self.up[level](x)
        return self.head(x)


def _bottom(width: int, chosen: RSEChoices) -> nn.Module:
    return MDPAC(width, rates=chosen.mdpac_rates, residual=chosen.mdpac_residual) if chosen.mdpac else nn.Identity()


def _skip(width: int, blocks: int, chosen: RSEChoices) -> nn.Module:
    return attended_respath(width, blocks, attention=chosen.respath_attention) if chosen.respath else nn.Identity()
