"""UNet++ as AMFL's generator: U-Nets of every depth, joined by dense skip connections.

Mei et al. 2021/22 (AMFL), section II.A, after Zhou et al. 2020. Equation 1 of AMFL enlarges the maps of the node's own level and
equation 2 counts f(i)*j + f(i) input channels; only f(i)*j + f(i+1), with the map from below enlarged, gives the 36.63M
parameters of its Table IV, and that is built here (systems specification 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.biased_convolution import biased_double_convolution
from karyokit.networks.blocks.initialisation import draw_normal_weights
from karyokit.networks.blocks.widths import scaled_widths

WIDTHS = (64, 128, 256, 512, 1024)


class NestedUNet(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    Node (i, j) lies at level i (size halved i times), j steps to the right of the encoder, which is j = 0. It reads every node to
    its left and the enlarged node (i + 1, j - 1). ``align_corners`` and ``spread`` (starting weights, ``None`` for PyTorch's own)
    follow the authors' code. The authors take no deep supervision: the last node of the top level alone is read.
    """

    def __init__(
        self,
        inputs: int = 1,
        outputs: int = 4,
        *,
        width_mult: float = 1.0,
        widths: Sequence[int] = WIDTHS,
        align_corners: bool = True,
        spread: float | None = 0.02,
    ) -> None:
        super().__init__()
        self.widths = scaled_widths(widths, width_mult)
        self.align_corners = align_corners
        self.stride = 2 ** (len(self.widths) - 1)
        channels = node_channels(self.widths, inputs)
        self.nodes = nn.ModuleDict({f"{i}_{j}": biased_double_convolution(channels[i, j], self.widths[i]) for i, j in channels})
        self.head = nn.Conv2d(self.widths[0], outputs, 1)
        draw_normal_weights(self, spread)

    def forward(self, x: Tensor) -> Tensor:
        levels = [[x] for x in self._encoder(x)]
        for j in range(1, len(levels)):
            for i in range(len(levels) - j):
                below = functional.interpolate(levels[i + 1][j - 1], scale_factor=2.0, mode="bilinear", align_corners=self.align_corners)
                levels[i].append(self.nodes[f"{i}_{j}"](torch.cat([*levels[i], below], dim=1)))
        return self.head(levels[0][-1])

    def _encoder(self, x: Tensor) -> list[Tensor]:
        maps: list[Tensor] = []
        for i in range(len(self.widths)):
            x = self.nodes[f"{i}_0"](functional.max_pool2d(x, 2) if i else x)
            maps.append(x)
        return maps


def node_channels(widths: Sequence[int], inputs: int) -> dict[tuple[int, int], int]:
    """Input channels of every node (level, step); the encoder comes first.

    >>> node_channels((64, 128, 256), 1)
    {(0, 0): 1, (1, 0): 64, (2, 0): 128, (0, 1): 192, (1, 1): 384, (0, 2): 256}
    """
    channels = {(i, 0): before for i, before in enumerate((inputs, *widths[:-1]))}
    for j in range(1, len(widths)):
        channels |= {(i, j): widths[i] * j + widths[i + 1] for i in range(len(widths) - j)}
    return channels
