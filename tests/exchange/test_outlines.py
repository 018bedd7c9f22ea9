"""Outlines along pixel edges: by hand, and back to the same pixels for any mask."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import random_mask

from karyokit.exchange.outlines import fill_outlines, trace_outlines

SIDES = st.integers(1, 20)


@given(seed=st.integers(0, 2**32 - 1), shape=st.tuples(SIDES, SIDES))
def test_filling_what_was_traced_gives_the_mask(seed: int, shape: tuple[int, int]) -> None:
    mask = random_mask(np.random.default_rng(seed), shape)
    outlines = trace_outlines(mask)
    assert np.array_equal(fill_outlines(outlines, shape).to_mask(shape), mask)
    areas = [float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2 for x, y in (points.T for points in outlines)]
    assert sum(areas) == np.count_nonzero(mask)  # holes run the other way, so that any filling rule agrees


def test_a_frame_has_an_outside_and_a_hole() -> None:
    frame = np.ones((3, 4), bool)
    frame[1, 1:3] = False
    outside, hole = (points.tolist() for points in trace_outlines(frame))
    assert outside == [[0, 0], [4, 0], [4, 3], [0, 3]]
    assert hole == [[1, 2], [3, 2], [3, 1], [1, 1]] or sorted(hole) == [[1, 1], [1, 2], [3, 1], [3, 2]]


def test_pixels_that_meet_at_a_corner_are_outlined_apart() -> None:
    assert [len(points) for points in trace_outlines(np.eye(3, dtype=bool))] == [4, 4, 4]
    assert trace_outlines(np.zeros((2, 2), bool)) == []


def test_centres_on_an_edge_count_as_in_imagej() -> None:
    square = np.array([(0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)])
    assert np.argwhere(fill_outlines([square], (4, 4)).to_mask((4, 4))).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]


def test_what_sticks_out_is_cut_off_and_what_is_no_number_refused() -> None:
    big = np.array([(-5, -5), (99, -5), (99, 99), (-5, 99)])
    assert fill_outlines([big], (3, 4)).to_mask((3, 4)).all()
    assert fill_outlines([big + 200], (3, 4)).area == 0
    assert fill_outlines([], (3, 4)).area == 0
    with pytest.raises(ValueError, match="finite points"):
        fill_outlines([np.array([(0, 0), (np.nan, 1), (1, 1)])], (3, 4))
