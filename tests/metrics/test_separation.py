from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from karyokit.metrics.separation import count_separation, separation, separation_iou

STACKS = st.integers(0, 3).flatmap(lambda n: arrays(bool, (n, 3, 4)))


def by_definition(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    common = truth.any(axis=0) & predicted.any(axis=0)
    result = np.zeros((len(truth), len(predicted)))
    for row, true in enumerate(truth):
        for column, found in enumerate(predicted):
            union = ((true | found) & common).sum()
            if union and 2 * (true & common).sum() >= true.sum():
                result[row, column] = (true & found & common).sum() / union
    return result


@given(STACKS, STACKS)
def test_matrix_equals_the_definition(truth: np.ndarray, predicted: np.ndarray) -> None:
    np.testing.assert_allclose(separation_iou(truth, predicted), by_definition(truth, predicted))


def bars() -> np.ndarray:
    """Two touching bars of 4 x 10 px and a crossing one."""
    masks = np.zeros((3, 20, 30), bool)
    masks[0, 4:8, 3:13] = True
    masks[1, 8:12, 3:13] = True
    masks[2, 2:16, 9:12] = True
    return masks


def test_generous_and_tight_outlines_score_alike() -> None:
    truth = bars()[:2]
    tight = truth & ndimage.binary_erosion(truth.any(axis=0))
    rim = ndimage.binary_dilation(truth.any(axis=0)) & ~truth.any(axis=0)
    generous = truth | (rim & (np.arange(20)[:, None] < 8) == np.array([True, False])[:, None, None]) & rim
    for predicted in (tight, generous):
        np.testing.assert_allclose(separation_iou(truth, predicted), np.eye(2))


def test_truth_covered_by_less_than_half_scores_zero() -> None:
    truth = np.ones((1, 1, 10), bool)
    predicted = np.zeros((1, 1, 10), bool)
    predicted[..., :4] = True
    assert separation_iou(truth, predicted).tolist() == [[0.0]]
    predicted[..., 4] = True  # exactly half
    assert separation_iou(truth, predicted).tolist() == [[1.0]]


def test_counts_by_hand() -> None:
    iou = np.array([[0.95, 0.8, 0.0], [0.8, 0.0, 0.0], [0.0, 0.0, 0.7]])
    # the sum is largest for 0.8 + 0.8 + 0.7, although 0.95 alone would reach 0.9
    scores = count_separation(iou, np.array([True, False, True]))
    assert (scores.matched75, scores.matched90, scores.crossings, scores.crossing_matched75) == (2, 0, 2, 1)
    assert scores.sep75 == pytest.approx(2 / 3)
    assert scores.sep90 == 0.0
    assert scores.crossing_sep75 == 0.5
    assert not scores.all_separated


def test_thresholds_belong_to_the_match() -> None:
    scores = count_separation(np.diag([0.75, 0.9]), np.zeros(2, bool))
    assert (scores.matched75, scores.matched90) == (2, 1)
    assert scores.all_separated
    assert np.isnan(scores.crossing_sep75)


def test_merged_bars_and_an_extra_object() -> None:
    truth = bars()
    crossing = np.array([True, True, True])
    assert separation(truth, truth[[2, 0, 1]], crossing=crossing).all_separated
    merged = separation(truth, np.any(truth, axis=0, keepdims=True), crossing=crossing)
    assert (merged.truths, merged.predictions, merged.matched75) == (3, 1, 0)
    debris = np.zeros((1, 20, 30), bool)
    debris[0, 18, 28] = True
    extra = separation(truth, np.concatenate([truth, debris]), crossing=crossing)
    assert extra.sep75 == 1.0
    assert not extra.all_separated


def test_empty_cells() -> None:
    nothing = np.zeros((0, 20, 30), bool)
    empty = separation(nothing, nothing, crossing=np.zeros(0, bool))
    assert empty.all_separated
    assert np.isnan(empty.sep75)
    assert np.isnan(empty.sep90)
    assert separation(bars(), nothing, crossing=np.zeros(3, bool)).sep75 == 0.0
    assert not separation(nothing, bars(), crossing=np.zeros(0, bool)).all_separated


def test_wrong_flags() -> None:
    with pytest.raises(ValueError, match="`crossing` must be \\(3,\\) bool"):
        separation(bars(), bars(), crossing=np.zeros(2, bool))
