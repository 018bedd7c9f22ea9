"""ChromSeg's region-guided UNet++: foreground from the shallow nodes, crossing zones from the deep one.

Source: Cao et al., ChromSeg, BIBM 2020, section II-B and figure 5; block details as in the authors' repository (spec 4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.networks.blocks.biased_convolution import biased_convolution, biased_double_convolution
from karyokit.networks.blocks.widths import scaled_widths

WIDTHS = (64, 128, 256, 512)
"""Channels of the four levels."""

POOLS: dict[str, Callable[[], nn.Module]] = {
    "max2": lambda: nn.MaxPool2d(2),
    "maxpool3_ceil": lambda: nn.MaxPool2d(3, stride=2, ceil_mode=True),
}
"""Ways to halve rows and columns: 2 x 2 as U-Net does, or 3 x 3 with stride 2 as in the authors' code."""

SKIPS: dict[str, dict[str, tuple[str, ...]]] = {
    "dense": {
        **{"x0_1": ("x0_0",), "x1_1": ("x1_0",), "x2_1": ("x2_0",)},
        **{"x0_2": ("x0_0", "x0_1"), "x1_2": ("x1_0", "x1_1"), "x0_3": ("x0_0", "x0_1", "x0_2")},
    },
    "released": {
        **{"x0_1": ("x0_0",), "x1_1": ("x1_0",), "x2_1": ("x2_0",)},
        **{"x0_2": ("x0_1",), "x1_2": ("x1_0",), "x0_3": ("x0_0",)},
    },
}
"""What each node takes besides the node below it, brought up. ``dense`` is UNet++ as the paper describes and draws it."""

RESIDUALS: dict[str, dict[str, str]] = {"dense": {}, "released": {"x0_1": "x0_0", "x0_2": "x0_1"}}
"""Nodes that the authors' code adds to a node's output."""


class RegionGuidedUNetPP(nn.Module):
    """(n, inputs, rows, columns) float -> (n, 2, rows, columns) logits: channel 0 foreground, channel 1 crossing.

    Rows and columns are multiples of ``stride`` = 8. The foreground includes the crossings. ``skip`` is a name of ``SKIPS``: ``"dense"``
    (the paper, 8,971,074 parameters) or ``"released"`` (the authors' code, 8,713,026: one long skip per node, residuals in the first
    row); ``pool`` a name of ``POOLS``. ``width_mult`` scales every width.
    """

    stride = 8

    def __init__(self, inputs: int = 3, *, skip: str = "dense", pool: str = "max2", width_mult: float = 1.0) -> None:
        super().__init__()
        widths = scaled_widths(WIDTHS, width_mult)
        self.sources, self.residuals = lookup(SKIPS, skip, "skip"), RESIDUALS[skip]
        self.pool = lookup(POOLS, pool, "pool")()
        self.encoder = nn.ModuleList(biased_double_convolution(a, b) for a, b in zip((inputs, *widths[:-1]), widths, strict=True))
        self.ups = nn.ModuleDict({node: _up(widths, level=int(node[1])) for node in self.sources})
        self.nodes = nn.ModuleDict({node: _node(widths[int(node[1])], 1 + len(names)) for node, names in self.sources.items()})
        first = widths[0]
        self.foreground = nn.Sequential(biased_convolution(2 * first, first), biased_convolution(first, first), nn.Conv2d(first, 1, 1))
        self.crossing = nn.Sequential(biased_convolution(first, first), nn.Conv2d(first, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        known: dict[str, Tensor] = {}
        for level, block in enumerate(self.encoder):
            x = known[f"x{level}_0"] = block(self.pool(x) if level else x)
        for node, sources in self.sources.items():
            below = known[f"x{int(node[1]) + 1}_{int(node[3]) - 1}"]
            raised = self.ups[node](below)
            found = self.nodes[node](torch.cat([*(known[name] for name in sources), raised], dim=1))
            known[node] = found + known[self.residuals[node]] if node in self.residuals else found
        shallow = torch.cat([known["x0_1"], known["x0_2"]], dim=1)
        return torch.cat([self.foreground(shallow), self.crossing(known["x0_3"])], dim=1)


def _up(widths: Sequence[int], *, level: int) -> nn.ConvTranspose2d:
    """Twice the rows and columns, from the channels of the level below to those of ``level``."""
    return nn.ConvTranspose2d(widths[level + 1], widths[level], 2, stride=2)


def _node(width: int, terms: int) -> nn.Sequential:
    return biased_double_convolution(terms * width, width)
