from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from karyokit.metrics.pixels import (
    amfl_scores,
    amfl_tables,
    best_labelling,
    channels_of,
    confusion_counts,
    iou_of,
    pair_counts,
    pair_report,
    pooled_scores,
    whole_channels,
)

TRUTH = np.array([[0, 0, 1, 1], [0, 2, 3, 1], [0, 2, 3, 0], [0, 2, 2, 0]], np.uint8)
FOUND = np.array([[0, 0, 1, 0], [0, 2, 3, 1], [0, 2, 2, 0], [2, 2, 2, 0]], np.uint8)
# class: tp fp fn   0: 6 1 1   1: 2 0 1   2: 4 2 0   3: 1 0 1
# whole: alpha {1,3} tp 3 fp 0 fn 2 tn 11;  beta {2,3} tp 6 fp 1 fn 0 tn 9
LABELS = arrays(np.uint8, (2, 3, 3), elements=st.integers(0, 3))


def probabilities(labels: np.ndarray) -> np.ndarray:
    return np.where(channels_of(labels), 0.9, 0.1)


def test_counts_by_hand() -> None:
    counts = confusion_counts(channels_of(TRUTH), channels_of(FOUND))
    assert counts.tp.tolist() == [6, 2, 4, 1]
    assert counts.fp.tolist() == [1, 0, 2, 0]
    assert counts.fn.tolist() == [1, 1, 0, 1]
    assert counts.tn.tolist() == [8, 13, 10, 14]


def test_empty_union_counts_as_one() -> None:
    labels = np.zeros((2, 2), np.uint8)
    assert iou_of(confusion_counts(channels_of(labels), channels_of(labels))).tolist() == [1, 1, 1, 1]


def test_pooled_scores_by_hand() -> None:
    scores = pooled_scores(pair_counts([TRUTH], [FOUND]))
    assert scores == pytest.approx(
        {
            "iou": 1 / 2,
            "iou_alpha": 3 / 5,
            "iou_beta": 6 / 7,
            "iou_0": 6 / 8,
            "iou_1": 2 / 3,
            "iou_2": 4 / 6,
            "accuracy": (14 / 16 + 15 / 16) / 2,
            "pixel_accuracy": 13 / 16,
            "class_accuracy": (6 / 7 + 2 / 3 + 1 + 1 / 2) / 4,
        }
    )


def test_pooling_differs_from_the_mean_over_images() -> None:
    pooled = pooled_scores(pair_counts([TRUTH, TRUTH], [FOUND, TRUTH]))
    assert pooled["iou"] == pytest.approx(3 / 4)
    tables = amfl_tables([TRUTH, TRUTH], [FOUND, TRUTH])
    assert tables["iou"][:, 3].tolist() == [0.5, 1.0]
    assert pooled["iou_1"] == pytest.approx(5 / 6)
    unequal = pooled_scores(pair_counts([TRUTH, np.repeat(TRUTH, 2, axis=1)], [FOUND, np.repeat(TRUTH, 2, axis=1)]))
    assert unequal["iou"] == pytest.approx(5 / 6)  # 1 + 4 of 2 + 4 px; the mean over images would be 3 / 4


def test_decisions_differ_where_channels_overlap_or_are_empty() -> None:
    picture = np.array([0.9, 0.8, 0.1, 0.5])[:, None, None] * np.ones((4, 1, 2))
    picture[:, 0, 1] = [0.2, 0.1, 0.4, 0.3]
    assert channels_of(picture, decision="sigmoid_round")[:, 0].tolist() == [[True, False], [True, False], [False, False], [False, False]]
    assert channels_of(picture, decision="argmax")[:, 0].tolist() == [[True, False], [False, False], [False, True], [False, False]]
    hits = pair_counts([np.array([[1, 2]])], [picture], decision="sigmoid_round").hits
    assert hits.tolist() == [1]  # Hu: any predicted channel may hit


def test_whole_chromosomes_share_the_overlap() -> None:
    whole = whole_channels(channels_of(TRUTH))
    assert whole.sum(axis=(1, 2)).tolist() == [5, 6]
    assert (whole[0] & whole[1]).tolist() == (TRUTH == 3).tolist()


def test_amfl_eight_by_hand() -> None:
    tables = amfl_tables([TRUTH], [FOUND])
    assert tables["accuracy"][0] == pytest.approx([14 / 16, 15 / 16, 14 / 16, 15 / 16])
    assert tables["dice"][0] == pytest.approx([12 / 14, 4 / 5, 8 / 10, 2 / 3])
    assert tables["iou"][0] == pytest.approx([6 / 8, 2 / 3, 4 / 6, 1 / 2])
    assert tables["precision"][0] == pytest.approx([6 / 7, 1, 4 / 6, 1])
    assert tables["recall"][0] == pytest.approx([6 / 7, 2 / 3, 1, 1 / 2])
    assert tables["fnr"][0] == pytest.approx([1 / 7, 1 / 3, 0, 1 / 2])
    assert tables["fpr"][0] == pytest.approx([1 / 9, 0, 2 / 12, 0])
    # background: the false (0, 3) lies 2 px from the next true one
    assert tables["hausdorff"][0] == pytest.approx([2, 1, 1, 1])
    with_background = amfl_scores(tables)
    assert with_background["iou"] == pytest.approx((6 / 8 + 2 / 3 + 4 / 6 + 1 / 2) / 4)
    assert amfl_scores(tables, include_background=False)["iou"] == pytest.approx((2 / 3 + 4 / 6 + 1 / 2) / 3)
    assert with_background["images"] == 1


