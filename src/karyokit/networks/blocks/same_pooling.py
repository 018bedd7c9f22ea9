"""Max pooling with the margins that TensorFlow calls "same": ceil(n / stride) windows cover n pixels."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

from karyokit.checks import problem


def same_margins(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Pixels added before and after ``length`` pixels; of an odd number the larger half comes after. ``kernel`` >= ``stride`` >= 1.

    >>> same_margins(8, 3, 2), same_margins(7, 4, 2), same_margins(8, 3, 3)
    ((0, 1), (1, 2), (0, 1))
    """
    total = (stride - length % stride) % stride + kernel - stride
    return total // 2, total - total // 2


def same_max_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """(n, channels, rows, columns) -> (n, channels, ceil(rows / stride), ceil(columns / stride)); what is added never wins.

    Raises ``ValueError`` for a kernel under the stride, whose windows would leave pixels out.
    """
    if not kernel >= stride >= 1:
        do = "Use a kernel as large as the stride."
        raise ValueError(problem("kernel", "be at least `stride`, and that at least 1", f"{kernel} and {stride}", do))
    top, bottom = same_margins(x.shape[-2], kernel, stride)
    left, right = same_margins(x.shape[-1], kernel, stride)
    return functional.max_pool2d(functional.pad(x, (left, right, top, bottom), value=-math.inf), kernel, stride)
