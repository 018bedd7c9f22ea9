"""Random starting weights from a normal distribution, as AMFL's authors draw them."""

from __future__ import annotations

from torch import nn


def draw_normal_weights(network: nn.Module, spread: float | None = 0.02) -> None:
    """Draw the weights anew, in place: convolutions N(0, spread), gains of batch norm N(1, spread), all biases 0.

    ``None`` leaves PyTorch's own starting weights. Uses torch's global random state, as building any layer does.
    Source: systems specification 3.1 (read in the authors' code; the paper is silent).
    """
    if spread is None:
        return
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.normal_(part.weight, 0.0, spread)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 1.0, spread)
        if isinstance(part, nn.Conv2d | nn.BatchNorm2d) and part.bias is not None:
            nn.init.zeros_(part.bias)
