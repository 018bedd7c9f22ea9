"""Learning, deciding and doing together."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction.crf import Example, RefineOptions, masks_to_probabilities, refine_instances
from karyokit.reconstruction.nk_dna import (
    KEEP,
    Action,
    KnowledgeStore,
    apply_action,
    experience_of,
    learn,
    refine_with_store,
    state_of,
)
from karyokit.reconstruction.nk_dna.learning import hash_of_examples


def picture_and_masks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    masks = np.zeros((3, 40, 40), bool)
    masks[0, 5:35, 16:22] = masks[1, 16:22, 5:35] = True
    picture = (40 + 70 * masks.sum(axis=0) + np.random.default_rng(0).integers(0, 9, (40, 40))).astype(np.uint8)
    return picture, masks, masks_to_probabilities(masks)


def test_a_store_without_experiences_is_one_fixed_crf(start: KnowledgeStore) -> None:
    picture, masks, probabilities = picture_and_masks()
    decided = refine_with_store(picture, probabilities, masks, store=start)
    fixed = refine_instances(picture, probabilities, masks, parameters=start.best_network.parameters)
    for one, other in zip(decided, fixed, strict=True):
        np.testing.assert_array_equal(one.mask, other.mask)
        assert one.kept == other.kept
    assert decided[2].action == KEEP  # the empty mask
    assert decided[2].kept == "empty"


def test_learning_adds_a_better_network_and_experiences(
    start: KnowledgeStore, learned: KnowledgeStore, examples: list[Example], options: RefineOptions
) -> None:
    best = learned.best_network
    assert best.version == 1
    assert best.data == hash_of_examples(examples)
    assert set(start.networks) < set(learned.networks)
    assert len(learned.experiences) == 2 * len(examples)
    gains = [one.iou_change for one in learned.experiences if one.action.kind == "refine"]
    unrefined = np.mean([one.iou(one.crop.mask) for one in examples])
    assert best.score == pytest.approx(unrefined + np.mean(gains))
    action = learned.decide(state_of(examples[0].crop))
    assert action != KEEP
    refined = apply_action(learned, action, examples[0].crop, options=options).mask
    assert examples[0].iou(refined) > examples[0].iou(examples[0].crop.mask)


def test_learning_is_deterministic(start: KnowledgeStore, learned: KnowledgeStore, examples: list[Example], options: RefineOptions) -> None:
    from karyokit.reconstruction.crf import SearchSpace

    space = SearchSpace(coarse={"w1": (2.0, 6.0)}, fine=(), rounds=0)
    taken = learned.experiences[0].taken
    assert learn(start, examples, space=space, options=options, taken=taken) == learned
    assert learn(start, examples[::-1], space=space, options=options, taken=taken).best_network.data == learned.best_network.data


def test_a_correction_becomes_an_experience_that_changes_decisions(start: KnowledgeStore, examples: list[Example]) -> None:
    example = examples[1]
    action = Action("refine", start.best_network.key)
    spoilt = np.zeros_like(example.truth)
    spoilt[:3] = True
    one = experience_of(example, action, spoilt, boundary=lambda truth, mask: float((truth & mask).any()), taken="now")
    assert one.iou_change < -0.5
    assert one.boundary_change == -1
    assert start.decide(state_of(example.crop)) == action
    assert start.record([one]).decide(state_of(example.crop)) == KEEP


def test_time_is_recorded_where_none_is_given(examples: list[Example]) -> None:
    one = experience_of(examples[0], KEEP, examples[0].crop.mask)
    assert one.iou_change == 0
    assert one.taken.endswith("+00:00")


def test_band_changes_less(learned: KnowledgeStore, examples: list[Example], options: RefineOptions) -> None:
    crop = examples[2].crop
    np.testing.assert_array_equal(apply_action(learned, KEEP, crop).mask, crop.mask)
    whole, banded = (
        apply_action(learned, Action(kind, learned.best_network.key), crop, options=options).mask for kind in ("refine", "band")
    )
    assert np.count_nonzero(banded != crop.mask) <= np.count_nonzero(whole != crop.mask)
    assert (banded != crop.mask).any()
