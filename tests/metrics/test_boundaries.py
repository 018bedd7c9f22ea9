from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from karyokit.metrics.boundaries import boundary_f, boundary_iou, hausdorff, hausdorff95, matched_boundaries, outline


def square(row: int, column: int, side: int = 6) -> np.ndarray:
    mask = np.zeros((20, 20), bool)
    mask[row : row + side, column : column + side] = True
    return mask


EMPTY = np.zeros((20, 20), bool)


def test_hausdorff_by_hand() -> None:
    assert hausdorff(square(2, 2), square(2, 2)) == 0.0
    assert hausdorff(square(2, 2), square(2, 5)) == 3.0
    assert hausdorff(square(2, 2), square(5, 6)) == 5.0
    assert hausdorff(square(2, 2, 12), square(2, 2, 3)) == pytest.approx(np.hypot(9, 9))


@given(arrays(bool, (4, 5)), arrays(bool, (4, 5)))
def test_hausdorff_equals_the_definition(truth: np.ndarray, predicted: np.ndarray) -> None:
    if truth.any() and predicted.any():
        table = cdist(np.argwhere(truth), np.argwhere(predicted))
        assert hausdorff(truth, predicted) == pytest.approx(max(table.min(axis=0).max(), table.min(axis=1).max()))


def test_distances_of_empty_masks() -> None:
    for distance in (hausdorff, hausdorff95):
        assert distance(EMPTY, EMPTY) == 0.0
        assert distance(square(2, 2), EMPTY) == pytest.approx(np.hypot(20, 20))
        assert distance(EMPTY, square(2, 2)) == pytest.approx(np.hypot(20, 20))


def test_hausdorff95_forgives_one_far_pixel() -> None:
    spiked = square(2, 2, 8)
    spiked[18, 18] = True
    assert hausdorff(square(2, 2, 8), spiked) == pytest.approx(np.hypot(9, 9))
    assert hausdorff95(square(2, 2, 8), spiked) == 0.0


def test_hausdorff95_of_a_shifted_bar() -> None:
    long = np.zeros((5, 40), bool)
    long[2, 1:31] = True
    shifted = np.roll(long, 2, axis=1)
    # 30 outline pixels each; two of them lie 1 and 2 px off, the others 0
    assert hausdorff95(long, shifted) == pytest.approx(np.percentile([0] * 28 + [1, 2], 95))


def test_outline_of_a_square() -> None:
    assert np.count_nonzero(outline(square(2, 2))) == 20
    assert np.count_nonzero(outline(np.ones((4, 4), bool))) == 12


def test_boundary_f_by_hand() -> None:
    assert boundary_f(square(2, 2), square(2, 2)) == 1.0
    assert boundary_f(square(2, 2), square(2, 4)) == 1.0
    assert boundary_f(square(2, 2), square(12, 12)) == 0.0
    line, double = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    line[0, :6] = True
    double[0, :6] = double[8, :6] = True
    assert boundary_f(line, double) == pytest.approx(2 * 0.5 / 1.5)  # precision 1/2, recall 1


def test_boundary_iou_by_hand() -> None:
    outer, inner = square(2, 2, 10), square(4, 4, 6)
    # bands 2 px wide: 100 - 36 and 36 - 4 px, without a common pixel
    assert boundary_iou(outer, inner) == 0.0
    assert boundary_iou(outer, outer) == 1.0
    assert boundary_iou(square(2, 2, 4), square(2, 4, 4)) == pytest.approx(8 / 24)
    # 4 px wide: all but the central 2 x 2 px of the outer, all of the inner, which holds that centre
    assert boundary_iou(outer, inner, width=4) == pytest.approx((36 - 4) / 100)


def test_scores_of_empty_masks() -> None:
    for score in (boundary_f, boundary_iou):
        assert np.isnan(score(EMPTY, EMPTY))
        assert score(square(2, 2), EMPTY) == 0.0
        assert score(EMPTY, square(2, 2)) == 0.0


def test_matched_boundaries_average_the_matches() -> None:
    truth = np.stack([square(0, 0), square(10, 10, 8)])
    f_score, iou = matched_boundaries(truth, np.stack([square(10, 10, 8), square(0, 1)]))
    assert f_score == 1.0
    # bands of the 6 x 6 squares one column apart: 36 - 4 px each, 24 of them common, 40 in either
    assert iou == pytest.approx((1 + 24 / 40) / 2)
    assert np.isnan(matched_boundaries(truth, truth[:0])).all()


def test_wrong_input() -> None:
    for score in (hausdorff, hausdorff95, boundary_f, boundary_iou):
        with pytest.raises(ValueError, match="have one shape"):
            score(EMPTY, EMPTY[:5])
        with pytest.raises(ValueError, match="non-empty"):
            score(EMPTY[None], EMPTY)
