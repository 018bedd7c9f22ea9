from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from karyokit.networks.test_time_augmentation import VIEWS, averaged_views


def pointwise(x: Tensor) -> Tensor:
    """Something that looks at one pixel at a time, so that every view answers alike."""
    return x * 3 - 1


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_is_undone(name: str) -> None:
    x = torch.rand(2, 3, 5, 7)
    assert torch.equal(VIEWS[name].back(VIEWS[name].there(x)), x)


def test_the_views_are_the_eight_less_the_two_diagonals() -> None:
    x = torch.arange(9.0).view(1, 1, 3, 3)
    seen = {tuple(view.there(x).flatten().tolist()) for view in VIEWS.values()}
    assert len(seen) == 6, "`both` and `turn2` are one"


def test_nothing_changes_for_a_network_that_sees_single_pixels() -> None:
    class Pointwise(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return pointwise(x)

    x = torch.randn(2, 4, 6, 5)
    torch.testing.assert_close(averaged_views(Pointwise(), x, views=list(VIEWS)), torch.sigmoid(pointwise(x)))


def test_the_mean_of_flips_by_hand() -> None:
    class Shift(nn.Module):
        """Every pixel becomes its left neighbour."""

        def forward(self, x: Tensor) -> Tensor:
            return torch.roll(x, 1, dims=3)

    x = torch.tensor([[[[1.0, 5.0, 9.0]]]])
    mean = averaged_views(Shift(), x, views=("same", "columns"), activation=lambda y: y)
    assert mean.tolist() == [[[[(9 + 5) / 2, (1 + 9) / 2, (5 + 1) / 2]]]]


def test_unknown_or_no_views() -> None:
    with pytest.raises(ValueError, match="Did you mean 'columns'"):
        averaged_views(nn.Identity(), torch.rand(1, 1, 2, 2), views=("column",))
    with pytest.raises(ValueError, match="`views` must hold at least one element"):
        averaged_views(nn.Identity(), torch.rand(1, 1, 2, 2), views=())
