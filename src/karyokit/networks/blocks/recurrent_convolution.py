"""Recurrent residual blocks of R2U-Net: one convolution applied again and again, with its weights shared."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.networks.blocks.biased_convolution import biased_convolution


def fed_back(convolve: nn.Module, x: Tensor, steps: int) -> Tensor:
    """Alom et al. 2019: h = f(x), then ``steps`` times h = f(x + h)."""
    h = convolve(x)
    for _ in range(steps):
        h = convolve(x + h)
    return h


def doubled(convolve: nn.Module, x: Tensor, steps: int) -> Tensor:
    """The form of a much used public code (bigmb): h = f(x), then f(h + h); nothing is fed back, so more steps give the same map."""
    h = convolve(x)
    return convolve(h + h) if steps else h


R2_VARIANTS: dict[str, Callable[[nn.Module, Tensor, int], Tensor]] = {"alom": fed_back, "bigmb": doubled}
"""How a recurrent unit iterates. Both have the same weights, so parameter counts cannot tell which one a paper used."""


class RecurrentUnit(nn.Module):
    """(n, width, rows, columns) -> the same shape: one 3x3 convolution with batch norm and ReLU, iterated."""

    def __init__(self, width: int, *, steps: int = 2, r2_variant: str = "alom") -> None:
        super().__init__()
        self.steps = steps
        self.iterate = lookup(R2_VARIANTS, r2_variant, "r2_variant")
        self.convolve = biased_convolution(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.iterate(self.convolve, x, self.steps)


class RecurrentResidualBlock(nn.Module):
    """1x1 convolution to ``outward`` channels, then two recurrent units beside a shortcut."""

    def __init__(self, inward: int, outward: int, *, steps: int = 2, r2_variant: str = "alom") -> None:
        super().__init__()
        self.widen = nn.Conv2d(inward, outward, 1)
        self.units = nn.Sequential(*(RecurrentUnit(outward, steps=steps, r2_variant=r2_variant) for _ in range(2)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.widen(x)
        return x + self.units(x)
