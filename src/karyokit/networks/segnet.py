"""SegNet: encoder of VGG-16, decoder that puts values back where the pools took their maxima. Source: Badrinarayanan et al. 2017."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.biased_convolution import biased_convolution
from karyokit.networks.blocks.widths import scaled_widths

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Width and number of 3x3 convolutions of each stage of VGG-16 before its linear layers."""


class SegNet(nn.Module):
    """(n, inputs, rows, columns) -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride`` = 32.

    Every stage of the encoder ends in a 2x2 max-pool whose places are kept; the decoder mirrors it, un-pools to those places (zero
    elsewhere) and has no other connection to the encoder. Every convolution has a bias, batch normalisation and ReLU but the last,
    which gives the logits. ``width_mult`` scales all widths. No weights of ImageNet are loaded: the paper starts from
    them, the pictures here have one channel.
    """

    stride = 2 ** len(STAGES)

    def __init__(self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0) -> None:
        super().__init__()
        widths = scaled_widths([width for width, _ in STAGES], width_mult)
        before = [inputs, *widths[:-1]]
        counts = [count for _, count in STAGES]
        self.encoder = nn.ModuleList(
            nn.Sequential(*_convolutions([a] + [b] * count)) for a, b, count in zip(before, widths, counts, strict=True)
        )
        after = [widths[0], *widths[:-1]]
        self.decoder = nn.ModuleList(
            nn.Sequential(*_convolutions([b] * count + [a])) for a, b, count in zip(after, widths, counts, strict=True)
        )
        self.decoder[0] = nn.Sequential(*_convolutions([widths[0]] * counts[0]), nn.Conv2d(widths[0], outputs, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        places: list[Tensor] = []
        for stage in self.encoder:
            x, place = functional.max_pool2d(stage(x), 2, return_indices=True)
            places.append(place)
        for level in reversed(range(len(places))):
            x = self.decoder[level](functional.max_unpool2d(x, places[level], (2, 2)))
        return x


def _convolutions(widths: list[int]) -> list[nn.Module]:
    return [biased_convolution(inward, outward) for inward, outward in pairwise(widths)]
