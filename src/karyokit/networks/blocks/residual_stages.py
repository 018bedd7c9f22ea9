"""The convolutional stages of a ResNet from torchvision's blocks, at any width, with strides traded for dilation."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

WIDTHS = (64, 128, 256, 512)
DEPTHS: dict[str, tuple[type[BasicBlock | Bottleneck], tuple[int, ...]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
}


class ResidualStages(nn.Module):
    """(n, inputs, rows, columns) -> the maps after each of the four stages, at strides 4, 8, 16, 32 where nothing is dilated.

    ``name`` is one of :data:`DEPTHS`; ``dilated`` says for each stage by how much its convolutions are spread instead of halving the
    map (1 keeps the stride). Random starting weights as in He et al. 2016; ``channels`` are those of the four maps.
    """

    def __init__(self, name: str, inputs: int = 1, *, widths: Sequence[int] = WIDTHS, dilated: Sequence[int] = (1, 1, 1, 1)) -> None:
        super().__init__()
        block, depths = DEPTHS[name]
        opening = nn.Conv2d(inputs, widths[0], 7, 2, 3, bias=False)
        self.opening = nn.Sequential(opening, nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        self.channels = [width * block.expansion for width in widths]
        before = [widths[0], *self.channels[:-1]]
        strides = [2 if level and rate == 1 else 1 for level, rate in enumerate(dilated)]
        plans = zip(before, widths, depths, strides, dilated, strict=True)
        self.stages = nn.ModuleList(
            _stage(block, a, width, depth=depth, stride=stride, dilation=rate) for a, width, depth, stride, rate in plans
        )
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.opening(x)
        maps: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def _stage(block: type[BasicBlock | Bottleneck], inward: int, width: int, *, depth: int, stride: int, dilation: int) -> nn.Sequential:
    outward = width * block.expansion
    shortcut = None
    if stride != 1 or inward != outward:
        shortcut = nn.Sequential(nn.Conv2d(inward, outward, 1, stride, bias=False), nn.BatchNorm2d(outward))
    first = block(inward, width, stride, shortcut, dilation=dilation)
    return nn.Sequential(first, *(block(outward, width, dilation=dilation) for _ in range(1, depth)))
