"""Skip connections as chains of residual blocks. Source: Wang et al. 2021 (ARMS Net), 3.3 and Table 1; Ibtehaz and Rahman 2020."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import lookup
from karyokit.networks.blocks.keras_order import keras_norm


class ArmsPathBlock(nn.Module):
    """(n, inward, rows, columns) -> (n, outward, rows, columns): a = ReLU(3x3 of x), b = ReLU(1x1 of a), dropout of BN of a + b."""

    def __init__(self, inward: int, outward: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Conv2d(inward, outward, 3, padding=1), nn.Conv2d(outward, outward, 1)
        self.finish = nn.Sequential(keras_norm(outward), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        wide = functional.relu(self.wide(x))
        return self.finish(wide + functional.relu(self.narrow(wide)))


class MultiResPathBlock(nn.Module):
    """The same shapes as MultiResUNet has it: BN of ReLU of (ReLU of BN of 3x3 of x) + (BN of 1x1 of x), then dropout.

    Here the 1x1 convolution is a shortcut from the block's input, while in :class:`ArmsPathBlock` it follows the 3x3.
    """

    def __init__(self, inward: int, outward: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.wide, self.wide_norm = nn.Conv2d(inward, outward, 3, padding=1), keras_norm(outward)
        self.narrow, self.narrow_norm = nn.Conv2d(inward, outward, 1), keras_norm(outward)
        self.finish = nn.Sequential(keras_norm(outward), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        wide = functional.relu(self.wide_norm(self.wide(x)))
        return self.finish(functional.relu(wide + self.narrow_norm(self.narrow(x))))


BLOCKS: dict[str, Callable[[int, int, float], nn.Module]] = {"arms": ArmsPathBlock, "multires": MultiResPathBlock}


def residual_path(inward: int, outward: int, blocks: int, *, style: str = "arms", dropout: float = 0.2) -> nn.Sequential:
    """(n, inward, rows, columns) -> (n, outward, rows, columns) through ``blocks`` blocks of a ``style`` of :data:`BLOCKS`."""
    block = lookup(BLOCKS, style, "respath_style")
    return nn.Sequential(*(block(outward if position else inward, outward, dropout) for position in range(blocks)))
