"""The splits of the overlapping-pairs set that are in use, and two that do not leak (spec 1.5).

All pictures show 66 pairs of 12 chromosomes of one cell. A split of the pictures at random therefore puts near-duplicates
of every test picture into the training part; ``count_leaks`` says how many pairs and chromosomes are on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from karyokit.checks import lookup, problem

FOLDS = 5
CLASSES = (0, 1, 2, 3)


class PairIdentity(Protocol):
    """What a split needs to know of n samples: ``PairSet`` and ``PairIds`` are of this kind."""

    @property
    def pair(self) -> np.ndarray:
        """(n,) int number of the pair, -1 where it is not known."""

    @property
    def chromosomes(self) -> np.ndarray:
        """(n, 2) int the two chromosomes, -1 where they are not known."""


@dataclass(frozen=True, eq=False)
class PairIds:
    """Pair numbers (n,) and chromosome numbers (n, 2) of samples whose pictures lie elsewhere."""

    pair: np.ndarray
    chromosomes: np.ndarray

    @classmethod
    def unknown(cls, count: int) -> PairIds:
        """``count`` samples of a published file whose pairs have not been identified."""
        return cls(np.full(count, -1), np.full((count, 2), -1))


@dataclass(frozen=True, eq=False)
class PairSplit:
    """Indices of the samples in each part, (k,) int each; ``unused`` holds what the rule leaves out."""

    name: str
    train: np.ndarray
    val: np.ndarray
    test: np.ndarray
    unused: np.ndarray

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Number of samples for training, validation and test."""
        return len(self.train), len(self.val), len(self.test)


@dataclass(frozen=True)
class Leaks:
    """How many pairs and chromosomes of the test part also occur in training or validation, and of how many in the test part."""

    pairs: int
    test_pairs: int
    chromosomes: int
    test_chromosomes: int


