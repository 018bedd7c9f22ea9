"""Matching label maps by the exact shape of their foreground."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.data.pair_identity import foreground_corner, match_foregrounds


@given(seed=st.integers(0, 2**32 - 1), down=st.integers(0, 5), right=st.integers(0, 5))
def test_moved_relabelled_and_shuffled_maps_are_found(seed: int, down: int, right: int) -> None:
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 4, (8, 5, 6))
    order = rng.permutation(8)
    moved = np.zeros((8, 12, 12), int)
    moved[:, down : down + 5, right : right + 6] = np.where(reference[order] > 0, 1, 0)
    index = match_foregrounds(moved, reference)
    assert sorted(index.tolist()) == list(range(8))
    assert ((reference[index] > 0) == (reference[order] > 0)).all()


def test_equal_foregrounds_are_used_once_in_order_and_strangers_get_none() -> None:
    bar = np.array([[1, 2, 3]])
    reference = np.stack([bar, bar, np.array([[0, 1, 1]])])
    assert match_foregrounds(np.stack([bar, bar, bar]), reference).tolist() == [0, 1, -1]


def test_empty_stack_and_empty_foreground() -> None:
    assert match_foregrounds(np.zeros((0, 3, 3)), np.ones((2, 3, 3))).shape == (0,)
    assert match_foregrounds(np.zeros((1, 3, 3)), np.ones((1, 3, 3))).tolist() == [-1]


def test_corner_of_the_foreground() -> None:
    labels = np.zeros((2, 4, 5), int)
    labels[0, 2, 1] = labels[0, 1, 3] = 2
    assert foreground_corner(labels).tolist() == [[1, 1], [-1, -1]]


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ValueError, match="`labels` must be"):
        match_foregrounds(np.zeros((3, 3)), np.zeros((1, 3, 3)))
    with pytest.raises(ValueError, match="`reference` must be"):
        match_foregrounds(np.zeros((1, 3, 3)), np.zeros((3, 3)))
