"""Every split: sizes of the papers, disjoint parts that cover what the rule says, leaks counted."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from karyokit.data.pair_splits import SPLITS, Leaks, PairIds, PairSplit, count_leaks, has_all_classes, split_pairs

COUNT = 13_434
PAIRS = np.array(list(combinations(range(12), 2)))
NUMBERS = np.sort(np.arange(COUNT) % 66)
SAMPLES = PairIds(NUMBERS, PAIRS[NUMBERS])
SIZES = {
    "amfl_paper": [(10_747, 0, 2_687)],
    "amfl_repo": [(8_060, 2_686, 2_686)],
    "arms_repo": [(8_597, 2_150, 2_687)] * 4 + [(8_598, 2_150, 2_686)],
    "arms_paper": [(8_598, 2_149, 2_686)] * 5,
    "rse": [(8_598, 2_149, 2_686)] * 5,
}
UNUSED = {"amfl_paper": 0, "amfl_repo": 2, "arms_repo": 0, "arms_paper": 1, "rse": 1, "pair_disjoint": 0}


def parts(split: PairSplit) -> list[np.ndarray]:
    return [split.train, split.val, split.test, split.unused]


@pytest.mark.parametrize("name", SPLITS)
@pytest.mark.parametrize("seed", [None, 0, 5])
def test_parts_are_disjoint_and_cover_every_sample(name: str, seed: int | None) -> None:
    for split in split_pairs(name, SAMPLES, seed=seed):
        assert split.name == name
        assert np.sort(np.concatenate(parts(split))).tolist() == list(range(COUNT))
        if name in UNUSED:
            assert len(split.unused) == UNUSED[name]


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_of_the_papers(name: str) -> None:
    assert [split.sizes for split in split_pairs(name, SAMPLES)] == SIZES[name]


def test_amfl_repo_cuts_where_the_code_does() -> None:
    (split,) = split_pairs("amfl_repo", PairIds.unknown(COUNT), seed=None)
    assert (split.train[0], split.train[-1]) == (0, 8_059)
    assert (split.val[0], split.val[-1]) == (8_061, 10_746)
    assert (split.test[0], split.test[-1]) == (10_748, 13_433)
    assert split.unused.tolist() == [8_060, 10_747]


def test_folds_of_arms_repo_test_every_sample_once() -> None:
    tests = np.concatenate([split.test for split in split_pairs("arms_repo", SAMPLES)])
    assert np.sort(tests).tolist() == list(range(COUNT))


def test_folds_of_arms_paper_share_the_test_and_validate_apart() -> None:
    folds = split_pairs("arms_paper", SAMPLES)
    assert all((fold.test == folds[0].test).all() for fold in folds)
    assert len(np.unique(np.concatenate([fold.val for fold in folds]))) == 5 * 2_149


def test_pair_disjoint_keeps_pairs_apart_but_not_chromosomes() -> None:
    (split,) = split_pairs("pair_disjoint", SAMPLES)
    assert [len(np.unique(NUMBERS[part])) for part in parts(split)[:3]] == [46, 7, 13]
    leaks = count_leaks(split, SAMPLES)
    assert (leaks.pairs, leaks.test_pairs) == (0, 13)
    assert leaks.chromosomes > 0


def test_chrom_disjoint_keeps_chromosomes_apart() -> None:
    (split,) = split_pairs("chrom_disjoint", SAMPLES)
    assert [len(np.unique(NUMBERS[part])) for part in parts(split)] == [28, 0, 6, 32]
    assert count_leaks(split, SAMPLES) == Leaks(pairs=0, test_pairs=6, chromosomes=0, test_chromosomes=4)


@pytest.mark.parametrize("name", SIZES)
def test_random_splits_leak_every_pair(name: str) -> None:
    for split in split_pairs(name, SAMPLES):
        assert count_leaks(split, SAMPLES) == Leaks(pairs=66, test_pairs=66, chromosomes=12, test_chromosomes=12)


@pytest.mark.parametrize("name", SPLITS)
def test_seeds_repeat_and_differ(name: str) -> None:
    first, again, other = (split_pairs(name, SAMPLES, seed=seed)[0] for seed in (3, 3, 4))
    assert (first.train == again.train).all()
    assert not np.array_equal(first.test, other.test)


def test_only_maps_with_all_four_classes_are_scored() -> None:
    labels = np.zeros((3, 4, 4), np.uint8)
    labels[0, 0, :3] = labels[1, 0, 1:] = 1, 2, 3
    labels[1, 0, 3] = 4
    assert has_all_classes(labels).tolist() == [True, False, False]
    assert has_all_classes(labels[:0]).shape == (0,)


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="Did you mean 'pair_disjoint'"):
        split_pairs("pairs_disjoint", SAMPLES)
    with pytest.raises(ValueError, match="of at least 10"):
        split_pairs("amfl_paper", PairIds.unknown(9))
    for name in ("pair_disjoint", "chrom_disjoint"):
        with pytest.raises(ValueError, match=r"got 20 unknown|got 40 unknown"):
            split_pairs(name, PairIds.unknown(20))
    with pytest.raises(ValueError, match="Find the pairs with `match_foregrounds`"):
        count_leaks(split_pairs("amfl_paper", PairIds.unknown(20))[0], PairIds.unknown(20))
