"""ARMS Net and the U-Nets of its ablation study, all one class.

Source: Wang et al. 2021, "ARMS Net: Overlapping chromosome segmentation based on Adaptive Receptive field Multi-Scale network",
Biomed. Signal Process. Control 68, 102811; systems specification 2. The paper prints no parameter counts and no code was released;
order of layers, dropouts and up-sampling are those of public scripts of the same group, the number of convolutions is our reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import lookup, problem
from karyokit.networks.blocks.atrous_branches import ACTIVATIONS, AMAC, DAC
from karyokit.networks.blocks.context_pooling import ASSP, PPM
from karyokit.networks.blocks.keras_order import KerasConvolution, draw_glorot_weights, keras_convolutions, set_norm_momentum
from karyokit.networks.blocks.residual_path import residual_path
from karyokit.networks.blocks.widths import scaled_width


@dataclass(frozen=True)
class ArmsOptions:
    """Everything in which the networks of the paper, and the readings of it, differ. The defaults are ARMS Net.

    ``pools``: 3, 4 or 5 in Table 3. ``widths``: channels per level, empty for 64 doubled at every pool. ``bottom_width``: channels
    below the last pool, 0 for those of the last level (1024 is the classic U-Net; then ``first`` must be ``conv``).
    ``convs_per_level``: of the encoder, one number or one per level (a script of the group has 3 at the third); ``decoder_convs`` likewise
    for all levels up. ``first`` and ``second``: the two modules at the bottom, names of ``FIRST`` and ``SECOND``. ``skip``: ``plain`` or
    ``respath`` of a ``respath_style`` (``arms``, ``multires``). ``skip_tap``: skips leave after the last ReLU of a level
    (``activation``, as in the scripts) or after the batch norm behind it (``norm``). ``rate_mode``: rates from ``nominal_size``, the side
    (or rows and columns) of the picture in training (``fixed``), or from each map (``dynamic``). ``enlarge``: the network sees pictures so
    many times as large, and its logits are averaged back; 2 makes the 256x256 of Table 5 out of 128x128. ``amac_activation`` and
    ``dac_activation``: ``none`` or ``relu`` at the end of a branch; ``assp_channels``: channels of each pool. Dropout after the first
    pool, at all other levels but the last one up, and in modules and skips. ``norm_momentum``: share of a batch in batch norm's running
    statistics; runs of under 500 steps want more.
    """

    inputs: int = 1
    outputs: int = 4
    width_mult: float = 1.0
    pools: int = 4
    widths: Sequence[int] = ()
    bottom_width: int = 0
    convs_per_level: int | Sequence[int] = 2
    decoder_convs: int = 2
    first: str = "amac"
    second: str = "assp"
    skip: str = "respath"
    respath_style: str = "arms"
    skip_tap: Literal["activation", "norm"] = "activation"
    rate_mode: Literal["fixed", "dynamic"] = "fixed"
    nominal_size: int | Sequence[int] = 128
    enlarge: int = 1
    amac_activation: str = "none"
    dac_activation: str = "none"
    assp_channels: int = 1
    first_dropout: float = 0.25
    dropout: float = 0.5
    module_dropout: float = 0.2
    norm_momentum: float = 0.01

    @property
    def map_size(self) -> tuple[int, int]:
        """Rows and columns below the last pool for a picture of the nominal size."""
        size = self.nominal_size
        rows, columns = (size, size) if isinstance(size, int) else size
        return -(-rows // 2**self.pools), -(-columns // 2**self.pools)

    @property
    def level_widths(self) -> tuple[int, ...]:
        """Scaled channels of each level from the top, then those of the bottom."""
        widths = list(self.widths) or [64 * 2**level for level in range(self.pools)]
        return tuple(scaled_width(width, self.width_mult, least=4) for width in [*widths, self.bottom_width or widths[-1]])

    @property
    def encoder_convs(self) -> tuple[int, ...]:
        """Convolutions of each level of the encoder."""
        counts = self.convs_per_level
        return (counts,) * self.pools if isinstance(counts, int) else tuple(counts)


def widening(inward: int, outward: int, options: ArmsOptions) -> nn.Module:
    """A standard convolution to the width of the bottom."""
    del options
    return KerasConvolution(inward, outward)


def amac(channels: int, _: int, options: ArmsOptions) -> nn.Module:
    """AMAC for the nominal map."""
    act, dynamic = lookup(ACTIVATIONS, options.amac_activation, "amac_activation"), options.rate_mode == "dynamic"
    return AMAC(channels, size=options.map_size, dynamic=dynamic, activation=act, dropout=options.module_dropout)


def dac(channels: int, _: int, options: ArmsOptions) -> nn.Module:
    """DAC as the authors re-made it."""
    return DAC(channels, activation=lookup(ACTIVATIONS, options.dac_activation, "dac_activation"), dropout=options.module_dropout)


def assp(channels: int, options: ArmsOptions) -> tuple[nn.Module, int]:
    """ASSP for the nominal map, and the channels that leave it."""
    pooling = ASSP(
        channels,
        size=options.map_size,
        dynamic=options.rate_mode == "dynamic",
        squeeze=options.assp_channels,
        dropout=options.module_dropout,
    )
    return pooling, pooling.outputs


def ppm(channels: int, options: ArmsOptions) -> tuple[nn.Module, int]:
    """PPM, and the channels that leave it."""
    pooling = PPM(channels, squeeze=options.assp_channels, dropout=options.module_dropout)
    return pooling, pooling.outputs


def convolution(channels: int, options: ArmsOptions) -> tuple[nn.Module, int]:
    """A standard convolution, and the channels that leave it."""
    del options
    return KerasConvolution(channels, channels), channels


FIRST: dict[str, Callable[[int, int, ArmsOptions], nn.Module]] = {"conv": widening, "amac": amac, "dac": dac}
"""First module at the bottom, from the last level's channels to the bottom's; only ``conv`` can change their number."""
SECOND: dict[str, Callable[[int, ArmsOptions], tuple[nn.Module, int]]] = {"conv": convolution, "assp": assp, "ppm": ppm}
"""Second module at the bottom."""


class EncoderLevel(nn.Module):
    """(n, inward, rows, columns) -> the skip (n, outward, rows, columns) and the map (n, outward, rows / 2, columns / 2) below."""

    def __init__(self, inward: int, outward: int, count: int, *, tap: str, dropout: float) -> None:
        super().__init__()
        *before, self.last = keras_convolutions(inward, outward, count)
        self.before, self.dropout = nn.Sequential(*before), nn.Dropout(dropout)
        self.tap_activation = lookup({"activation": True, "norm": False}, tap, "skip_tap")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        activated = self.last.activated(self.before(x))
        normed = self.last.norm(activated)
        return (activated if self.tap_activation else normed), self.dropout(functional.max_pool2d(normed, 2))


class ArmsNet(nn.Module):
    """(n, inputs, rows, columns) float -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride`` = 2 ** pools.

    The authors feed grey values 0..255 as they are, the first batch norm taking them up; 0..1 does as well. Their output is the
    sigmoid of each channel: 0 background, 1 alpha only, 2 beta only, 3 overlap. An empty batch gives an empty batch in evaluation.
    Raises ``ValueError`` for options that do not fit together or an unknown name.
    """

    def __init__(self, options: ArmsOptions) -> None:
        super().__init__()
        _require_fitting(options)
        *widths, bottom = options.level_widths
        self.stride, self.enlarge = 2**options.pools, options.enlarge
        self.encoder = nn.ModuleList(_encoder(widths, options))
        self.first = FIRST[options.first](widths[-1], bottom, options)
        self.second, leaving = SECOND[options.second](bottom, options)
        skips = [_skip(width, level, options) for level, width in enumerate(widths)]
        self.paths = nn.ModuleList(path for path, _ in skips)
        arriving = [b + skip for b, (_, skip) in zip([*widths[1:], leaving], skips, strict=True)]
        self.decoder = nn.ModuleList(_decoder(arriving, widths, options))
        self.head = nn.Conv2d(widths[0], options.outputs, 1)
        draw_glorot_weights(self)
        set_norm_momentum(self, options.norm_momentum)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        if self.enlarge > 1:
            x = functional.interpolate(x, scale_factor=float(self.enlarge), mode="bilinear", align_corners=False)
        for level in self.encoder:
            skip, x = level(x)
            skips.append(skip)
        x = self.second(self.first(x))
        for skip, path, block in zip(reversed(skips), reversed(self.paths), reversed(self.decoder), strict=True):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(torch.cat([path(skip), x], dim=1))
        return functional.avg_pool2d(self.head(x), self.enlarge) if self.enlarge > 1 else self.head(x)


def _require_fitting(options: ArmsOptions) -> None:
    lookup(FIRST, options.first, "first")
    lookup(SECOND, options.second, "second")
    lookup({"fixed": 0, "dynamic": 1}, options.rate_mode, "rate_mode")
    lookup({"plain": 0, "respath": 1}, options.skip, "skip")
    if options.pools < 1 or len(options.level_widths) != options.pools + 1 or len(options.encoder_convs) != options.pools:
        got = f"{options.pools} pools, widths {tuple(options.widths)}, convs_per_level {options.convs_per_level}"
        raise ValueError(problem("widths and convs_per_level", "have one value per pool", got, "Leave them out for the published ones."))
    if min(*options.encoder_convs, options.decoder_convs, options.enlarge) < 1:
        got = f"{options.convs_per_level}, {options.decoder_convs} and {options.enlarge}"
        raise ValueError(problem("convs_per_level, decoder_convs and enlarge", "be at least 1", got, "Use 2, 2 and 1."))
    if options.first != "conv" and options.level_widths[-1] != options.level_widths[-2]:
        got = f"{options.bottom_width} with first={options.first!r}"
        raise ValueError(problem("bottom_width", "be 0 or the last of `widths` unless `first` is 'conv'", got, "Leave it 0."))


def _encoder(widths: Sequence[int], options: ArmsOptions) -> list[nn.Module]:
    plan = zip(pairwise([options.inputs, *widths]), options.encoder_convs, strict=True)
    return [
        EncoderLevel(a, b, count, tap=options.skip_tap, dropout=options.dropout if level else options.first_dropout)
        for level, ((a, b), count) in enumerate(plan)
    ]


def _skip(width: int, level: int, options: ArmsOptions) -> tuple[nn.Module, int]:
    """The connection at a level and its channels: half the level's, in blocks that grow fewer with depth (Table 1)."""
    if options.skip == "plain":
        return nn.Identity(), width
    half, blocks = max(2, width // 2), options.pools - level
    return residual_path(width, half, blocks, style=options.respath_style, dropout=options.module_dropout), half


def _decoder(arriving: Sequence[int], widths: Sequence[int], options: ArmsOptions) -> list[nn.Module]:
    """One block per level from the top; all but the topmost with dropout."""
    return [
        nn.Sequential(*keras_convolutions(a, b, options.decoder_convs), nn.Dropout(options.dropout if level else 0.0))
        for level, (a, b) in enumerate(zip(arriving, widths, strict=True))
    ]


def arms_net(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """ARMS Net, and with the plain loss UNet (AAR): AMAC, ASSP, residual paths. ``options`` are fields of :class:`ArmsOptions`."""
    return ArmsNet(ArmsOptions(width_mult=width_mult, **options))


def arms_unet(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """UNet of Table 2: two convolutions at the bottom, plain skips."""
    return arms_net(width_mult=width_mult, **{"first": "conv", "second": "conv", "skip": "plain"} | options)


def arms_unet_r(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """UNet (R): residual paths."""
    return arms_net(width_mult=width_mult, **{"first": "conv", "second": "conv"} | options)


def arms_unet_pr(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """UNet (PR): PPM, residual paths."""
    return arms_net(width_mult=width_mult, **{"first": "conv", "second": "ppm"} | options)


def arms_unet_ar(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """UNet (AR): ASSP, residual paths."""
    return arms_net(width_mult=width_mult, **{"first": "conv"} | options)


def arms_unet_dar(*, width_mult: float = 1.0, **options: Any) -> ArmsNet:
    """UNet (DAR): DAC, ASSP, residual paths."""
    return arms_net(width_mult=width_mult, **{"first": "dac"} | options)
