from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.classification import (
    accuracy,
    calibration_bins,
    class_recall,
    confusion_matrix,
    expected_calibration_error,
    polarity_scores,
)


def test_accuracy() -> None:
    assert accuracy([1, 1, 24], [1, 2, 24]) == pytest.approx(2 / 3)
    assert np.isnan(accuracy([], []))


def test_confusion_and_recall_by_hand() -> None:
    matrix = confusion_matrix([1, 1, 1, 3, 3], [1, 2, 0, 3, 3], classes=3)
    assert matrix.tolist() == [[1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 2]]
    recall = class_recall(matrix)
    assert recall[[0, 2]] == pytest.approx([1 / 3, 1.0])
    assert np.isnan(recall[1])
    assert confusion_matrix([], []).shape == (24, 25)


def test_calibration_by_hand() -> None:
    table = calibration_bins([0.1, 0.3, 0.9, 1.0], [False, True, True, False], bins=2)
    assert table.counts.tolist() == [2, 2]
    assert table.confidence == pytest.approx([0.2, 0.95])
    assert table.accuracy == pytest.approx([0.5, 0.5])
    assert expected_calibration_error([0.1, 0.3, 0.9, 1.0], [False, True, True, False], bins=2) == pytest.approx((0.3 + 0.45) / 2)


def test_calibration_of_nothing_and_of_empty_bins() -> None:
    assert np.isnan(expected_calibration_error([], []))
    assert np.isnan(calibration_bins([0.5], [True], bins=4).accuracy).tolist() == [True, True, False, True]
    assert expected_calibration_error([1.0, 1.0], [True, True]) == 0.0


def test_polarity() -> None:
    scores = polarity_scores(["up", "up", "down", "down", "unknown"], ["up", "down", "down", "unknown", "up"])
    assert scores == pytest.approx((0.5, 2 / 3, 0.75, 4))
    nothing = polarity_scores(["unknown"], ["up"])
    assert nothing.known == 0
    assert np.isnan(nothing[:3]).all()
    silent = polarity_scores(["up"], ["unknown"])
    assert (silent.accuracy, silent.answered) == (0.0, 0.0)
    assert np.isnan(silent.accuracy_of_answered)
    assert polarity_scores([], []).known == 0


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="have one shape"):
        accuracy([1], [1, 2])
    with pytest.raises(ValueError, match=r"`truth` must lie in 1..24, got 0..0"):
        confusion_matrix([0], [1])
    with pytest.raises(ValueError, match=r"`predicted` must lie in 0..24, got 25..25"):
        confusion_matrix([1], [25])
    with pytest.raises(ValueError, match="`confidence` must lie"):
        calibration_bins([1.5], [True])
    with pytest.raises(ValueError, match="`confidence` must lie"):
        calibration_bins([-0.1], [True])
    with pytest.raises(ValueError, match="`bins` must lie"):
        calibration_bins([0.5], [True], bins=0)
    with pytest.raises(ValueError, match="`polarity` must be one of"):
        polarity_scores(["up"], ["sideways"])