def split_pairs(name: str, samples: PairIdentity, *, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """The folds of the split ``name`` of ``SPLITS``: five for ``arms_repo``, ``arms_paper`` and ``rse``, else one.

    ``seed`` shuffles the samples (or pairs, or chromosomes) first; None keeps their order, which is right for the first
    parts of the published files, shuffled already. Raises ``ValueError`` for an unknown name, fewer than 10 samples, or
    where a split by pair or chromosome is asked of samples that are not identified.
    """
    rule = lookup(SPLITS, name, "split")
    if len(samples.pair) < 10 or samples.chromosomes.shape != (len(samples.pair), 2):
        shapes = f"shapes {samples.pair.shape} and {samples.chromosomes.shape}"
        raise ValueError(problem("samples", "have `pair` (n,) and `chromosomes` (n, 2) of at least 10", shapes, "Pass a pair set."))
    return rule(samples, seed)


def amfl_paper(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """First four fifths (10,747) for training, the rest (2,687) for the test, no validation; score ``has_all_classes`` only."""
    order = _order(len(samples.pair), seed)
    cut = len(order) * 4 // 5
    return (_split("amfl_paper", len(order), order[:cut], order[:0], order[cut:]),)


def amfl_repo(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """As the released code cuts: 8,060 / 2,686 / 2,686; the sample after the training and after the validation part is skipped."""
    order = _order(len(samples.pair), seed)
    cut = len(order) * 4 // 5
    inner = cut * 3 // 4
    return (_split("amfl_repo", len(order), order[:inner], order[inner + 1 : cut], order[cut + 1 :]),)


def arms_repo(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """Five disjoint test folds; of each rest the last fifth validates: about 8,597 / 2,150 / 2,687."""
    order = _order(len(samples.pair), seed)
    edges = np.cumsum([0, *(len(part) for part in np.array_split(order, FOLDS))])
    folds = []
    for start, end in pairwise(edges.tolist()):
        rest = np.concatenate([order[:start], order[end:]])
        cut = len(rest) * 4 // 5
        folds.append(_split("arms_repo", len(order), rest[:cut], rest[cut:], order[start:end]))
    return tuple(folds)


def arms_paper(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """A fixed fifth for the test, the rest in five, each validating once: 8,598 / 2,149 / 2,686 in every fold.

    The printed sizes leave one sample of 13,434 out of every fold; which one is not said, here it is the last.
    """
    return _fixed_test("arms_paper", samples, seed)


def rse(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """The rule of ``arms_paper``, which the RSE-UNet paper states with identical sizes."""
    return _fixed_test("rse", samples, seed)


def pair_disjoint(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """No pair in two parts: 46, 7 and 13 of 66 pairs (70, 10 and 20 %); chromosomes still occur in all parts."""
    _require_identified(samples.pair)
    pairs = np.unique(samples.pair)
    pairs = pairs[_order(len(pairs), seed)]
    first, second = round(0.7 * len(pairs)), round(0.7 * len(pairs)) + round(0.1 * len(pairs))
    parts = (np.flatnonzero(np.isin(samples.pair, part)) for part in (pairs[:first], pairs[first:second], pairs[second:]))
    return (_split("pair_disjoint", len(samples.pair), *parts),)


def chrom_disjoint(samples: PairIdentity, seed: int | None = 0) -> tuple[PairSplit, ...]:
    """No chromosome in two parts: pairs within 8 of 12 chromosomes (28) train, within the other 4 (6) test.

    Pairs across are unused. There is no validation part: holding out training pairs is left to the recipe, for no choice
    of chromosomes would keep three parts apart and large enough.
    """
    _require_identified(samples.chromosomes)
    numbers = np.unique(samples.chromosomes)
    numbers = numbers[_order(len(numbers), seed)]
    seen = np.isin(samples.chromosomes, numbers[: round(len(numbers) * 2 / 3)])
    train, test = np.flatnonzero(seen.all(axis=1)), np.flatnonzero(~seen.any(axis=1))
    return (_split("chrom_disjoint", len(samples.pair), train, train[:0], test),)


SPLITS: dict[str, Callable[[PairIdentity, int | None], tuple[PairSplit, ...]]] = {
    "amfl_paper": amfl_paper,
    "amfl_repo": amfl_repo,
    "arms_repo": arms_repo,
    "arms_paper": arms_paper,
    "rse": rse,
    "pair_disjoint": pair_disjoint,
    "chrom_disjoint": chrom_disjoint,
}


def count_leaks(split: PairSplit, samples: PairIdentity) -> Leaks:
    """Pairs and chromosomes of the test part that training or validation has seen; ``ValueError`` where they are not known."""
    _require_identified(samples.pair)
    seen = np.concatenate([split.train, split.val])
    pairs, chromosomes = np.unique(samples.pair[split.test]), np.unique(samples.chromosomes[split.test])
    shared_pairs = int(np.isin(pairs, samples.pair[seen]).sum())
    return Leaks(shared_pairs, len(pairs), int(np.isin(chromosomes, samples.chromosomes[seen]).sum()), len(chromosomes))


def has_all_classes(labels: np.ndarray) -> np.ndarray:
    """(n,) bool: which of (n, rows, columns) label maps hold each of 0, 1, 2 and 3; AMFL scores those only.

    >>> has_all_classes(np.array([[[0, 1], [2, 3]], [[0, 1], [2, 2]]])).tolist()
    [True, False]
    """
    return np.all([(labels == value).any(axis=(1, 2)) for value in CLASSES], axis=0)


def _order(count: int, seed: int | None) -> np.ndarray:
    return np.arange(count) if seed is None else np.random.default_rng(seed).permutation(count)


def _fixed_test(name: str, samples: PairIdentity, seed: int | None) -> tuple[PairSplit, ...]:
    order = _order(len(samples.pair), seed)
    test, rest = order[: len(order) // FOLDS], order[len(order) // FOLDS :]
    size, training = len(rest) // FOLDS, len(rest) * (FOLDS - 1) // FOLDS
    windows = [slice(fold * size, (fold + 1) * size) for fold in range(FOLDS)]
    return tuple(_split(name, len(order), np.delete(rest, window)[:training], rest[window], test) for window in windows)


def _split(name: str, count: int, *parts: np.ndarray) -> PairSplit:
    """Name the parts and what is in none of them."""
    train, val, test = parts
    return PairSplit(name, train, val, test, np.setdiff1d(np.arange(count), np.concatenate(parts)))


def _require_identified(numbers: np.ndarray) -> None:
    if (numbers < 0).any():
        do = "Find the pairs with `match_foregrounds` against `build_pairs`."
        raise ValueError(problem("samples", "say which chromosomes each picture shows", f"{int((numbers < 0).sum())} unknown", do))
