"""AMFL's discriminator: judges overlapping patches of a picture together with its label map.

Mei et al. 2021/22, section II.A.2, after PatchGAN of Isola et al. 2017. The paper allots six strides to five layers; 2, 2, 2, 1, 1 of the
authors' code gives the 19x19 map of 70-pixel patches for 128x128 (systems specification 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from karyokit.networks.blocks.initialisation import draw_normal_weights
from karyokit.networks.blocks.widths import scaled_widths

WIDTHS = (64, 128, 256, 512)
STRIDES = (2, 2, 2, 1, 1)


class PatchDiscriminator(nn.Module):
    """Picture (n, inputs, rows, columns) and class map (n, classes, rows, columns) in 0..1 -> (n, 1, patch rows, patch columns) scores.

    The map is one-hot truth or a softmax. A score near 1 says "real". ``d_sigmoid`` brings scores into 0..1, as paper and code do,
    though least-squares GANs usually leave them free; ``batch_norm`` on layers 2 to 4 is in the code, not in the paper.
    Any size from 1x1 up will do.
    """

    def __init__(
        self,
        inputs: int = 1,
        classes: int = 4,
        *,
        width_mult: float = 1.0,
        d_sigmoid: bool = True,
        batch_norm: bool = True,
        spread: float | None = 0.02,
    ) -> None:
        super().__init__()
        self.d_sigmoid = d_sigmoid
        widths = (inputs + classes, *scaled_widths(WIDTHS, width_mult))
        layers = [
            _layer(a, b, stride=stride, batch_norm=batch_norm and level > 0)
            for level, ((a, b), stride) in enumerate(zip(pairwise(widths), STRIDES[:-1], strict=True))
        ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, STRIDES[-1], 2))
        draw_normal_weights(self, spread)

    def forward(self, picture: Tensor, class_map: Tensor) -> Tensor:
        scores = self.layers(torch.cat([picture, class_map], dim=1))
        return torch.sigmoid(scores) if self.d_sigmoid else scores


def _layer(inward: int, outward: int, *, stride: int, batch_norm: bool) -> nn.Sequential:
    convolution = nn.Conv2d(inward, outward, 4, stride, 2)
    norm: Sequence[nn.Module] = [nn.BatchNorm2d(outward)] if batch_norm else []
    return nn.Sequential(convolution, *norm, nn.LeakyReLU(0.2, inplace=True))
