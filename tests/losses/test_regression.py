from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from karyokit.losses import PAIR_LOSSES
from karyokit.losses.regression import squared_error


def test_by_hand() -> None:
    outputs = torch.tensor([[0.5, 1.0], [0.0, 2.0]]).view(1, 2, 1, 2)
    labels = torch.tensor([[[0, 1]]])  # maps (1, 0) and (0, 1)
    assert float(squared_error(outputs, labels)) == pytest.approx((0.25 + 1 + 0 + 1) / 4)


def test_the_maps_themselves_cost_nothing() -> None:
    labels = torch.randint(0, 4, (2, 5, 6))
    assert float(PAIR_LOSSES["squared_error"](functional.one_hot(labels, 4).movedim(-1, 1).bfloat16(), labels)) == 0


def test_gradients() -> None:
    labels = torch.randint(0, 4, (1, 2, 3))
    assert torch.autograd.gradcheck(lambda y: squared_error(y, labels), torch.rand(1, 4, 2, 3, dtype=torch.float64, requires_grad=True))


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match=r"`labels` must be \(n, rows, columns\) of the outputs"):
        squared_error(torch.zeros(1, 4, 2, 2), torch.zeros(1, 4, 2, 2, dtype=torch.int64))
