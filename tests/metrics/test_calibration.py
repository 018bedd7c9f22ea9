from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.calibration import caught_share, flagged_share, summarise_confidence, threshold_for

JUDGED = np.array([[0.1, 0], [0.2, 1], [0.6, 0], [0.9, 1], [0.95, 1]])


def test_shares_by_hand() -> None:
    assert caught_share(JUDGED, 0.5) == 0.5
    assert flagged_share(JUDGED, 0.5) == 0.4
    assert caught_share(JUDGED, 1.0) == 1.0


def test_nothing_wrong_or_nothing_at_all_is_nan() -> None:
    assert np.isnan(caught_share(JUDGED[JUDGED[:, 1] == 1], 0.5))
    assert np.isnan(flagged_share(np.zeros((0, 2)), 0.5))


def test_threshold_flags_the_share_asked_for() -> None:
    confidence = np.random.default_rng(3).random(1000)
    assert flagged_share(np.column_stack([confidence, np.ones(1000)]), threshold_for(confidence, 0.15)) == pytest.approx(0.15)


def test_threshold_refuses_nothing_and_impossible_shares() -> None:
    with pytest.raises(ValueError, match="at least one object"):
        threshold_for(np.zeros(0), 0.1)
    with pytest.raises(ValueError, match="share"):
        threshold_for(np.ones(3), 1.5)


def test_summary_pools_pictures_and_skips_empty_ones() -> None:
    figures = summarise_confidence([JUDGED[:2], np.zeros((0, 2)), JUDGED[2:]], 0.5, rng=np.random.default_rng(0), resamples=50)
    assert figures["wrong_caught"].value == 0.5
    assert figures["flagged"].value == 0.4
    assert figures["wrong"].value == 0.4
    assert figures["flagged"].low <= 0.4 <= figures["flagged"].high


def test_summary_of_nothing_is_nan() -> None:
    figures = summarise_confidence([], 0.5, rng=np.random.default_rng(0), resamples=5)
    assert all(np.isnan(figure.value) for figure in figures.values())


def test_calibrated_confidences_have_a_small_error() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(20_000)
    judged = np.column_stack([confidence, rng.random(20_000) < confidence])
    assert summarise_confidence([judged], 0.5, rng=rng, resamples=2)["calibration_error"].value < 0.02
