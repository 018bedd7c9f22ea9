from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.clusters import ClusterScores, binary_iou, overlap_detected, score_cluster, summarise_clusters, well_spliced


def zones(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """(40, 40) mask of boxes (row, column, height, width)."""
    mask = np.zeros((40, 40), bool)
    for row, column, height, width in boxes:
        mask[row : row + height, column : column + width] = True
    return mask


def test_binary_iou_by_hand() -> None:
    assert binary_iou(zones((0, 0, 2, 4)), zones((0, 2, 2, 4))) == pytest.approx(4 / 12)
    assert binary_iou(zones(), zones((0, 0, 1, 1))) == 0.0
    assert np.isnan(binary_iou(zones(), zones()))


def test_large_zones_need_half() -> None:
    truth = zones((0, 0, 10, 10))
    assert overlap_detected(truth, zones((0, 0, 10, 5)))
    assert not overlap_detected(truth, zones((0, 0, 10, 4)))


def test_small_zones_need_three_tenths() -> None:
    truth = zones((0, 0, 5, 10))
    assert overlap_detected(truth, zones((0, 0, 5, 3)))
    assert not overlap_detected(truth, zones((0, 0, 5, 2)))
    assert not overlap_detected(zones((0, 0, 6, 10)), zones((0, 0, 6, 3)))  # 60 px are not small


def test_missed_split_and_invented_zones() -> None:
    truth = zones((0, 0, 10, 10), (20, 20, 8, 8))
    assert overlap_detected(truth, truth)
    assert not overlap_detected(truth, zones((0, 0, 10, 10)))
    assert not overlap_detected(truth, truth | zones((30, 0, 2, 5)))
    assert overlap_detected(truth, truth | zones((30, 0, 3, 3)))  # 9 px are ignored
    assert not overlap_detected(truth, truth & ~zones((0, 5, 10, 1)))  # one zone in two halves of 50 and 40 px


def test_tiny_true_zones_are_not_needed_but_may_be_found() -> None:
    assert overlap_detected(zones((0, 0, 3, 3)), zones())
    assert overlap_detected(zones((0, 0, 3, 3)), zones((0, 0, 3, 4)))
    assert overlap_detected(zones(), zones())
    assert not overlap_detected(zones(), zones((0, 0, 5, 5)))


def test_well_spliced_needs_equal_numbers_and_three_quarters() -> None:
    truth = np.stack([zones((0, 0, 4, 20)), zones((0, 8, 20, 4))])
    assert well_spliced(truth, truth[::-1])
    assert well_spliced(truth, np.stack([zones((0, 0, 4, 15)), truth[1]]))
    assert not well_spliced(truth, np.stack([zones((0, 0, 4, 14)), truth[1]]))
    assert not well_spliced(truth, truth[:1])
    assert not well_spliced(truth, np.stack([*truth, zones((30, 30, 2, 2))]))
    assert well_spliced(truth[:0], truth[:0])


def test_cluster_by_hand() -> None:
    truth = np.stack([zones((0, 0, 4, 20)), zones((0, 8, 20, 4))])
    predicted = truth[:1]
    scores = score_cluster(truth[0] & truth[1], zones((0, 8, 4, 2)), truth=truth, predicted=predicted)
    assert (scores.iou_overlap, scores.iou_foreground) == pytest.approx((0.5, 80 / 144))
    assert (scores.overlap_detected, scores.well_spliced) == (True, False)
    assert scores.pq == pytest.approx(1 / 1.5)
    assert scores.aji == pytest.approx((80 + 16) / (80 + 144))


def test_summary_by_hand() -> None:
    def cluster(detected: bool, spliced: bool, iou: float = 0.5) -> ClusterScores:
        return ClusterScores(iou, 0.9, detected, spliced, 0.8, 0.7)

    summary = summarise_clusters([cluster(True, True), cluster(True, False), cluster(False, True), cluster(True, True, np.nan)])
    assert summary == pytest.approx(
        {
            "iou_overlap": 0.5,
            "iou_foreground": 0.9,
            "aji": 0.8,
            "pq": 0.7,
            "overlap_acc": 0.75,
            "sp_acc": 0.75,
            "overall": 0.5625,
            "sp_acc_of_detected": 2 / 3,
            "overall_joint": 0.5,
        }
    )


def test_published_counts() -> None:
    detected = [ClusterScores(0.8, 0.99, True, place < 105, 0.9, 0.9) for place in range(114)]
    summary = summarise_clusters([*detected, ClusterScores(0.1, 0.99, False, False, 0.9, 0.9)])
    assert round(100 * summary["overlap_acc"], 1) == 99.1
    assert round(100 * summary["sp_acc"], 1) == 91.3
    assert round(100 * summary["overall"], 1) == 90.5


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="`clusters` must hold at least one"):
        summarise_clusters([])
    with pytest.raises(ValueError, match="have one shape"):
        binary_iou(zones(), zones()[:5])
    with pytest.raises(ValueError, match="have one shape"):
        overlap_detected(zones(), zones()[:5])
