"""Straightening on drawn chromosomes of known length, width and band profile."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.karyotype.straightening import medial_axis, straighten


def drawn_arc(*, length: float, width: float, bend: float) -> tuple[np.ndarray, np.ndarray]:
    """Banded tube with round tips whose axis is an arc of ``bend`` radians; returns density and mask."""
    radius = length / bend
    side = int(2 * radius + 3 * width + 20)
    row, column = np.mgrid[:side, :side] - side / 2
    turn, distance = np.arctan2(row, column), np.hypot(row, column)
    mask = (np.abs(turn) <= bend / 2) & (np.abs(distance - radius) <= width / 2)
    for sign in (-1, 1):
        tip = radius * np.array([np.sin(sign * bend / 2), np.cos(sign * bend / 2)])
        mask |= np.hypot(row - tip[0], column - tip[1]) <= width / 2
    return np.where(mask, bands(radius * turn / length), 0).astype(np.float32), mask


def bands(share: np.ndarray) -> np.ndarray:
    """Unsymmetric band pattern over shares -0.5..0.5 of the length."""
    return 0.6 + 0.4 * np.sin(2 * np.pi * 4.3 * share + 6 * share**2)


@pytest.mark.parametrize(
    ("length", "width", "bend"),
    [(40, 6, 0.3), (100, 6, 4.2), (60, 10, 2.5), (100, 20, 0.3), (100, 20, 3.14), (60, 20, 1.5), (160, 30, 4.2), (100, 40, 1.5)],
)
def test_a_bent_chromosome_gives_the_length_width_and_bands_of_the_straight_one(length: float, width: float, bend: float) -> None:
    density, mask = drawn_arc(length=length, width=width, bend=bend)
    straight = straighten(density, Region.from_mask(mask))
    assert straight.length_px == pytest.approx(length + width, rel=0.05)
    assert straight.median_width_px == pytest.approx(width, rel=0.08)
    share = np.linspace(-0.5 - width / 2 / length, 0.5 + width / 2 / length, len(straight.profile))
    inner = np.abs(share) < 0.48
    assert np.corrcoef(straight.profile[inner], bands(share)[inner])[0, 1] > 0.95


def test_the_result_is_consistent_and_the_input_is_untouched() -> None:
    density, mask = drawn_arc(length=80, width=14, bend=1.0)
    before = density.copy()
    straight = straighten(density, Region.from_mask(mask))
    rows = len(straight.axis)
    assert straight.picture.dtype == np.float32
    assert straight.picture.shape == straight.mask.shape
    assert straight.picture.shape[0] == rows == len(straight.profile) == len(straight.widths)
    assert straight.picture.shape[1] % 2 == 1
    assert straight.widths.sum() == pytest.approx(mask.sum(), rel=0.06)
    assert straight.axis[0, 0] < straight.axis[-1, 0]
    np.testing.assert_array_equal(density, before)


def test_neighbours_leave_no_trace_and_the_place_does_not_matter() -> None:
    density, mask = drawn_arc(length=80, width=14, bend=1.0)
    alone = straighten(density, Region.from_mask(mask))
    crowded = straighten(np.where(mask, density, 5.0).astype(np.float32), Region.from_mask(mask))
    np.testing.assert_array_equal(alone.picture, crowded.picture)
    moved = straighten(np.pad(density, ((7, 0), (3, 0))), Region.from_mask(np.pad(mask, ((7, 0), (3, 0)))))
    np.testing.assert_allclose(moved.picture, alone.picture, atol=1e-5)
    np.testing.assert_allclose(moved.axis - alone.axis, np.full_like(alone.axis, [7, 3])[: len(alone.axis)], atol=1e-6)


def test_splayed_chromatids_keep_one_axis_between_them() -> None:
    mask = np.zeros((100, 60), bool)
    mask[10:90, 20:29] = mask[10:90, 31:40] = True
    mask[40:60, 20:40] = True
    axis = medial_axis(Region.from_mask(mask))
    assert np.abs(axis[:, 1] - 29.5).max() < 2
    assert np.linalg.norm(np.diff(axis, axis=0), axis=1).sum() == pytest.approx(80, rel=0.05)


def test_the_arms_of_a_narrow_u_are_not_joined() -> None:
    mask = np.zeros((90, 60), bool)
    mask[10:80, 15:25] = mask[10:80, 30:40] = True
    mask[70:80, 15:40] = True
    straight = straighten(mask.astype(np.float32), Region.from_mask(mask))
    assert straight.length_px > 130
    assert straight.median_width_px == pytest.approx(10, abs=1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2), (5, 4), (16, 15), (3, 40)])
def test_small_and_compact_regions_have_a_result(shape: tuple[int, int]) -> None:
    density = np.pad(np.ones(shape, np.float32), 3)
    straight = straighten(density, Region.from_mask(density > 0))
    assert np.isfinite(straight.picture).all()
    assert max(shape) - 2 <= straight.length_px <= max(shape) + 8


def test_width_sets_the_number_of_columns() -> None:
    density, mask = drawn_arc(length=60, width=10, bend=0.5)
    assert straighten(density, Region.from_mask(mask), width=17).picture.shape[1] == 17
    with pytest.raises(ValueError, match="`width` must be at least 1"):
        straighten(density, Region.from_mask(mask), width=0)


def test_empty_and_outlying_regions_are_refused() -> None:
    with pytest.raises(ValueError, match="`region` must have at least one pixel"):
        straighten(np.zeros((9, 9), np.float32), Region(0, 0, np.zeros((0, 0), bool)))
    with pytest.raises(ValueError, match="`region` must lie inside the picture"):
        straighten(np.zeros((9, 9), np.float32), Region(5, 5, np.ones((6, 2), bool)))
