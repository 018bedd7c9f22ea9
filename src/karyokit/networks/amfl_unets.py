"""The four U-Nets that AMFL is compared with, and that serve as its other generators: plain, R2, attention, R2 with attention.

Mei et al. 2021/22, Tables I, II and IV; the networks are of Ronneberger et al. 2015, Alom et al. 2019 and Oktay et al. 2018. With one
input and four classes the parameter counts equal the printed 34.53, 39.09, 34.88 and 39.44 million (systems specification 3.5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.attention_gate import AttentionGate
from karyokit.networks.blocks.batch_statistics import keep_batch_statistics
from karyokit.networks.blocks.biased_convolution import biased_convolution, biased_double_convolution
from karyokit.networks.blocks.initialisation import draw_normal_weights
from karyokit.networks.blocks.recurrent_convolution import RecurrentResidualBlock
from karyokit.networks.blocks.widths import scaled_widths

WIDTHS = (64, 128, 256, 512, 1024)


class BlockUNet(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    ``block(inward, outward)`` makes the module of each level on both sides; ``gated`` puts an attention gate on every skip. Maps are
    enlarged by repeating pixels, then a 3x3 convolution with batch norm and ReLU that halves the channels.
    """

    def __init__(
        self,
        block: Callable[[int, int], nn.Module],
        inputs: int = 1,
        *,
        outputs: int = 4,
        gated: bool = False,
        width_mult: float = 1.0,
        widths: Sequence[int] = WIDTHS,
        spread: float | None = 0.02,
    ) -> None:
        super().__init__()
        scaled = scaled_widths(widths, width_mult)
        steps = list(pairwise(scaled))
        self.stride = 2 ** len(steps)
        self.down = nn.ModuleList(block(a, b) for a, b in pairwise((inputs, *scaled)))
        self.enlarge = nn.ModuleList(biased_convolution(b, a) for a, b in steps)
        self.gates = nn.ModuleList(AttentionGate(a, max(1, a // 2)) for a, _ in steps) if gated else None
        self.up = nn.ModuleList(block(2 * a, a) for a, _ in steps)
        self.head = nn.Conv2d(scaled[0], outputs, 1)
        draw_normal_weights(self, spread)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level in reversed(range(len(self.up))):
            x = self.enlarge[level](functional.interpolate(x, scale_factor=2.0, mode="nearest"))
            skip = self.gates[level](x, skips[level]) if self.gates is not None else skips[level]
            x = self.up[level](torch.cat([skip, x], dim=1))
        return self.head(x)


def plain_unet(inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, spread: float | None = 0.02) -> BlockUNet:
    """U-Net with batch norm, 64 to 1024 channels: 34,526,084 parameters. Options as in :class:`BlockUNet`."""
    return BlockUNet(biased_double_convolution, inputs, outputs=outputs, width_mult=width_mult, spread=spread)


def attention_unet(inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, spread: float | None = 0.02) -> BlockUNet:
    """The same with a gate on every skip: 34,877,616 parameters."""
    return BlockUNet(biased_double_convolution, inputs, outputs=outputs, gated=True, width_mult=width_mult, spread=spread)


def r2_unet(inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, bn_eval_batchstats: bool = False, **choices: Any) -> BlockUNet:
    """U-Net of recurrent residual blocks: 39,091,460 parameters.

    ``bn_eval_batchstats`` keeps the batch's own statistics in evaluation, as AMFL's authors did for this network. ``choices`` are
    ``steps`` (2), ``r2_variant`` ("alom", a name of :data:`~karyokit.networks.blocks.recurrent_convolution.R2_VARIANTS`), and
    ``gated`` and ``spread`` of :class:`BlockUNet`.
    """
    block = partial(RecurrentResidualBlock, **{key: choices.pop(key) for key in ("steps", "r2_variant") if key in choices})
    network = BlockUNet(block, inputs, outputs=outputs, width_mult=width_mult, **choices)
    if bn_eval_batchstats:
        keep_batch_statistics(network)
    return network


def r2_attention_unet(inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, **choices: Any) -> BlockUNet:
    """:func:`r2_unet` with a gate on every skip: 39,442,992 parameters."""
    return r2_unet(inputs, outputs, width_mult=width_mult, gated=True, **choices)
