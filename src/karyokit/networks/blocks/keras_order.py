"""Layers as the authors of ARMS Net set them in Keras: convolution, ReLU, then batch norm; Glorot starting weights.

Source: the authors' public scripts (systems specification 2.1); the paper says nothing on any of it.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


def keras_norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm with Keras' defaults: epsilon 1e-3, and 0.99 of the running statistics stays at every step."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def set_norm_momentum(network: nn.Module, momentum: float) -> None:
    """Set the share of a batch in the running statistics of every batch norm, in place; short runs want more than Keras' 0.01."""
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = momentum


def draw_glorot_weights(network: nn.Module) -> None:
    """Draw all convolutions anew, in place: Glorot uniform, biases 0 (Keras' defaults)."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


class KerasConvolution(nn.Module):
    """3x3 convolution with bias that keeps rows and columns, ReLU, batch norm."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inward, outward, 3, padding=1)
        self.norm = keras_norm(outward)

    def activated(self, x: Tensor) -> Tensor:
        """What batch norm gets: the convolution's output after ReLU."""
        return functional.relu(self.convolution(x))

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.activated(x))


def keras_convolutions(inward: int, outward: int, count: int) -> list[KerasConvolution]:
    """``count`` of them in a row, the first from ``inward`` channels."""
    return [KerasConvolution(outward if position else inward, outward) for position in range(count)]
