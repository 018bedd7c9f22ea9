from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.instance_report import crossing_masks, instance_report, score_picture


def stack(*rows: tuple[int, int]) -> np.ndarray:
    """Bars 10 columns wide over the given rows (first, past the last) of a 40 x 10 picture."""
    masks = np.zeros((len(rows), 40, 10), bool)
    for mask, (first, last) in zip(masks, rows, strict=True):
        mask[first:last] = True
    return masks


def boxes(*rows: tuple[int, int]) -> np.ndarray:
    return np.array([(0, first, 10, last - first) for first, last in rows], float).reshape(-1, 4)


def test_a_perfect_answer_scores_one_everywhere() -> None:
    bars = ((0, 10), (5, 20), (30, 40))  # the first two share 50 pixels
    report = instance_report([score_picture(stack(*bars), stack(*bars), boxes=boxes(*bars), scores=np.array([0.9, 0.8, 0.7]))])
    assert list(report.values()) == pytest.approx([1.0] * len(report))
    assert list(report) == [
        "box_ap",
        "mask_ap",
        "mask_ap50",
        "mask_ap75",
        "ia",
        "ia75",
        "ia_crossing",
        "ia_count",
        "boundary_f",
        "boundary_iou",
    ]


def test_by_hand() -> None:
    found = ((0, 10), (10, 16), (30, 35))  # IoU 1, 6/10, and nothing true there
    report = instance_report(
        [score_picture(stack((0, 10), (10, 20)), stack(*found), boxes=boxes(*found), scores=np.array([0.9, 0.8, 0.7]))]
    )
    assert (report["ia"], report["ia75"], report["ia_count"]) == (1.0, 0.5, 1.5)
    assert report["mask_ap50"] == pytest.approx(1.0)
    assert report["mask_ap75"] == pytest.approx(51 / 101)
    assert report["mask_ap"] == pytest.approx((3 * 1 + 7 * 51 / 101) / 10)
    assert report["box_ap"] == pytest.approx(report["mask_ap"])


def test_accuracy_of_those_that_cross() -> None:
    truth = ((0, 12), (10, 20), (25, 30))  # the first two share 20 pixels
    assert crossing_masks(stack(*truth)).tolist() == [True, True, False]
    assert crossing_masks(stack((0, 11), (10, 20))).tolist() == [False, False]
    assert crossing_masks(stack()).tolist() == []
    found = ((0, 12), (25, 30))
    report = instance_report([score_picture(stack(*truth), stack(*found), boxes=boxes(*found), scores=np.array([0.9, 0.8]))])
    assert (report["ia"], report["ia_crossing"]) == (pytest.approx(2 / 3), 0.5)


def test_unsure_detections_count_for_precision_but_not_for_accuracy() -> None:
    bars = ((0, 10), (20, 30))
    report = instance_report([score_picture(stack(*bars), stack(*bars), boxes=boxes(*bars), scores=np.array([0.9, 0.2]))])
    assert (report["mask_ap"], report["ia"], report["ia_count"]) == (pytest.approx(1.0), 0.5, 0.5)


def test_pictures_are_pooled_and_empty_answers_and_masks_are_misses() -> None:
    one = score_picture(stack((0, 10)), stack((0, 10)), boxes=boxes((0, 10)), scores=np.array([0.9]))
    nothing = score_picture(stack((0, 10), (10, 20), (20, 30)), stack(), boxes=boxes(), scores=np.zeros(0))
    hollow = score_picture(stack((0, 10)), stack((0, 0)), boxes=boxes((0, 10)), scores=np.array([0.9]))
    assert instance_report([one, nothing])["ia"] == 0.25
    assert instance_report([hollow])["ia_count"] == 0.0
    assert instance_report([hollow])["mask_ap"] == 0.0


def test_without_a_true_chromosome_nothing_is_measured() -> None:
    report = instance_report([score_picture(stack(), stack((0, 10)), boxes=boxes((0, 10)), scores=np.array([0.9]))])
    assert all(np.isnan(value) for value in report.values())


def test_a_box_and_a_score_for_each_mask() -> None:
    with pytest.raises(ValueError, match="1 masks, 1 boxes, 2 scores"):
        score_picture(stack((0, 10)), stack((0, 10)), boxes=boxes((0, 10)), scores=np.zeros(2))
