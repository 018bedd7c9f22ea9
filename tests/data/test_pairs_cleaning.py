"""The two cleanings on drawn label maps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.data.pairs_cleaning import clean_nearest, clean_watershed


def drawn(*rows: str) -> np.ndarray:
    return np.array([[int(pixel) for pixel in row] for row in rows], np.uint8)


def crossing() -> np.ndarray:
    """An upright alpha and a lying beta, 7 pixels wide each, that share 7 x 7 pixels."""
    labels = np.zeros((31, 33), np.uint8)
    labels[2:29, 13:20] += 1
    labels[12:19, 2:31] += 2
    return labels


CROSS = crossing()


def test_nearest_replaces_strays_and_lone_labels_by_the_majority_around() -> None:
    noisy = drawn("000000", "022220", "024210", "022220", "000000")
    assert clean_nearest(noisy).tolist() == drawn("000000", "002200", "022220", "002200", "000000").tolist()


def test_nearest_takes_the_lowest_of_equally_frequent_labels() -> None:
    assert clean_nearest(drawn("112", "142", "122"))[1, 1] == 1


def test_nearest_keeps_a_label_that_four_of_nine_share() -> None:
    assert clean_nearest(drawn("220", "220", "000"))[1, 1] == 2
    assert clean_nearest(drawn("220", "020", "000"))[1, 1] == 0


@given(seed=st.integers(0, 2**32 - 1))
def test_nearest_equals_its_rule_written_out(seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 6, (5, 6))
    expected = np.zeros_like(labels)
    for row, column in np.ndindex(3, 4):
        near, own = labels[row : row + 3, column : column + 3], labels[row + 1, column + 1]
        ring = np.delete(near, 4)
        keeps = own == 0 or (own <= 3 and np.count_nonzero(near == own) > 3)
        expected[row + 1, column + 1] = own if keeps else np.bincount(ring[ring <= 3], minlength=4).argmax()
    assert (clean_nearest(labels) == expected).all()


def test_nearest_clears_the_border() -> None:
    cleaned = clean_nearest(np.full((5, 6), 3, np.uint8))
    assert (cleaned[1:-1, 1:-1] == 3).all()
    assert cleaned.sum() == 3 * 12
    assert not clean_nearest(np.ones((2, 9), np.uint8)).any()


def test_watershed_gives_the_rim_of_the_other_colour_back() -> None:
    noisy = CROSS.copy()
    noisy[18, 2:13] = 1
    noisy[15, 16] = 4
    assert (clean_watershed(noisy) == CROSS).all()


def test_watershed_keeps_the_foreground_and_drops_thin_classes() -> None:
    thin = CROSS.copy()
    thin[12:19, 13:20] = 2
    thin[15, 13:20] = 3
    cleaned = clean_watershed(thin)
    assert ((cleaned > 0) == (thin > 0)).all()
    assert 3 not in cleaned
    assert not clean_watershed(drawn("000", "010", "000")).any()
    assert not clean_watershed(np.zeros((4, 4), int)).any()


@pytest.mark.parametrize("clean", [clean_nearest, clean_watershed])
def test_clean_maps_stay_and_stacks_equal_planes(clean: Callable[[np.ndarray], np.ndarray]) -> None:
    stack = np.stack([CROSS, CROSS[::-1]]).astype(np.int64)
    before = stack.copy()
    cleaned = clean(stack)
    assert cleaned.dtype == np.uint8
    assert (cleaned[0] == CROSS).all()
    assert (cleaned[1] == clean(stack[1])).all()
    assert (stack == before).all()
    assert clean(np.zeros((0, 94, 93), np.uint8)).shape == (0, 94, 93)


@pytest.mark.parametrize("clean", [clean_nearest, clean_watershed])
def test_wrong_input_is_named(clean: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(ValueError, match="`labels` must be"):
        clean(np.zeros(5, int))
    with pytest.raises(ValueError, match="`labels` must not be negative, got -1"):
        clean(np.full((3, 3), -1))
