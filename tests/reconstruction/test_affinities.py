from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.affinities import PRIOR, SURE, Affinities, gather_evidence
from karyokit.reconstruction.merging import merge_touching

STEPS = ((0, 4), (4, 0), (4, 4), (4, -4), (0, 10), (10, 0), (8, 8), (8, -8))


def true_affinities(masks: np.ndarray) -> Affinities:
    """What a perfect network would say of (n, rows, columns) bool masks that may overlap."""
    found = {}
    for down, right in STEPS:
        moved = np.roll(masks, (-down, -right), axis=(1, 2))
        found[down, right] = np.where((masks & moved).any(axis=0), 6.0, -6.0)
    return found


def two_bars() -> np.ndarray:
    """Two bars laid end to end without a gap."""
    masks = np.zeros((2, 30, 60), bool)
    masks[0, 10:20, 5:30] = True
    masks[1, 10:20, 30:55] = True
    return masks


def test_evidence_is_cut_off_and_shrunk_towards_nothing() -> None:
    labels = np.zeros((4, 40), int)
    labels[:, :20], labels[:, 20:] = 1, 2
    evidence = gather_evidence(labels, {(0, 10): np.full((4, 40), -50.0)})
    count = 2 * 5
    assert evidence.answers == {(1, 2): (-SURE * count, count)}
    assert evidence.mean(2, 1) == pytest.approx(-SURE * count / (count + PRIOR))
    assert evidence.mean(1, 3) == 0


def test_maps_of_another_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="`affinities` must have the shape"):
        gather_evidence(np.ones((4, 4), int), {(0, 2): np.zeros((5, 5))})


@pytest.mark.parametrize("shape", [(3, 40), (40, 3), (1, 1), (9, 11)])
def test_pictures_smaller_than_a_step_pair_what_they_can(shape: tuple[int, int]) -> None:
    labels = np.arange(np.prod(shape)).reshape(shape) + 1
    evidence = gather_evidence(labels, {step: np.ones(shape) for step in STEPS})
    expected = {
        (min(a, b), max(a, b))
        for down, right in STEPS
        for r in range(max(-down, 0), shape[0], 2)
        for c in range(max(-right, 0), shape[1], 2)
        if r + down < shape[0] and c + right < shape[1]
        for a, b in [(int(labels[r, c]), int(labels[r + down, c + right]))]
    }
    assert set(evidence.answers) == expected


@given(seed=st.integers(0, 1000))
def test_merging_adds_evidence_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.repeat(rng.integers(0, 4, (4, 4)), 5, axis=0), 5, axis=1)
    maps = {step: rng.normal(size=labels.shape) for step in STEPS}
    evidence = gather_evidence(labels, maps)
    evidence.merge(1, 2)
    direct = gather_evidence(np.where(labels == 2, 1, labels), maps)
    assert evidence.answers.keys() == direct.answers.keys()
    assert all(evidence.answers[pair] == pytest.approx(direct.answers[pair]) for pair in direct.answers)


def test_pieces_of_one_chromosome_are_joined_and_others_are_not() -> None:
    masks = two_bars()
    cut = np.where(masks[0], 1, 0) + np.where(masks[1], 2, 0)
    cut[10:20, 15:30] = 3
    merged = merge_touching(cut.astype(np.int32), true_affinities(masks), least=0.0)
    assert len(np.unique(merged[masks[0]])) == 1
    assert len(np.unique(merged[masks[1]])) == 1
    assert merged[12, 10] != merged[12, 40]
    assert np.array_equal(merge_touching(cut.astype(np.int32), {}, least=0.0), cut)


def test_pieces_that_meet_where_they_are_held_apart_are_not_joined() -> None:
    bar = np.zeros((12, 40), np.int32)
    bar[3:9, 2:20], bar[3:9, 20:38] = 1, 2
    sure = true_affinities((bar > 0)[None])
    apart = np.zeros(bar.shape, bool)
    assert np.unique(merge_touching(bar, sure, least=0.0, apart=apart)).size == 2
    apart[3, 18:22] = True
    assert np.array_equal(merge_touching(bar, sure, least=0.0, apart=apart), bar)


def test_a_doubtful_border_divides_two_chromosomes_but_not_one() -> None:
    masks = two_bars()
    border = np.zeros((30, 60), np.float32)
    border[10:20, 28:32] = 0.4
    border[10:20, 14:17] = 0.4
    foreground = masks.any(axis=0)
    found = reconstruct(foreground, np.zeros_like(foreground), border=border, affinities=true_affinities(masks))
    assert [one.region.bbox for one in found] == [(5, 10, 25, 10), (30, 10, 25, 10)]
    assert len(reconstruct(foreground, np.zeros_like(foreground), border=border)) == 1


def test_affinities_say_which_arms_of_a_bent_crossing_belong_together() -> None:
    masks = np.zeros((2, 60, 60), bool)
    masks[0, 26:34, 4:34], masks[0, 4:34, 26:34] = True, True
    masks[1, 26:34, 26:56], masks[1, 26:56, 26:34] = True, True
    zone, foreground = masks.all(axis=0), masks.any(axis=0)
    straight = reconstruct(foreground, zone, options=ReconstructionOptions(width=8.0))
    bent = reconstruct(foreground, zone, affinities=true_affinities(masks), options=ReconstructionOptions(width=8.0))
    assert [one.region.bbox for one in straight] == [(26, 4, 8, 52), (4, 26, 52, 8)]
    assert sorted(one.region.bbox for one in bent) == [(4, 4, 30, 30), (26, 26, 30, 30)]


def test_crossing_partition_does_not_heed_affinities() -> None:
    masks = two_bars()
    foreground, zone = masks.any(axis=0), np.zeros((30, 60), bool)
    border = np.where(np.arange(60) // 2 == 15, 0.4, 0.0) * foreground
    plain = reconstruct(foreground, zone, border=border, mode="legacy")
    heeded = reconstruct(foreground, zone, border=border, affinities=true_affinities(masks), mode="legacy")
    assert [one.region.bbox for one in heeded] == [one.region.bbox for one in plain]
