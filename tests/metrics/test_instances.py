from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from karyokit.metrics.instances import (
    Edits,
    aggregated_jaccard,
    count_error,
    crossing_recall,
    edits_needed,
    instance_accuracy,
    instance_count_ratio,
    match,
    overlaps,
    panoptic_quality,
)

STACKS = st.integers(0, 4).flatmap(lambda n: arrays(bool, (n, 3, 4)))


def rows(*pictures: str) -> np.ndarray:
    """Masks of one-row pictures such as ``"##.."``."""
    return np.array([[[letter == "#" for letter in picture]] for picture in pictures], bool)


def none(width: int) -> np.ndarray:
    return np.zeros((0, 1, width), bool)


def test_overlaps_by_hand() -> None:
    counts = overlaps(rows("####..", "..####"), rows("###...", "....##", "......"))
    assert counts.shared.tolist() == [[3, 0, 0], [1, 2, 0]]
    assert counts.truth_areas.tolist() == [4, 4]
    assert counts.predicted_areas.tolist() == [3, 2, 0]
    np.testing.assert_allclose(counts.iou, [[3 / 4, 0, 0], [1 / 6, 2 / 4, 0]])


@given(STACKS, STACKS)
def test_overlaps_equal_the_dense_count(truth: np.ndarray, predicted: np.ndarray) -> None:
    counts = overlaps(truth, predicted)
    dense = np.array([[np.count_nonzero(one & other) for other in predicted] for one in truth], int).reshape(len(truth), len(predicted))
    assert counts.shared.tolist() == dense.tolist()
    assert counts.truth_areas.tolist() == [int(mask.sum()) for mask in truth]
    assert ((counts.iou >= 0) & (counts.iou <= 1)).all()


def test_match_prefers_more_pairs_then_more_iou() -> None:
    assert [part.tolist() for part in match(np.array([[0.9, 0.6], [0.6, 0.1]]), 0.5)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in match(np.array([[0.6, 0.9], [0.7, 0.6]]), 0.5)] == [[0, 1], [1, 0]]
    assert match(np.array([[0.74]]), 0.75)[0].size == 0
    assert match(np.array([[0.0]]), 0.0)[0].size == 0
    assert match(np.zeros((0, 3)), 0.5)[0].size == 0


@given(arrays(float, (3, 3), elements=st.integers(0, 10).map(lambda tenths: tenths / 10)))
def test_match_is_as_large_as_the_best_permutation(iou: np.ndarray) -> None:
    best = max(sum(iou[row, column] >= 0.5 for row, column in enumerate(order)) for order in itertools.permutations(range(3)))
    found, partners = match(iou, 0.5)
    assert found.size == best
    assert len(set(found.tolist())) == len(set(partners.tolist())) == best


def test_instance_accuracy_counts_and_their_literal_ratio() -> None:
    truth = rows("####....", "....####")
    predicted = rows("###.....", "....##..", "......##")
    counts = overlaps(truth, predicted)  # IoU 0.75, 0.5, 0.5
    assert instance_accuracy(counts) == 1.0
    assert instance_accuracy(counts, 0.75) == 0.5
    assert instance_count_ratio(counts) == 1.5
    assert count_error(counts) == 1
    assert np.isnan(instance_accuracy(overlaps(none(8), predicted)))
    assert np.isnan(instance_count_ratio(overlaps(none(8), predicted)))
    assert instance_accuracy(overlaps(truth, none(8))) == 0.0


def test_aggregated_jaccard_by_hand() -> None:
    truth = rows("####......", "......###.")
    predicted = rows("###.......", "....###...", ".........#")
    # truth 0 takes prediction 0: 3 of 4; truth 1 takes prediction 1: 1 of 5; prediction 2 (1 px) is unused
    assert aggregated_jaccard(overlaps(truth, predicted)) == pytest.approx((3 + 1) / (4 + 5 + 1))
    missed = overlaps(rows("####..", "....##"), rows("####.."))
    assert aggregated_jaccard(missed) == pytest.approx(4 / 6)


def test_aggregated_jaccard_of_nothing() -> None:
    assert np.isnan(aggregated_jaccard(overlaps(none(4), none(4))))
    assert aggregated_jaccard(overlaps(rows("##.."), none(4))) == 0.0
    assert aggregated_jaccard(overlaps(none(4), rows("##.."))) == 0.0


