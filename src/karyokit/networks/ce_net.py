"""CE-Net: a ResNet-34 encoder, dense dilated convolutions and pools of several sizes at the bottom, a light decoder.

Source: Gu et al. 2019, IEEE Trans. Med. Imaging 38, 2281-2292; baseline of ARMS Net, whose authors re-made it for 128x128 without
loaded weights (systems specification 7.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.networks.blocks.atrous_branches import DAC, SharedDAC
from karyokit.networks.blocks.context_pooling import RMP, cropping_max_pool
from karyokit.networks.blocks.keras_order import draw_glorot_weights
from karyokit.networks.blocks.residual_stages import WIDTHS, ResidualStages
from karyokit.networks.blocks.same_pooling import same_max_pool
from karyokit.networks.blocks.widths import scaled_widths


@dataclass(frozen=True)
class Form:
    """What the two forms put at the bottom, and how weights start."""

    dense: Callable[[int], nn.Module]
    pool: Callable[[Tensor, int, int], Tensor]
    start: Callable[[nn.Module], None]


def as_built(network: nn.Module) -> None:
    """Leave the starting weights as the layers drew them."""
    del network


FORMS: dict[str, Form] = {
    "official": Form(SharedDAC, cropping_max_pool, as_built),
    "remake": Form(DAC, same_max_pool, draw_glorot_weights),
}
"""``official``: branches share convolutions, pools leave out a rest. ``remake``: branches of their own, batch norm and dropout, pools that
see every pixel, Glorot weights. Of the re-make, stem, stages, modules and the kind of decoder are known; the rest is our reading."""


class CENet(nn.Module):
    """(n, inputs, rows, columns) -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride`` = 32.

    ``form`` is a name of :data:`FORMS`. Skips are added, not stacked. CE-Net was made for 448x448 and starts from weights of ImageNet;
    none are loaded here. At 128x128 the bottom is 4x4, smaller than the pools of 5 and 6 and than every dilated kernel: pools shrink to
    the map in the official form. ``width_mult`` scales all widths, at least 4. An unknown form is a ``ValueError``.
    """

    stride = 32

    def __init__(self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, form: str = "official") -> None:
        super().__init__()
        chosen = lookup(FORMS, form, "form")
        widths = scaled_widths(WIDTHS, width_mult, least=4)
        self.encoder = ResidualStages("resnet34", inputs, widths=widths)
        self.dense, self.pools = chosen.dense(widths[-1]), RMP(widths[-1], pool=chosen.pool)
        leaving = [self.pools.outputs, *widths[-2::-1], widths[0]]
        self.decoder = nn.ModuleList(decoder_block(a, b) for a, b in pairwise(leaving))
        half = max(2, widths[0] // 2)
        self.head = nn.Sequential(
            nn.ConvTranspose2d(widths[0], half, 4, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, half, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, outputs, 3, padding=1),
        )
        chosen.start(self)

    def forward(self, x: Tensor) -> Tensor:
        *skips, x = self.encoder(x)  # maps at 1/4, 1/8, 1/16; then 1/32
        x = self.pools(self.dense(x))
        for level, block in enumerate(self.decoder):
            x = block(x)  # twice the size
            x = x + skips[-1 - level] if level < len(skips) else x
        return self.head(x)


def decoder_block(inward: int, outward: int) -> nn.Sequential:
    """(n, inward, rows, columns) -> (n, outward, 2 rows, 2 columns): 1x1 to a quarter, 3x3 transposed, 1x1; each with BN and ReLU."""
    quarter = max(1, inward // 4)
    return nn.Sequential(
        nn.Conv2d(inward, quarter, 1),
        nn.BatchNorm2d(quarter),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(quarter, quarter, 3, stride=2, padding=1, output_padding=1),
        nn.BatchNorm2d(quarter),
        nn.ReLU(inplace=True),
        nn.Conv2d(quarter, outward, 1),
        nn.BatchNorm2d(outward),
        nn.ReLU(inplace=True),
    )
