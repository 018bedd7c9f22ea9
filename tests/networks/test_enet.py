from __future__ import annotations

import torch
from torch.nn import functional

from karyokit.networks.enet import middle_convolution, put_back


def test_values_return_where_the_maxima_were() -> None:
    x = torch.tensor([[[[1.0, 2.0, 0.0, 5.0], [3.0, 0.0, 4.0, 1.0]]]])
    pooled, peaks = functional.max_pool2d(x, 2, return_indices=True)
    assert put_back(pooled, peaks).tolist() == [[[[0, 0, 0, 5], [3, 0, 0, 0]]]]


def test_put_back_is_max_unpooling() -> None:
    torch.manual_seed(0)
    pooled, peaks = functional.max_pool2d(torch.rand(2, 3, 8, 12), 2, return_indices=True)
    values = torch.rand_like(pooled)
    torch.testing.assert_close(put_back(values, peaks), functional.max_unpool2d(values, peaks, 2))


def test_reach_of_the_middle_convolutions() -> None:
    for kind, reach in (("plain", (3, 3)), ("dilated 4", (9, 9)), ("asymmetric 5", (5, 5))):
        convolution = middle_convolution(1, kind)
        for value in convolution.parameters():
            torch.nn.init.ones_(value)
        point = torch.zeros(1, 1, 21, 21)
        point[..., 10, 10] = 1
        seen = convolution(point)[0, 0] != 0
        rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
        assert (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1) == reach
