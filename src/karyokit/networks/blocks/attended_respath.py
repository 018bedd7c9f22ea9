"""Skip connection as a chain of residual blocks with attention. Source: RSE-UNet (2023), 2.5, Table 1."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import lookup
from karyokit.networks.blocks.cbam import channel_then_spatial
from karyokit.networks.blocks.normed_convolution import normed_convolution


class ResPathBlock(nn.Module):
    """(n, channels, rows, columns) -> the same shape: ReLU of a 3x3 plus a 1x1 convolution of the input, both normalised."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.wide = normed_convolution(channels, channels, relu=False)
        self.narrow = normed_convolution(channels, channels, 1, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.wide(x) + self.narrow(x))


def without_attention(channels: int, blocks: int) -> list[nn.Module]:
    """The residual blocks alone."""
    return [ResPathBlock(channels) for _ in range(blocks)]


def attention_at_the_end(channels: int, blocks: int) -> list[nn.Module]:
    """All blocks, then one channel and one spatial attention."""
    return [*without_attention(channels, blocks), channel_then_spatial(channels)]


def attention_in_every_block(channels: int, blocks: int) -> list[nn.Module]:
    """Channel and spatial attention after each block."""
    return [part for _ in range(blocks) for part in (ResPathBlock(channels), channel_then_spatial(channels))]


ATTENTIONS: dict[str, Callable[[int, int], list[nn.Module]]] = {
    "none": without_attention,
    "end": attention_at_the_end,
    "per_block": attention_in_every_block,
}
"""Where the attentions stand; the paper's figure is lost and its text says only that the path has both."""


def attended_respath(channels: int, blocks: int, *, attention: str = "per_block") -> nn.Sequential:
    """(n, channels, rows, columns) -> the same shape; ``attention`` is a name of :data:`ATTENTIONS`."""
    return nn.Sequential(*lookup(ATTENTIONS, attention, "respath_attention")(channels, blocks))
