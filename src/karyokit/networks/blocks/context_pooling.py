"""Pools of several sizes beside their input: ASSP of ARMS Net, PPM as its authors compare it, RMP of CE-Net.

Sources: Wang et al. 2021, 3.2.2 and Fig. 5; Zhao et al. 2017 (PSPNet); Gu et al. 2019 (CE-Net); systems specification 2.3 and 2.7.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.adaptive_rates import adaptive_pools
from karyokit.networks.blocks.keras_order import keras_norm
from karyokit.networks.blocks.same_pooling import same_max_pool

RMP_KERNELS = (2, 3, 5, 6)
PPM_KERNELS = (2, 3, 4)
Resize = Callable[[Tensor, tuple[int, int]], Tensor]


def nearest(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Enlarge by repeating pixels."""
    return functional.interpolate(x, size=size, mode="nearest")


def bilinear(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Enlarge by linear interpolation, pixel areas aligned."""
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASSP(nn.Module):
    """(n, channels, rows, columns) -> (n, ``outputs``, rows, columns): three max-pools of stride 2 beside the input.

    Each pool is brought to ``squeeze`` channels (1 as in the authors' code; the paper says only "dimensionally reduced") by a 1x1
    convolution with ReLU and enlarged by repetition; the stack [pools, x] goes through batch norm and dropout. Pool sizes follow
    :func:`adaptive_pools` of ``size``, the nominal (rows, columns) of the map, or with ``dynamic`` of the map itself.
    """

    def __init__(self, channels: int, *, size: tuple[int, int], dynamic: bool = False, squeeze: int = 1, dropout: float = 0.2) -> None:
        super().__init__()
        self.kernels, self.dynamic = adaptive_pools(*size), dynamic
        self.outputs = channels + squeeze * len(self.kernels)
        self.squeeze = nn.ModuleList(nn.Conv2d(channels, squeeze, 1) for _ in self.kernels)
        self.finish = nn.Sequential(keras_norm(self.outputs), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        kernels = adaptive_pools(x.shape[-2], x.shape[-1]) if self.dynamic else self.kernels
        pools = [same_max_pool(x, kernel, 2) for kernel in kernels]
        return self.finish(torch.cat([*_squeezed(pools, self.squeeze, x, nearest), x], dim=1))


class PPM(nn.Module):
    """(n, channels, rows, columns) -> (n, ``outputs``, rows, columns): max-pools whose strides are their sizes 2, 3 and 4.

    All else as in :class:`ASSP`, but enlarged bilinearly.
    """

    def __init__(self, channels: int, *, squeeze: int = 1, dropout: float = 0.2) -> None:
        super().__init__()
        self.outputs = channels + squeeze * len(PPM_KERNELS)
        self.squeeze = nn.ModuleList(nn.Conv2d(channels, squeeze, 1) for _ in PPM_KERNELS)
        self.finish = nn.Sequential(keras_norm(self.outputs), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        pools = [same_max_pool(x, kernel, kernel) for kernel in PPM_KERNELS]
        return self.finish(torch.cat([*_squeezed(pools, self.squeeze, x, bilinear), x], dim=1))


def _squeezed(pools: list[Tensor], layers: nn.ModuleList, x: Tensor, resize: Resize) -> list[Tensor]:
    size = (x.shape[-2], x.shape[-1])
    return [resize(functional.relu(layer(pool)), size) for pool, layer in zip(pools, layers, strict=True)]


def cropping_max_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Max pooling that leaves out the rest at the right and bottom; a kernel larger than the map takes the whole map."""
    fitting = min(kernel, x.shape[-2], x.shape[-1])
    return functional.max_pool2d(x, fitting, min(stride, fitting))


class RMP(nn.Module):
    """(n, channels, rows, columns) -> (n, ``outputs``, rows, columns): CE-Net's pools of 2, 3, 5 and 6 beside the input.

    Strides are the sizes; one 1x1 convolution without activation, shared by all pools, gives one channel each, enlarged bilinearly.
    ``pool`` is :func:`cropping_max_pool` (CE-Net) or ``same_max_pool``, which sees every pixel.
    """

    def __init__(self, channels: int, *, pool: Callable[[Tensor, int, int], Tensor] = cropping_max_pool) -> None:
        super().__init__()
        self.outputs, self.pool = channels + len(RMP_KERNELS), pool
        self.squeeze = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        size = (x.shape[-2], x.shape[-1])
        return torch.cat([*(bilinear(self.squeeze(self.pool(x, kernel, kernel)), size) for kernel in RMP_KERNELS), x], dim=1)
