from __future__ import annotations

import time

import numpy as np
import pytest

from karyokit.metrics.cells import MEANS, RATIOS, CellScores, score_cell, summarise_cells


def grid_cell() -> np.ndarray:
    """46 bars of 9 x 40 px on a picture of 517 x 645; each overlaps the next in its row by 5 columns."""
    masks = np.zeros((46, 517, 645), bool)
    for number in range(46):
        row, column = divmod(number, 10)
        masks[number, 20 + 100 * row : 29 + 100 * row, 20 + 35 * column : 60 + 35 * column] = True
    return masks


def small_cell() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three true bars in a row, of which the first two cross; the prediction merges them, hits the third, adds debris."""
    truth = np.zeros((3, 3, 40), bool)
    truth[0, :, 0:10], truth[1, :, 8:18], truth[2, :, 20:30] = True, True, True
    predicted = np.stack([truth[0] | truth[1], truth[2], np.zeros((3, 40), bool)])
    predicted[1, :, 28:30] = False
    predicted[2, :, 36:] = True
    return truth, predicted, np.array([True, True, False])


def test_small_cell_by_hand() -> None:
    truth, predicted, crossing = small_cell()
    scores = score_cell(truth, predicted, crossing=crossing)
    # mask IoU: 30/54 for both merged bars (one may match), 24/30 for the third
    assert (scores.truths, scores.predictions, scores.crossings) == (3, 3, 2)
    assert (scores.found50, scores.found75, scores.crossing_found50) == (2, 1, 1)
    # separation IoU ignores the two missing columns of the third
    assert (scores.matched75, scores.matched90, scores.crossing_matched75) == (1, 1, 0)
    assert (scores.joins, scores.splits, scores.missed, scores.extra) == (0, 1, 0, 1)
    assert scores.aji == pytest.approx((30 + 30 + 24) / (54 + 54 + 30 + 12))
    assert scores.pq == pytest.approx((30 / 54 + 0.8) / 3)
    assert (scores.ia50, scores.ia75, scores.count_error) == pytest.approx((2 / 3, 1 / 3, 0))
    assert not scores.all_separated


def test_perfect_cell_is_perfect_and_quick() -> None:
    masks = grid_cell()
    start = time.process_time()
    scores = score_cell(masks, masks[::-1], crossing=np.ones(46, bool))
    assert time.process_time() - start < 0.5
    assert scores == CellScores(46, 46, 46, 46, 46, 46, 46, 46, 46, 1.0, 1.0, 1.0, 1.0, 0, 0, 0, 0)
    assert scores.all_separated


def test_empty_cell() -> None:
    nothing = np.zeros((0, 5, 5), bool)
    scores = score_cell(nothing, nothing, crossing=np.zeros(0, bool))
    assert scores.all_separated
    assert np.isnan([scores.ia50, scores.ia75, scores.aji, scores.pq, scores.sq, scores.rq]).all()


def test_summary_pools_chromosomes_and_averages_cells() -> None:
    good = CellScores(10, 10, 0, 10, 10, 0, 10, 10, 0, 1.0, 1.0, 1.0, 1.0, 0, 0, 0, 0)
    poor = CellScores(30, 24, 4, 15, 6, 1, 12, 9, 2, 0.5, 0.4, 0.8, 0.5, 2, 6, 1, 3)
    summary = summarise_cells([good, poor], np.random.default_rng(0))
    values = {name: interval.value for name, interval in summary.items()}
    assert values == pytest.approx(
        {
            "sep75": 25 / 40,
            "sep90": 16 / 40,
            "crossing_sep75": 0.25,
            "ia50": 22 / 40,
            "ia75": 19 / 40,
            "ia_count": 34 / 40,
            "crossing_recall50": 0.5,
            "cells_all_separated": 0.5,
            "aji": 0.75,
            "pq": 0.7,
            "sq": 0.9,
            "rq": 0.75,
            "count_error": 3.0,
            "joins": 1.0,
            "splits": 3.0,
            "missed": 0.5,
            "extra": 1.5,
        }
    )
    assert set(summary) == set(RATIOS) | set(MEANS)
    assert summary["sep75"][1:] == (0.5, 1.0)
    assert summary["crossing_sep75"][1:] == (0.25, 0.25)


def test_summary_is_reproducible() -> None:
    cells = [score_cell(*small_cell()[:2], crossing=small_cell()[2])] * 3
    first, second = (summarise_cells(cells, np.random.default_rng(5), resamples=100) for _ in range(2))
    assert first == second


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="`cells` must hold at least one"):
        summarise_cells([], np.random.default_rng(0))
    truth, predicted, _ = small_cell()
    with pytest.raises(ValueError, match="`crossing` must be"):
        score_cell(truth, predicted, crossing=np.zeros(1, bool))
    with pytest.raises(TypeError, match="`truth` must be bool"):
        score_cell(truth.astype(float), predicted, crossing=np.zeros(3, bool))
