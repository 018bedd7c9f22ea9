"""Drawn shapes: by hand, and by law."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_case import SHAPE, box
from hypothesis import given
from hypothesis import strategies as st

from karyokit.chromosomes import Region
from karyokit.regions import shared, union, without
from karyokit.review.shapes import cut, outlines, pieces, polygon_region, stroke_region
from karyokit.review.state import Refused

masks = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).random((12, 17)) < 0.5)


def mask(region: Region) -> np.ndarray:
    return region.to_mask(SHAPE)


@given(masks, masks, st.integers(0, 20), st.integers(0, 20))
def test_sets_of_pixels(one: np.ndarray, two: np.ndarray, down: int, right: int) -> None:
    first, second = Region(5, 6, one), Region(down, right, two)
    assert (mask(union([first, second])) == (mask(first) | mask(second))).all()
    assert (mask(shared(first, second)) == (mask(first) & mask(second))).all()
    assert (mask(without(first, second)) == (mask(first) & ~mask(second))).all()


def test_a_union_of_nothing_is_empty() -> None:
    assert union([]).area == 0
    assert union([Region(0, 0, np.zeros((0, 0), bool))]).area == 0


def test_a_polygon_holds_the_pixels_whose_centres_it_holds() -> None:
    square = polygon_region([(2, 3), (2, 7), (5, 7), (5, 3)], SHAPE)
    assert (square.row, square.column, square.crop.shape, square.area) == (2, 3, (3, 4), 12)


def test_a_polygon_beyond_the_picture_is_cut_off() -> None:
    assert polygon_region([(-50, -50), (-50, 4), (3, 4), (3, -50)], SHAPE).area == 12
    assert polygon_region([(500, 500), (500, 600), (600, 600)], SHAPE).area == 0


def test_a_point_of_the_brush_is_a_disk() -> None:
    rows, columns = np.indices(SHAPE) + 0.5
    expected = np.hypot(rows - 30, columns - 40) <= 4
    assert (mask(stroke_region([(30, 40)], 4, SHAPE)) == expected).all()


def test_a_stroke_is_the_union_of_its_segments() -> None:
    line = [(30.0, 40.0), (60.0, 44.0), (20.0, 90.0)]
    parts = union([stroke_region(line[:2], 3, SHAPE), stroke_region(line[1:], 3, SHAPE)])
    assert (mask(stroke_region(line, 3, SHAPE)) == mask(parts)).all()
    assert stroke_region([(-100, -100), (-90, -90)], 3, SHAPE).area == 0


@given(st.floats(24, 56), st.floats(24, 56))
def test_a_cut_parts_without_loss_wherever_it_goes_through(left: float, right: float) -> None:
    bar = box(20, 15, 60, 25)
    parts = cut(bar, [(left, 14), (right, 26)])
    assert len(parts) == 2
    assert sum(part.area for part in parts) == bar.area
    assert (mask(union(parts)) == mask(bar)).all()
    assert parts[0].area >= parts[1].area
    assert all(pieces(part) == 1 for part in parts)


def test_a_cut_need_not_begin_quite_outside() -> None:
    assert len(cut(box(20, 15, 60, 25), [(40, 16.5), (40, 23.5)])) == 2


@pytest.mark.parametrize("line", [[(40, 30), (40, 50)], [(22, 20), (40, 20)], [(40, 20)]])
def test_a_line_that_does_not_cross_is_refused(line: list[tuple[float, float]]) -> None:
    with pytest.raises(Refused, match="does not cut this chromosome in two"):
        cut(box(20, 15, 60, 25), line)


def test_outlines_follow_pixels_and_holes() -> None:
    ring = np.ones((9, 9), bool)
    ring[3:6, 3:6] = False
    found = outlines(Region(10, 20, ring))
    assert len(found) == 2
    outer = np.array(found[0])
    assert outer.min(axis=0).tolist() == [10, 20]
    assert outer.max(axis=0).tolist() == [19, 29]
    assert outlines(Region(0, 0, np.zeros((0, 0), bool))) == []


@given(masks)
def test_outlines_enclose_the_area(some: np.ndarray) -> None:
    """By even and odd, the rings hold every pixel but for the halves that slanting corners cut off."""
    grown = np.kron(some, np.ones((3, 3), bool))
    total = 0.0
    for ring in outlines(Region(0, 0, grown)):
        rows, columns = np.array(ring).T
        total += 0.5 * float(rows @ np.roll(columns, -1) - columns @ np.roll(rows, -1))
    assert abs(total) == pytest.approx(grown.sum(), rel=0.06, abs=0.5)
