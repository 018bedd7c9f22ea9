"""ResNet with a feature pyramid, at any width: the picture side of the instance networks.

ResNet: He et al. 2016; feature pyramid: Lin et al. 2017. Blocks and pyramid are torchvision's. Systems specification 6.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.ops import FrozenBatchNorm2d

from karyokit.checks import lookup, problem

Norm = Callable[[int], nn.Module]
PYRAMID_STRIDES = (4, 8, 16, 32, 64)
"""Pixels of the picture per pixel of the maps P2 to P6."""

RESNETS: dict[str, tuple[type[BasicBlock] | type[Bottleneck], tuple[int, int, int, int]]] = {
    "resnet10": (BasicBlock, (1, 1, 1, 1)),
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
}


def group_norm(channels: int) -> nn.Module:
    """GroupNorm with up to 32 groups: as many as divide ``channels``."""
    return nn.GroupNorm(next(groups for groups in (32, 16, 8, 4, 2, 1) if channels % groups == 0), channels)


NORMS: dict[str, Norm] = {"batch": nn.BatchNorm2d, "frozen": FrozenBatchNorm2d, "group": group_norm}
"""``frozen`` never learns and is for loaded weights; ``group`` does not depend on the batch size, for training from scratch."""


class ResidualStages(nn.Module):
    """(n, inputs, rows, columns) -> maps C2 to C5 at strides 4 to 32; ``width`` is the stem's (64 as published).

    Names follow torchvision's ResNet, so that its state dictionaries load at width 64.
    """

    def __init__(self, name: str, *, width: int = 64, norm: str = "batch", inputs: int = 3) -> None:
        super().__init__()
        block, depths = lookup(RESNETS, name, "backbone")
        self.norm = lookup(NORMS, norm, "norm")
        self.channels = [width * 2**level * block.expansion for level in range(4)]
        self.conv1 = nn.Conv2d(inputs, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = self.norm(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        before = [width, *self.channels[:-1]]
        for level, depth in enumerate(depths):
            stage = self._stage(block, before[level], width * 2**level, depth=depth, stride=2 if level else 1)
            self.add_module(f"layer{level + 1}", stage)
        self.apply(_start)

    def _stage(self, block: type[BasicBlock] | type[Bottleneck], inward: int, planes: int, *, depth: int, stride: int) -> nn.Sequential:
        outward = planes * block.expansion
        shortcut = None
        if stride != 1 or inward != outward:
            shortcut = nn.Sequential(nn.Conv2d(inward, outward, 1, stride, bias=False), self.norm(outward))
        first = _block(block, inward, planes, self.norm, stride=stride, shortcut=shortcut)
        return nn.Sequential(first, *(_block(block, outward, planes, self.norm) for _ in range(depth - 1)))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        maps = []
        for level in range(1, 5):
            x = self.get_submodule(f"layer{level}")(x)
            maps.append(x)
        return maps


def _block(
    block: type[BasicBlock] | type[Bottleneck], inward: int, planes: int, norm: Norm, *, stride: int = 1, shortcut: nn.Module | None = None
) -> nn.Module:
    """One residual block; a bottleneck's inner width is ``planes`` at every width."""
    return block(inward, planes, stride, shortcut, norm_layer=norm)


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def residual_pyramid(name: str, *, width_mult: float = 1.0, norm: str = "batch", inputs: int = 3, weights: str = "") -> BackboneWithFPN:
    """Maps P2 to P6 of round(256 * ``width_mult``) channels, in a dictionary from fine to coarse; P6 is every second pixel of P5.

    ``weights`` is a file with the state dictionary of torchvision's ResNet of that name; its classifier is ignored. Raises
    ValueError for an unknown name or norm and for weights of another network, FileNotFoundError for a missing file.
    """
    stages = ResidualStages(name, width=max(4, round(64 * width_mult)), norm=norm, inputs=inputs)
    if weights:
        load_residual_weights(stages, weights)
    return BackboneWithFPN(
        stages,
        return_layers={f"layer{level}": f"P{level + 1}" for level in range(1, 5)},
        in_channels_list=stages.channels,
        out_channels=max(8, round(256 * width_mult)),
    )


def load_residual_weights(stages: ResidualStages, path: str) -> None:
    """Load a state dictionary of torchvision's ResNet from a local file."""
    if not Path(path).is_file():
        do = "Put torchvision's ResNet state dictionary there, or leave `weights` empty to train from scratch."
        raise FileNotFoundError(problem("weights", "be a file", repr(path), do))
    stored = torch.load(path, map_location="cpu", weights_only=True)
    kept = {key: value for key, value in stored.items() if not key.startswith("fc.")}
    wrong = _disagreements(stages.state_dict(), kept)
    if wrong:
        do = "Use the file of the same ResNet, `inputs = 3`, `width_mult = 1` and batch or frozen normalisation."
        raise ValueError(problem("weights", "hold the values of this backbone", f"{len(wrong)} that differ, first {wrong[0]!r}", do))
    stages.load_state_dict(kept, strict=False)


def _disagreements(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> Sequence[str]:
    """Names in only one of the two or of another shape; counters of batch normalisation may be absent."""
    names = sorted(name for name in {*ours, *theirs} if not name.endswith("num_batches_tracked"))
    return [name for name in names if name not in ours or name not in theirs or ours[name].shape != theirs[name].shape]
