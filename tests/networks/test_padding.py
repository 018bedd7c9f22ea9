from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from karyokit.networks.padding import forward_padded


class Doubling(nn.Module):
    """Twice the picture; refuses sizes that are no multiples of its stride."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[2] % self.stride == x.shape[3] % self.stride == 0
        self.seen = x
        return 2 * x


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 16))
def test_padding_is_undone_and_adds_background_only(rows: int, columns: int, stride: int) -> None:
    network, x = Doubling(stride), torch.rand(2, 3, rows, columns) + 1
    torch.testing.assert_close(forward_padded(network, x), 2 * x, rtol=0, atol=0)
    assert int((network.seen == 0).sum()) == network.seen.numel() - x.numel()
    assert network.seen.shape[2] - rows < stride
    assert network.seen.shape[3] - columns < stride


def test_networks_and_pictures_of_the_wrong_kind() -> None:
    with pytest.raises(TypeError, match="`network` must have an int attribute `stride`"):
        forward_padded(nn.Identity(), torch.rand(1, 1, 4, 4))
    with pytest.raises(ValueError, match=r"`x` must be \(n, inputs, rows, columns\)"):
        forward_padded(Doubling(2), torch.rand(4, 4))
