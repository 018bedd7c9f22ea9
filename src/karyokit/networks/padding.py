"""Pictures of any size through a network that wants multiples of its stride."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from karyokit.checks import problem


def forward_padded(network: nn.Module, x: Tensor) -> Tensor:
    """(n, inputs, rows, columns) of any size from 1 pixel on -> (n, outputs, rows, columns) of the network.

    Rows and columns are filled with 0, the background, at the bottom and the right up to multiples of ``network.stride``; what comes
    out is cropped. No picture (n = 0) is left to the network. Raises ``TypeError`` for a network without an int ``stride``,
    ``ValueError`` for another number of dimensions.
    """
    stride = getattr(network, "stride", None)
    if not isinstance(stride, int):
        raise TypeError(problem("network", "have an int attribute `stride`", repr(stride), "Set it to the multiple that it wants."))
    if x.ndim != 4:
        raise ValueError(problem("x", "be (n, inputs, rows, columns)", f"shape {tuple(x.shape)}", "Add the missing axes."))
    rows, columns = x.shape[-2:]
    return network(functional.pad(x, (0, -columns % stride, 0, -rows % stride)))[..., :rows, :columns]