def test_macro_identity_shows_that_the_background_is_included() -> None:
    background = 4 * 97.5974 - (97.09 + 98.93 + 94.37)  # Tables I and III of the paper
    assert background == pytest.approx(99.9996, abs=1e-4)
    tables = {"iou": np.array([[background, 97.09, 98.93, 94.37]])}
    assert amfl_scores(tables)["iou"] == pytest.approx(97.5974)


def test_only_complete_images_count() -> None:
    lacking = np.where(TRUTH == 3, 1, TRUTH)
    assert amfl_scores(amfl_tables([TRUTH, lacking], [TRUTH, TRUTH]))["images"] == 1
    assert np.isnan(amfl_scores(amfl_tables([lacking], [TRUTH]))["dice"])
    everything = amfl_tables([lacking, lacking], [TRUTH, lacking], only_complete=False)
    assert everything["iou"][0, 3] == 0.0
    assert everything["precision"][0, 3] == 0.0
    assert np.isnan(everything["recall"][0, 3])
    assert np.isnan([everything[name][1, 3] for name in ("iou", "dice", "precision", "recall", "fnr")]).all()
    assert everything["hausdorff"][:, 3].tolist() == [pytest.approx(np.hypot(4, 4)), 0.0]
    assert amfl_scores(everything)["images"] == 2


def test_a_missed_class_has_precision_zero() -> None:
    tables = amfl_tables([TRUTH], [np.where(TRUTH == 3, 2, TRUTH)])
    assert tables["precision"][0, 3] == tables["recall"][0, 3] == 0.0


def test_best_labelling_swaps_only_for_a_gain() -> None:
    truth, swapped = channels_of(TRUTH), channels_of(np.array([0, 2, 1, 3], np.uint8)[TRUTH])
    assert (best_labelling(truth, swapped) == truth).all()
    assert (best_labelling(truth, truth) == truth).all()
    symmetric = channels_of(np.array([[1, 2]], np.uint8))
    neither = channels_of(np.array([[3, 3]], np.uint8))
    assert (best_labelling(symmetric, neither) == neither).all()


@given(LABELS, LABELS)
def test_permutation_invariant_scores_ignore_the_order(truth: np.ndarray, found: np.ndarray) -> None:
    swapped = np.array([0, 2, 1, 3], np.uint8)[truth]
    first = pooled_scores(pair_counts(truth, found, permutation_invariant=True))
    second = pooled_scores(pair_counts(swapped, found, permutation_invariant=True))
    assert first["iou"] == second["iou"]
    plain = pair_counts(truth, found)
    invariant = pair_counts(truth, found, permutation_invariant=True)
    assert (iou_of(invariant.wholes).sum(axis=1) >= iou_of(plain.wholes).sum(axis=1)).all()


def test_report_has_every_protocol_plain_and_invariant() -> None:
    swapped = np.array([0, 2, 1, 3], np.uint8)[TRUTH]
    report = pair_report(np.stack([TRUTH, TRUTH]), np.stack([probabilities(swapped), probabilities(TRUTH)]), decision="sigmoid_round")
    assert report["pooled/iou"] == report["pooled/iou_pi"] == 1.0
    assert report["pooled/iou_alpha"] == pytest.approx((2 + 5) / (9 + 5))
    assert report["pooled/iou_alpha_pi"] == report["per_image/dice_pi"] == 1.0
    assert report["per_image/iou"] == pytest.approx((0.5 + 1) / 2)
    assert report["per_image_foreground/iou"] == pytest.approx((1 / 3 + 1) / 2)
    assert report["per_image/hausdorff_pi"] == report["per_image/hausdorff95_pi"] == 0.0
    assert report["per_image/images_pi"] == 2


def test_published_label_maps_score_perfectly_against_themselves(shared_data: object) -> None:
    archive = np.load(shared_data / "pommier" / "cleaned_test_labels.npz")  # type: ignore[operator]
    labels = archive[archive.files[0]][:10]
    report = pair_report(labels, labels)
    assert report["pooled/iou"] == report["per_image/dice"] == 1.0
    assert report["per_image/images"] == 10


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match=r"`labels` must lie in 0..3, got 0..4"):
        channels_of(np.array([[0, 4]]))
    with pytest.raises(ValueError, match="`picture` must be integer labels"):
        channels_of(np.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match="`decision` must be one of"):
        channels_of(np.zeros((4, 2, 2)), decision="round")
    with pytest.raises(ValueError, match="`predicted` must have the shape"):
        confusion_counts(channels_of(TRUTH), channels_of(TRUTH[:2]))
    with pytest.raises(ValueError, match="`truth` must hold at least one"):
        pair_counts([], [])
    with pytest.raises(ValueError, match="zip"):
        pair_counts([TRUTH], [])
