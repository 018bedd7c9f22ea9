from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.networks.blocks.adaptive_rates import adaptive_dilations, adaptive_pools, adaptive_rates

TABLE = {
    (4, 4): ((2, 1, 3, 4), (2, 3, 4)),
    (5, 5): ((3, 2, 1, 4), (3, 2, 4)),
    (6, 6): ((3, 2, 1, 4), (3, 2, 4)),
    (7, 7): ((4, 2, 1, 3), (4, 2, 3)),
    (8, 8): ((4, 2, 1, 3), (4, 2, 3)),
    (9, 9): ((5, 3, 2, 1), (5, 3, 2)),
    (10, 10): ((5, 3, 2, 1), (5, 3, 2)),
    (12, 12): ((6, 3, 2, 1), (6, 3, 2)),
    (16, 16): ((8, 4, 2, 1), (8, 4, 2)),
    (32, 32): ((16, 8, 4, 2), (16, 8, 4)),
    (8, 16): ((6, 3, 2, 1), (6, 3, 2)),
}
"""Systems specification 2.4; the row of 8x8 is the paper's own example."""


@pytest.mark.parametrize("size", TABLE)
def test_published_and_derived_rates(size: tuple[int, int]) -> None:
    assert (adaptive_dilations(*size), adaptive_pools(*size)) == TABLE[size]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 7), st.integers(1, 3))
def test_rates_differ_are_useful_and_do_not_depend_on_which_side_is_long(rows: int, columns: int, branches: int, least: int) -> None:
    rates = adaptive_rates(rows, columns, branches=branches, least=least)
    assert len(set(rates)) == branches
    assert min(rates) >= least
    assert rates == adaptive_rates(columns, rows, branches=branches, least=least)


def test_pools_fit_into_the_map() -> None:
    assert adaptive_pools(2, 200) == (2, 2, 2)
    assert adaptive_pools(1, 1) == (2, 2, 2)


@pytest.mark.parametrize(("rows", "branches"), [(0, 3), (4, 0)])
def test_nothing_to_rate(rows: int, branches: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        adaptive_rates(rows, 4, branches=branches)
