"""Boxes, guards and refinement of masks that overlap."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction.crf import CrfParameters, RefineOptions, cut_out, refine_instance, refine_instances
from karyokit.reconstruction.crf.instance import enlarged_box
from karyokit.reconstruction.crf.refine import reason_to_keep


def box(rows: slice, columns: slice, side: int = 30) -> np.ndarray:
    mask = np.zeros((side, side), bool)
    mask[rows, columns] = True
    return mask


def crossing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture, masks and probabilities of a cross whose middle is brighter than its arms."""
    masks = np.stack([box(slice(4, 36), slice(16, 24), 40), box(slice(16, 24), slice(4, 36), 40)])
    picture = (30 + 80 * masks.sum(axis=0)).astype(np.uint8)
    return picture, masks, np.where(masks, 0.8, 0.1)


def test_box_grows_by_a_share_by_a_margin_and_stays_in_the_picture() -> None:
    assert enlarged_box(box(slice(10, 20), slice(10, 20), 99), enlarge=1.5, margin=0) == (slice(7, 23), slice(7, 23))
    assert enlarged_box(box(slice(10, 20), slice(10, 20), 99), enlarge=1.0, margin=5) == (slice(7, 23), slice(7, 23))
    assert enlarged_box(box(slice(0, 20), slice(25, 30)), enlarge=1.25, margin=10) == (slice(0, 25), slice(20, 30))


@pytest.mark.parametrize(
    ("refined", "reason"),
    [
        (box(slice(5, 25), slice(10, 20)), ""),
        (box(slice(5, 25), slice(15, 25)), "overlap"),
        (box(slice(5, 25), slice(10, 24)), "area"),
        (box(slice(5, 25), slice(10, 20)) & ~box(slice(14, 15), slice(0, 30)), "parts"),
        (np.zeros((30, 30), bool), "overlap"),
    ],
)
def test_guards(refined: np.ndarray, reason: str) -> None:
    initial = box(slice(5, 25), slice(10, 20))
    assert reason_to_keep(initial, refined, RefineOptions()) == reason
    assert reason_to_keep(initial, refined, RefineOptions(min_iou=0, max_area_change=10, keep_whole=False)) == ""


def test_a_guard_gives_back_the_initial_mask(picture: np.ndarray, bar: np.ndarray) -> None:
    wrong = np.where(bar, 0.3, 0.1)
    kept = refine_instance(picture, wrong, bar)
    assert kept.kept == "overlap"
    np.testing.assert_array_equal(kept.mask, bar)


def test_missed_rim_is_restored_from_the_picture(picture: np.ndarray, unsure: np.ndarray, bar: np.ndarray) -> None:
    thin = unsure > 0.5
    options = RefineOptions(max_area_change=0.7, min_iou=0.5)
    found = refine_instance(picture, unsure, thin, parameters=CrfParameters(s_a=8), options=options)
    assert found.kept == ""
    np.testing.assert_array_equal(found.mask, bar)


def test_a_band_holds_back_what_lies_far_from_the_outline(picture: np.ndarray, bar: np.ndarray) -> None:
    flat = np.full(bar.shape, 0.5)
    flat[:, 12:] = 0.02  # the map has lost half of the bar
    options = RefineOptions(band=2, min_iou=0.0, max_area_change=1.0, keep_whole=False)
    found = refine_instance(picture, flat, bar, parameters=CrfParameters(w1=0.0), options=options).mask
    changed = found != bar
    assert changed[:, 14:16].any()
    inner = box(slice(6, 18), slice(10, 14), 24)
    outer = box(slice(2, 22), slice(6, 18), 24)
    assert not changed[inner].any()
    assert not changed[~outer].any()


def test_nothing_changes_outside_the_box() -> None:
    picture, masks, probabilities = crossing()
    high = np.maximum(probabilities[0], box(slice(0, 40), slice(36, 40), 40) * 0.99)
    options = RefineOptions(enlarge=1.0, margin=4)
    found = refine_instance(picture, high, masks[0], options=options).mask
    window = enlarged_box(masks[0], enlarge=1.0, margin=4)
    found[window] = False
    assert not found.any()


def test_overlaps_survive_and_order_does_not_matter() -> None:
    picture, masks, probabilities = crossing()
    found = refine_instances(picture, probabilities, masks, options=RefineOptions(freeze_overlap=True))
    shared = masks.all(axis=0)
    for one in found:
        assert one.mask[shared].all()
    back = refine_instances(picture, probabilities[::-1], masks[::-1], options=RefineOptions(freeze_overlap=True))
    for one, other in zip(found, back[::-1], strict=True):
        np.testing.assert_array_equal(one.mask, other.mask)


def test_freezing_keeps_a_zone_that_the_picture_would_take_away() -> None:
    picture, masks, probabilities = crossing()
    doubtful = np.where(masks.all(axis=0), 0.45, probabilities)
    off = {"min_iou": 0.0, "max_area_change": 1.0, "keep_whole": False}
    free = refine_instances(picture, doubtful, masks, parameters=CrfParameters(w2=0.0), options=RefineOptions(**off))
    held = refine_instances(picture, doubtful, masks, parameters=CrfParameters(w2=0.0), options=RefineOptions(**off, freeze_overlap=True))
    shared = masks.all(axis=0)
    assert not free[0].mask[shared].any()
    assert held[0].mask[shared].all()


def test_empty_cases_and_refusals(picture: np.ndarray, unsure: np.ndarray, bar: np.ndarray) -> None:
    assert refine_instances(picture, np.zeros((0, 24, 24)), np.zeros((0, 24, 24), bool)) == ()
    empty = refine_instance(picture, unsure, np.zeros_like(bar))
    assert empty.kept == "empty"
    assert not empty.mask.any()
    with pytest.raises(ValueError, match="one map per mask"):
        refine_instances(picture, unsure[None], np.stack([bar, bar]))
    with pytest.raises(ValueError, match="one shape"):
        cut_out(picture, unsure, bar[1:])
