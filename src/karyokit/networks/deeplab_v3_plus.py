"""DeepLabV3+ on a ResNet-101 with plain convolutions, one of AMFL's baselines and generators.

Chen et al. 2018 (ECCV): dilated ResNet at stride 16, five parallel branches of different reach (ASPP), a decoder that adds the maps
of the first stage. AMFL's Table IV counts 59.46M parameters; the decoder of plain 3x3 convolutions comes near, the one of separable
convolutions does not (systems specification 3.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.normed_convolution import normed_convolution
from karyokit.networks.blocks.residual_stages import WIDTHS, ResidualStages
from karyokit.networks.blocks.widths import scaled_width, scaled_widths


class DeepLabV3Plus(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    ``low`` is the number of channels the first stage is narrowed to. Training needs at least two pictures in a batch, because the
    branch that sees the whole picture has one value per channel and picture for its batch norm. Starting weights are random: AMFL
    trains from scratch.
    """

    def __init__(
        self,
        inputs: int = 1,
        outputs: int = 4,
        *,
        width_mult: float = 1.0,
        backbone: str = "resnet101",
        rates: Sequence[int] = (6, 12, 18),
        low: int = 48,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.stride = 16
        width, narrow = scaled_width(256, width_mult), scaled_width(low, width_mult)
        self.backbone = ResidualStages(backbone, inputs, widths=scaled_widths(WIDTHS, width_mult), dilated=(1, 1, 1, 2))
        self.pyramid = AtrousPyramid(self.backbone.channels[-1], width, rates=rates)
        self.narrow = normed_convolution(self.backbone.channels[0], narrow, 1)
        mix = (normed_convolution(width + narrow, width), nn.Dropout(dropout), normed_convolution(width, width), nn.Dropout(dropout))
        self.head = nn.Sequential(*mix, nn.Conv2d(width, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        first, _, _, last = self.backbone(x)
        wide = functional.interpolate(self.pyramid(last), size=first.shape[2:], mode="bilinear", align_corners=False)
        logits = self.head(torch.cat([wide, self.narrow(first)], dim=1))
        return functional.interpolate(logits, size=x.shape[2:], mode="bilinear", align_corners=False)


class AtrousPyramid(nn.Module):
    """A 1x1 convolution, three dilated ones and the mean over the picture, side by side, then mixed to ``width`` channels."""

    def __init__(self, inward: int, width: int, *, rates: Sequence[int]) -> None:
        super().__init__()
        dilated = [normed_convolution(inward, width, dilation=rate) for rate in rates]
        self.branches = nn.ModuleList([normed_convolution(inward, width, 1), *dilated])
        self.whole = normed_convolution(inward, width, 1)
        self.mix = normed_convolution((len(rates) + 2) * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        whole = self.whole(x.mean(dim=(2, 3), keepdim=True)).expand(-1, -1, x.shape[2], x.shape[3])
        return self.mix(torch.cat([*(branch(x) for branch in self.branches), whole], dim=1))
