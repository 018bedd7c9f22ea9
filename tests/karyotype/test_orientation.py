"""Upright angle and upright pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.chromosomes import Region
from karyokit.karyotype.orientation import (
    background_of,
    first_is_upper,
    is_bent,
    straight_picture,
    upright_angle,
    upright_picture,
    upright_point,
)
from karyokit.karyotype.straightening import straighten


def tilted_bar(angle: float, *, length: int = 60, width: int = 12) -> np.ndarray:
    """A bar that stands upright after ``angle`` degrees counter-clockwise."""
    row, column = np.mgrid[:90, :90] - 45.0
    radians = np.deg2rad(angle)
    along = row * np.cos(radians) - column * np.sin(radians)
    across = column * np.cos(radians) + row * np.sin(radians)
    return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)


@given(st.floats(-89, 90))
def test_the_angle_of_a_drawn_bar_is_found(angle: float) -> None:
    found = upright_angle(Region.from_mask(tilted_bar(angle)))
    assert -90 < found <= 90
    assert abs((found - angle + 90) % 180 - 90) < 2


def test_a_vertical_bar_needs_no_turn_and_a_bent_one_stands_on_its_tips() -> None:
    assert upright_angle(Region(3, 4, np.ones((30, 6), bool))) == pytest.approx(0, abs=0.5)
    hook = np.zeros((60, 60), bool)
    hook[5:55, 5:13] = hook[47:55, 5:55] = True
    assert upright_angle(Region.from_mask(hook)) == pytest.approx(-45, abs=8)
    assert upright_angle(Region(0, 0, np.ones((1, 1), bool))) == 0


@pytest.mark.parametrize(("stain", "background"), [("fluorescence", 0), ("brightfield", 255)])
def test_only_the_chromosome_remains_on_the_stains_background(stain: str, background: int) -> None:
    mask = tilted_bar(30)
    image = np.where(mask, 90, 200).astype(np.uint8)
    upright = upright_picture(image, Region.from_mask(mask), angle=30, stain=stain)
    assert upright.dtype == np.uint8
    assert upright.shape[0] == pytest.approx(65, abs=3)
    assert upright.shape[1] == pytest.approx(17, abs=3)
    assert (upright[0] == background).all()
    assert np.median(upright) == 90
    low, high = sorted((90, background))
    assert low <= upright.min() <= upright.max() <= high


def test_no_turn_keeps_the_grey_values_and_a_flip_is_half_a_turn() -> None:
    image = np.random.default_rng(0).integers(1, 200, (20, 9)).astype(np.uint16)
    region = Region(2, 1, np.ones((15, 6), bool))
    upright = upright_picture(image, region, angle=0, stain="fluorescence")
    np.testing.assert_array_equal(upright[2:-2, 2:-2], image[2:17, 1:7])
    np.testing.assert_array_equal(upright_picture(image, region, angle=0, flip=True, stain="fluorescence"), upright[::-1, ::-1])


def test_a_point_is_found_again_in_the_upright_picture() -> None:
    mask = tilted_bar(50)
    image = np.where(mask, 10.0, 0).astype(np.float32)
    image[60:63, 28:31] += 90 * mask[60:63, 28:31]
    region = Region.from_mask(mask)
    spot = np.argwhere(image > 50).mean(axis=0)
    upright = upright_picture(image, region, angle=50, flip=True, stain="fluorescence")
    weight = np.clip(upright - 20, 0, None)
    rows, columns = np.indices(upright.shape)
    expected = (rows * weight).sum() / weight.sum(), (columns * weight).sum() / weight.sum()
    assert upright_point(region, (spot[0], spot[1]), angle=50, flip=True) == pytest.approx(expected, abs=0.5)


def test_background_and_its_errors() -> None:
    assert background_of(np.zeros((2, 2), np.uint16), "brightfield") == 65535
    assert background_of(np.full((2, 2), 0.8), "brightfield") == 0.8
    with pytest.raises(ValueError, match="`stain` must be one of"):
        background_of(np.zeros((2, 2), np.uint8), "silver")


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(ValueError, match="`region` must have at least one pixel"):
        upright_picture(np.zeros((4, 4), np.uint8), Region(0, 0, np.zeros((0, 0), bool)), angle=0, stain="fluorescence")


def test_a_ring_segment_is_bent_and_its_picture_is_straight() -> None:
    rows, columns = np.mgrid[:80, :80].astype(float)
    radius, turn = np.hypot(rows - 70, columns - 40), np.arctan2(70 - rows, columns - 40)
    arc = (abs(radius - 45) <= 5) & (turn > 0.6) & (turn < np.pi - 0.6)
    image = np.where(arc, 50 + 100 * (turn > np.pi / 2), 0).astype(np.uint8)
    region = Region.from_mask(arc)
    straight = straighten(image.astype(np.float32), region)
    assert is_bent(straight.axis)
    assert not is_bent(np.stack([np.arange(9.0), np.zeros(9)], axis=1))
    along = straight_picture(image, region, straight, stain="fluorescence")
    assert along.shape == straight.picture.shape
    middle = along[:, along.shape[1] // 2]
    assert {int(np.median(middle[:30])), int(np.median(middle[-30:]))} == {50, 150}
    assert (along[:, 0] == 0).all()


def test_own_values_stand_in_for_the_pictures() -> None:
    image = np.full((20, 9), 7, np.uint8)
    region = Region(2, 1, np.ones((15, 6), bool))
    upright = upright_picture(image, region, angle=0, stain="fluorescence", own=np.full((15, 6), 90, np.uint8))
    assert (upright[2:-2, 2:-2] == 90).all()


@pytest.mark.parametrize(("angle", "upper"), [(0.0, True), (180.0, False), (90.0, False), (-90.0, True)])
def test_the_upper_end_follows_the_turn(angle: float, upper: bool) -> None:
    axis = np.array([[0.0, 0.0], [5.0, 1.0]])
    lying = np.array([[0.0, 0.0], [1.0, 5.0]])
    assert first_is_upper(axis if angle in (0.0, 180.0) else lying, angle) == upper
