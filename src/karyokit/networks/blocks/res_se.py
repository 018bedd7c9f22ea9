"""Residual blocks, plain and with squeeze-and-excitation. Source: RSE-UNet (2023), 2.3, Figures 3 and 4."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.normed_convolution import normed_convolution
from karyokit.networks.blocks.squeeze_excitation import SqueezeExcitation


class ResidualBlock(nn.Module):
    """(n, inward, rows, columns) -> (n, outward, rows, columns): two 3x3 convolutions beside a shortcut.

    ``squeeze`` scales the channels of the second convolution before the sum (ResSE). The shortcut is a 1x1 convolution with batch
    normalisation where the widths differ. The paper's text has a ReLU after each convolution and names none after the sum, its
    figures are lost: ``post_act=True`` reads the second ReLU as the one after the sum, as in residual networks; ``False`` is the text.
    """

    def __init__(self, inward: int, outward: int, *, squeeze: bool = True, post_act: bool = True) -> None:
        super().__init__()
        self.post_act = post_act
        self.first = normed_convolution(inward, outward)
        self.second = normed_convolution(outward, outward, relu=False)
        self.scale = SqueezeExcitation(outward) if squeeze else nn.Identity()
        self.shortcut = nn.Identity() if inward == outward else normed_convolution(inward, outward, 1, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        new = self.second(self.first(x))
        if self.post_act:
            return functional.relu(self.scale(new) + self.shortcut(x))
        return self.scale(functional.relu(new)) + self.shortcut(x)
