"""BiSeNetV2: a shallow branch for detail, a deep narrow one for meaning, each guiding the other; one of AMFL's baselines.

Yu et al. 2020 (arXiv 2004.02147), Table 1 and figures 4 to 6. The extra heads that the original has in training are left out: AMFL
says nothing of them, and every baseline there is trained with one loss.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.normed_convolution import normed_convolution
from karyokit.networks.blocks.widths import scaled_width

DETAIL = ((64, 2), (64, 1), (64, 2), (64, 1), (64, 1), (128, 2), (128, 1), (128, 1))
"""Width and stride of the 3x3 convolutions of the detail branch."""
SEMANTIC = ((32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1))
"""Width and stride of the gather-and-expand layers after the stem of 16 channels."""


class BiSeNetV2(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    ``head`` is the width of the last 3x3 convolution, ``expansion`` that of the gather-and-expand layers. Training needs two pictures
    or more in a batch: the context layer normalises one value per channel and picture.
    """

    def __init__(
        self,
        inputs: int = 1,
        outputs: int = 4,
        *,
        width_mult: float = 1.0,
        expansion: int = 6,
        head: int = 1024,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.stride = 32
        stem, width = scaled_width(16, width_mult), scaled_width(128, width_mult)
        self.detail = _detail_branch(inputs, width_mult)
        self.semantic = nn.Sequential(Stem(inputs, stem), *_gathering(stem, width_mult, expansion), Context(width))
        self.guide = GuidedAggregation(width)
        wide = scaled_width(head, width_mult)
        self.head = nn.Sequential(normed_convolution(width, wide), nn.Dropout(dropout), nn.Conv2d(wide, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        logits = self.head(self.guide(self.detail(x), self.semantic(x)))
        return functional.interpolate(logits, size=x.shape[2:], mode="bilinear", align_corners=False)


class Stem(nn.Module):
    """Quarter size: a strided convolution, then a narrowed strided one beside a maximum."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.first = normed_convolution(inputs, width, stride=2)
        half = max(1, width // 2)
        self.narrow = nn.Sequential(normed_convolution(width, half, 1), normed_convolution(half, width, stride=2))
        self.mix = normed_convolution(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.mix(torch.cat([self.narrow(x), functional.max_pool2d(x, 3, 2, 1)], dim=1))


class GatherExpand(nn.Module):
    """3x3 convolution, expansion by a depthwise one, 1x1 back, beside a shortcut; with stride 2 a second depthwise one each side."""

    def __init__(self, inward: int, outward: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inward * expansion
        expand = [normed_convolution(inward, wide, stride=stride, groups=inward, relu=stride == 1)]
        again = [normed_convolution(wide, wide, groups=wide)] if stride == 2 else []
        self.branch = nn.Sequential(normed_convolution(inward, inward), *expand, *again, normed_convolution(wide, outward, 1, relu=False))
        halve = normed_convolution(inward, inward, stride=2, groups=inward, relu=False)
        strided = nn.Sequential(halve, normed_convolution(inward, outward, 1, relu=False))
        self.shortcut = strided if stride == 2 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.branch(x) + self.shortcut(x))


class Context(nn.Module):
    """Adds the mean over the picture to every pixel, then a 3x3 convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.whole = nn.Sequential(nn.BatchNorm2d(width), normed_convolution(width, width, 1))
        self.mix = normed_convolution(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(x + self.whole(x.mean(dim=(2, 3), keepdim=True)))


class GuidedAggregation(nn.Module):
    """Each branch gates the other at its own resolution; the sum has the detail branch's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.detail_kept = _separable(width)
        self.detail_small = nn.Sequential(normed_convolution(width, width, stride=2, relu=False), nn.AvgPool2d(3, 2, 1))
        self.gate_large = normed_convolution(width, width, relu=False)
        self.gate_small = _separable(width)
        self.mix = normed_convolution(width, width)

    def forward(self, detail: Tensor, semantic: Tensor) -> Tensor:
        size = detail.shape[2:]
        large = self.detail_kept(detail) * torch.sigmoid(_enlarged(self.gate_large(semantic), size))
        small = self.detail_small(detail) * torch.sigmoid(self.gate_small(semantic))
        return self.mix(large + _enlarged(small, size))


def _enlarged(x: Tensor, size: torch.Size) -> Tensor:
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


def _separable(width: int) -> nn.Sequential:
    return nn.Sequential(normed_convolution(width, width, groups=width, relu=False), nn.Conv2d(width, width, 1, bias=False))


def _detail_branch(inputs: int, width_mult: float) -> nn.Sequential:
    layers, before = [], inputs
    for width, stride in DETAIL:
        after = scaled_width(width, width_mult)
        layers.append(normed_convolution(before, after, stride=stride))
        before = after
    return nn.Sequential(*layers)


def _gathering(before: int, width_mult: float, expansion: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width, stride in SEMANTIC:
        after = scaled_width(width, width_mult)
        layers.append(GatherExpand(before, after, stride=stride, expansion=expansion))
        before = after
    return layers
