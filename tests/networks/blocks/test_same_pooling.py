from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from karyokit.networks.blocks.same_pooling import same_margins, same_max_pool


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 6))
def test_every_pixel_is_seen_and_the_size_is_tensorflows(length: int, stride: int, more: int) -> None:
    kernel = stride + more
    before, after = same_margins(length, kernel, stride)
    windows = -(-length // stride)
    assert before + after == max((windows - 1) * stride + kernel - length, 0)
    assert after - before in (0, 1)
    line = torch.arange(float(length)).view(1, 1, 1, -1).expand(1, 1, length, length)
    pooled = same_max_pool(line, kernel, stride)
    assert pooled.shape == (1, 1, windows, windows)
    assert float(pooled.max()) == length - 1
    assert torch.isfinite(pooled).all()


def test_by_hand_on_an_odd_map() -> None:
    x = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [-9.0, -8.0, -7.0]]]])
    assert same_max_pool(x, 2, 2).tolist() == [[[[5.0, 6.0], [-8.0, -7.0]]]]
    assert same_max_pool(x, 3, 2).tolist() == [[[[5.0, 6.0], [5.0, 6.0]]]]
    assert same_max_pool(-x.abs(), 3, 3).tolist() == [[[[-1.0]]]], "what is added must never win"


def test_kernel_under_the_stride() -> None:
    with pytest.raises(ValueError, match="`kernel` must be at least `stride`"):
        same_max_pool(torch.zeros(1, 1, 4, 4), 1, 2)
