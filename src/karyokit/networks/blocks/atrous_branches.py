"""Parallel dilated convolutions added to their input: AMAC of ARMS Net, DAC of CE-Net.

Sources: Wang et al. 2021, 3.2.1 and Fig. 4; Gu et al. 2019 (CE-Net); systems specification 2.2 and 2.7.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.adaptive_rates import adaptive_dilations
from karyokit.networks.blocks.keras_order import keras_norm

Activation = Callable[[Tensor], Tensor]
DAC_DILATIONS = ((1,), (3,), (1, 3), (1, 3, 5))
"""Dilations along each branch of DAC; its receptive fields are 3, 7, 9 and 19."""
_LOG = logging.getLogger(__name__)


def unchanged(x: Tensor) -> Tensor:
    """No activation."""
    return x


ACTIVATIONS: dict[str, Activation] = {"none": unchanged, "relu": functional.relu}
"""What a branch ends in."""


class AMAC(nn.Module):
    """(n, channels, rows, columns) -> the same shape: BN of x + the sum of four dilated branches, then dropout.

    A branch is a 3x3 convolution of its dilation, followed by a 1x1 convolution where the dilation is above 1. The paper calls the
    1x1 a "linear correction"; ``activation`` (``unchanged`` or ReLU, at the end of every branch) covers the other reading.
    Dilations follow :func:`adaptive_dilations` of ``size``, the nominal (rows, columns) of the map; with ``dynamic`` they are found anew
    for every map, while the branches that have a 1x1 convolution stay those of ``size``, since weights cannot come and go.
    """

    def __init__(
        self, channels: int, *, size: tuple[int, int], dynamic: bool = False, activation: Activation = unchanged, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.dilations, self.dynamic, self.activation = adaptive_dilations(*size), dynamic, activation
        if max(self.dilations) >= max(size):
            _LOG.info("of dilations %s on maps of %s, the larger ones see the centre only", self.dilations, size)
        self.wide = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in self.dilations)
        self.narrow = nn.ModuleList(nn.Conv2d(channels, channels, 1) if rate > 1 else nn.Identity() for rate in self.dilations)
        self.finish = nn.Sequential(keras_norm(channels), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        dilations = adaptive_dilations(x.shape[-2], x.shape[-1]) if self.dynamic else self.dilations
        total = x
        for rate, wide, narrow in zip(dilations, self.wide, self.narrow, strict=True):
            assert isinstance(wide, nn.Conv2d)
            spread = functional.conv2d(x, wide.weight, wide.bias, padding=rate, dilation=rate)
            total = total + self.activation(narrow(spread))
        return self.finish(total)


class DAC(nn.Module):
    """(n, channels, rows, columns) -> the same shape: BN of x + four branches with weights of their own, then dropout.

    The ARMS authors' form for UNet (DAR). Branches are chains of 3x3 convolutions of :data:`DAC_DILATIONS`, all but the first closed by a
    1x1 convolution; ``activation`` ends every branch (CE-Net has ReLU there, this form none).
    """

    def __init__(self, channels: int, *, activation: Activation = unchanged, dropout: float = 0.2) -> None:
        super().__init__()
        self.activation = activation
        self.branches = nn.ModuleList(_chain(channels, dilations) for dilations in DAC_DILATIONS)
        self.finish = nn.Sequential(keras_norm(channels), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(x + torch.stack([self.activation(branch(x)) for branch in self.branches]).sum(dim=0))


def _chain(channels: int, dilations: Sequence[int]) -> nn.Sequential:
    wide = [nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate) for rate in dilations]
    return nn.Sequential(*wide, *([] if tuple(dilations) == (1,) else [nn.Conv2d(channels, channels, 1)]))


class SharedDAC(nn.Module):
    """(n, channels, rows, columns) -> the same shape: x + four branches that share their convolutions, ReLU after each.

    CE-Net's own form: one 3x3 convolution each of dilation 1, 3 and 5, one 1x1 convolution, no normalisation.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.near, self.middle, self.far = (nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate) for rate in (1, 3, 5))
        self.narrow = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        near = self.near(x)
        linked = self.middle(near)
        narrow = (self.narrow(branch) for branch in (self.middle(x), linked, self.far(linked)))
        return x + sum((functional.relu(branch) for branch in narrow), functional.relu(near))
