"""ENet: a small encoder-decoder of bottlenecks, one of AMFL's baselines (0.35M parameters in its Table IV).

Paszke et al. 2016, Table 1: a first halving, three stages of encoder bottlenecks, two short decoder stages.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.initialisation import draw_normal_weights
from karyokit.networks.blocks.widths import scaled_width

WIDTHS = (16, 64, 128)
CONTEXT = ("plain", "dilated 2", "asymmetric 5", "dilated 4", "plain", "dilated 8", "asymmetric 5", "dilated 16")
"""The eight bottlenecks of the second stage, and again of the third."""


class ENet(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    Spatial dropout is 0.01 in the first stage and 0.1 after it, as published. ``spread`` draws starting weights N(0, spread).
    """

    def __init__(
        self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, dropout: float = 0.1, spread: float | None = None
    ) -> None:
        super().__init__()
        self.stride = 8
        first, middle, deep = (scaled_width(width, width_mult, least=inputs + 1) for width in WIDTHS)
        self.opening = Opening(inputs, first)
        self.down1, self.down2 = Halving(first, middle, dropout=dropout / 10), Halving(middle, deep, dropout=dropout)
        self.stage1 = nn.Sequential(*(Bottleneck(middle, "plain", dropout=dropout / 10) for _ in range(4)))
        self.stage2 = nn.Sequential(*(Bottleneck(deep, kind, dropout=dropout) for kind in (*CONTEXT, *CONTEXT)))
        self.up2, self.up1 = Doubling(deep, middle, dropout=dropout), Doubling(middle, first, dropout=dropout)
        self.stage4 = nn.Sequential(*(Bottleneck(middle, "plain", dropout=dropout) for _ in range(2)))
        self.stage5 = Bottleneck(first, "plain", dropout=dropout)
        self.head = nn.ConvTranspose2d(first, outputs, 2, 2)
        draw_normal_weights(self, spread)

    def forward(self, x: Tensor) -> Tensor:
        x, peaks1 = self.down1(self.opening(x))
        x, peaks2 = self.down2(self.stage1(x))
        x = self.stage4(self.up2(self.stage2(x), peaks2))
        return self.head(self.stage5(self.up1(x, peaks1)))


class Opening(nn.Module):
    """Halves the picture: a strided 3x3 convolution beside a 2x2 maximum, ``width`` channels together."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.convolve = nn.Conv2d(inputs, width - inputs, 3, 2, 1, bias=False)
        self.finish = nn.Sequential(nn.BatchNorm2d(width), nn.PReLU(width))

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(torch.cat([self.convolve(x), functional.max_pool2d(x, 2)], dim=1))


class Bottleneck(nn.Module):
    """x + narrow branch; ``kind`` is "plain", "dilated RATE" or "asymmetric SIZE"."""

    def __init__(self, width: int, kind: str, *, dropout: float) -> None:
        super().__init__()
        inner = max(1, width // 4)
        self.branch = _branch(nn.Conv2d(width, inner, 1, bias=False), middle_convolution(inner, kind), width, dropout=dropout)
        self.finish = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(x + self.branch(x))


class Halving(nn.Module):
    """Half the rows and columns; the 2x2 maximum, filled up with empty channels, beside a branch. Also returns where the maxima were."""

    def __init__(self, inward: int, outward: int, *, dropout: float) -> None:
        super().__init__()
        inner = max(1, inward // 4)
        self.branch = _branch(nn.Conv2d(inward, inner, 2, 2, bias=False), middle_convolution(inner, "plain"), outward, dropout=dropout)
        self.finish = nn.PReLU(outward)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        branch = self.branch(x)
        pooled, peaks = functional.max_pool2d(x, 2, return_indices=True)
        return self.finish(functional.pad(pooled, (0, 0, 0, 0, 0, branch.shape[1] - pooled.shape[1])) + branch), peaks


class Doubling(nn.Module):
    """Twice the rows and columns; maxima are put back where the encoder found them, beside a branch."""

    def __init__(self, inward: int, outward: int, *, dropout: float) -> None:
        super().__init__()
        inner = max(1, inward // 4)
        self.narrow = nn.Sequential(nn.Conv2d(inward, outward, 1, bias=False), nn.BatchNorm2d(outward))
        enlarge = nn.ConvTranspose2d(inner, inner, 2, 2, bias=False)
        self.branch = _branch(nn.Conv2d(inward, inner, 1, bias=False), enlarge, outward, dropout=dropout)
        self.finish = nn.PReLU(outward)

    def forward(self, x: Tensor, peaks: Tensor) -> Tensor:
        return self.finish(put_back(self.narrow(x), peaks) + self.branch(x))


def put_back(x: Tensor, peaks: Tensor) -> Tensor:
    """Undo a 2x2 maximum: each value at the flat place that ``peaks`` (of the enlarged plane) names, 0 elsewhere.

    The same as max-unpooling, written with comparisons so that it can be exported.
    """
    rows, columns = 2 * x.shape[2], 2 * x.shape[3]
    row, column = torch.arange(rows, device=x.device), torch.arange(columns, device=x.device)
    place = row[:, None] * columns + column
    repeated = peaks.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    values = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return torch.where(repeated == place, values, torch.zeros_like(values))


def middle_convolution(width: int, kind: str) -> nn.Module:
    """The convolution in the middle of a bottleneck; rows and columns stay."""
    name, _, number = kind.partition(" ")
    size = int(number or 1)
    if name == "asymmetric":
        tall = nn.Conv2d(width, width, (size, 1), padding=(size // 2, 0), bias=False)
        return nn.Sequential(tall, nn.Conv2d(width, width, (1, size), padding=(0, size // 2), bias=False))
    return nn.Conv2d(width, width, 3, padding=size, dilation=size, bias=False)


def _branch(enter: nn.Conv2d, middle: nn.Module, outward: int, *, dropout: float) -> nn.Sequential:
    inner = enter.out_channels
    parts: Sequence[nn.Module] = (enter, nn.BatchNorm2d(inner), nn.PReLU(inner), middle, nn.BatchNorm2d(inner), nn.PReLU(inner))
    return nn.Sequential(*parts, nn.Conv2d(inner, outward, 1, bias=False), nn.BatchNorm2d(outward), nn.Dropout2d(dropout))
