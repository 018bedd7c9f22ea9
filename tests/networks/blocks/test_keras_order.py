from __future__ import annotations

import math

import torch
from torch import nn

from karyokit.networks.blocks.keras_order import KerasConvolution, draw_glorot_weights, keras_convolutions, set_norm_momentum


def test_order_is_convolution_relu_norm() -> None:
    torch.manual_seed(0)
    block = KerasConvolution(2, 3).eval()
    x = torch.randn(1, 2, 5, 5)
    torch.testing.assert_close(block(x), block.convolution(x).relu() / (1 + 1e-3) ** 0.5)
    assert (block.norm.eps, block.norm.momentum) == (1e-3, 0.01)


def test_glorot_weights_lie_in_their_range() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(*keras_convolutions(4, 16, 2), nn.ConvTranspose2d(16, 8, 2, bias=False))
    draw_glorot_weights(network)
    for layer, (inward, outward) in ((network[0].convolution, (4 * 9, 16 * 9)), (network[1].convolution, (16 * 9, 16 * 9))):
        limit = math.sqrt(6 / (inward + outward))
        assert 0.9 * limit < float(layer.weight.detach().abs().max()) <= limit
        assert not layer.bias.any()


def test_momentum_of_every_norm() -> None:
    network = nn.Sequential(*keras_convolutions(1, 2, 3))
    set_norm_momentum(network, 0.25)
    assert [part.momentum for part in network.modules() if isinstance(part, nn.BatchNorm2d)] == [0.25] * 3