def test_panoptic_quality_by_hand() -> None:
    truth = rows("####......", ".....##...")
    predicted = rows("###.......", "........##", "....#.....")
    quality = panoptic_quality(overlaps(truth, predicted))  # one match of IoU 0.75, one missed, two false
    assert quality == pytest.approx((0.75 / 2.5, 0.75, 1 / 2.5))
    assert panoptic_quality(overlaps(rows("##.."), none(4))).pq == 0.0
    assert np.isnan(panoptic_quality(overlaps(rows("##.."), none(4))).sq)
    assert np.isnan(panoptic_quality(overlaps(none(4), none(4)))).all()


def test_crossing_recall_by_hand() -> None:
    truth = rows("####....", "..####..", "......##")
    counts = overlaps(truth, rows("####....", "......##"))
    assert crossing_recall(counts, np.array([True, True, False])) == 0.5
    assert np.isnan(crossing_recall(counts, np.zeros(3, bool)))


def test_edits_of_simple_mistakes() -> None:
    truth = rows("####....####", ".........###"[::-1])
    assert edits_needed(truth[:1], truth[:1]) == Edits(0, 0, 0, 0)
    assert edits_needed(rows("######"), rows("##....", "..##..", "....##")) == Edits(joins=2, splits=0, extra=0, missed=0)
    assert edits_needed(rows("##....", "..##..", "....##"), rows("######")) == Edits(joins=0, splits=2, extra=0, missed=0)
    assert edits_needed(rows("##...."), rows("....##")) == Edits(joins=0, splits=0, extra=1, missed=1)
    assert edits_needed(none(3), none(3)) == Edits(0, 0, 0, 0)
    assert edits_needed(rows("##."), none(3)) == Edits(0, 0, 0, 1)
    assert edits_needed(none(3), rows("##.")) == Edits(0, 0, 1, 0)


def cross() -> tuple[np.ndarray, np.ndarray]:
    """Two true bars of 9 x 3 px that cross in a 3 x 3 zone."""
    lying, standing = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    lying[3:6, :] = True
    standing[:, 3:6] = True
    return lying, standing


def test_edits_of_a_cross() -> None:
    lying, standing = cross()
    truth = np.stack([lying, standing])
    assert edits_needed(truth, truth[::-1]) == Edits(0, 0, 0, 0)
    assert edits_needed(truth, (lying | standing)[None]) == Edits(joins=0, splits=1, extra=0, missed=0)
    swapped = np.stack([lying, standing])
    swapped[0, 3:6, 6:], swapped[0, 6:, 3:6] = False, True
    swapped[1, 6:, 3:6], swapped[1, 3:6, 6:] = False, True
    assert edits_needed(truth, swapped) == Edits(joins=2, splits=2, extra=0, missed=0)
    zone = lying & standing
    pieces = np.stack([lying & ~zone, standing & ~zone, zone])
    assert edits_needed(truth, pieces) == Edits(joins=1, splits=0, extra=0, missed=0)


def test_a_chromosome_hidden_in_another_belongs_to_its_best_partner() -> None:
    truth = rows("########", "..###...")
    assert edits_needed(truth, truth) == Edits(0, 0, 0, 0)
    assert edits_needed(truth, truth[:1]) == Edits(joins=0, splits=1, extra=0, missed=0)


@given(STACKS, st.randoms(use_true_random=False))
def test_renumbering_changes_nothing(truth: np.ndarray, random: object) -> None:
    order = list(range(len(truth)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shifted = np.roll(truth, 1, axis=2)
    first, second = overlaps(truth, shifted), overlaps(truth[order], shifted)
    assert panoptic_quality(first) == pytest.approx(panoptic_quality(second), nan_ok=True)
    assert instance_accuracy(first) == pytest.approx(instance_accuracy(second), nan_ok=True)


def test_wrong_masks() -> None:
    masks = rows("##..")
    with pytest.raises(ValueError, match="`truth` must be an"):
        overlaps(masks[0], masks)
    with pytest.raises(TypeError, match="`predicted` must be bool"):
        overlaps(masks, masks.astype(np.uint8))
    with pytest.raises(ValueError, match="`predicted` must have the picture shape"):
        overlaps(masks, rows("##..."))
    with pytest.raises(ValueError, match="`threshold` must lie"):
        match(np.ones((1, 1)), 50)
    with pytest.raises(ValueError, match="`share` must lie"):
        edits_needed(masks, masks, share=2)
    with pytest.raises(ValueError, match="`crossing` must be \\(1,\\) bool"):
        crossing_recall(overlaps(masks, masks), np.array([1]))
