"""Karyotypes as numbers of copies per class: how usual each is before the cell is looked at, and what it is called."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from scipy.special import gammaln, logsumexp

from karyokit.chromosomes import CLASS_NAMES
from karyokit.karyotype.iscn import numerical_iscn

Copies = tuple[int, ...]
"""Copies of the classes 1..22, X, Y."""

MOST_COPIES = 8
MISSED = 0.02
"""Share of chromosomes that no object stands for."""

SEX_SHARES: dict[tuple[int, int], float] = {
    **{(2, 0): 0.44, (1, 1): 0.46, (1, 0): 0.05, (2, 1): 0.035},
    **{(3, 0): 0.008, (1, 2): 0.008, (2, 2): 0.001, (3, 1): 0.001, (4, 0): 0.0005, (0, 1): 0.0005, (0, 0): 0.0001},
}
"""Share of (X, Y) complements among the cells that are karyotyped; a rough measure of the cells of two such sets."""
GAINS: dict[int, float] = {21: 4e-3, 18: 2e-3, 13: 1e-3}
"""Share of cells with one copy more by autosome; ``USUAL_GAIN`` of the others."""
USUAL_GAIN, LOSS = 3e-4, 4e-4
UNSTABLE, UNSTABLE_CHANGE = 0.02, 0.05
"""Share of cells of unstable tissue (tumours), and how often a class is changed by one copy more or fewer in them."""
RARE_SEXES, SEX_CHANGE = 1e-6, 1e-3
"""Share of a complement that differs by one copy from those of ``SEX_SHARES``, and how much rarer each copy more makes it."""
POLYPLOID = 2e-3


def log_usual(copies: Copies) -> float:
    """Logarithm of the share of cells with these copies, before a cell is looked at.

    Cells of two sets with the sex complements of ``SEX_SHARES``, each autosome by its own rate; or, for a few cells, of
    ``UNSTABLE`` tissue where every class changes easily; or of three and more sets.
    """
    ploidy = max(round(float(np.median(copies[:22]))), 1)
    changes = np.array(copies[:22]) - ploidy
    shares = [_log_unstable(changes, copies, ploidy)]
    if ploidy == 2:
        single = [_log_change(number, int(change)) for number, change in enumerate(changes, start=1)]
        shares.append(sum(single) + _log_sexes(copies[22], copies[23]))
    return float(logsumexp(shares))


def _log_sexes(x: int, y: int) -> float:
    """Logarithm of the share of cells with ``x`` X and ``y`` Y chromosomes."""
    if known := SEX_SHARES.get((x, y)):
        return float(np.log(known))
    away = min(abs(x - one) + abs(y - two) for one, two in SEX_SHARES)
    return float(np.log(RARE_SEXES) + (away - 1) * np.log(SEX_CHANGE))


def _log_change(number: int, change: int) -> float:
    rate = GAINS.get(number, USUAL_GAIN) if change > 0 else LOSS
    return abs(change) * float(np.log(rate)) if change else float(np.log1p(-LOSS - GAINS.get(number, USUAL_GAIN)))


def _log_unstable(changes: np.ndarray, copies: Copies, ploidy: int) -> float:
    """Every class by the same rate, the sex chromosomes counted as differing from the nearest of the usual complements."""
    share = UNSTABLE if ploidy == 2 else POLYPLOID
    usual = [(ploidy - males, males) for males in range(ploidy // 2 + 1)]
    away = min(abs(copies[22] - x) + abs(copies[23] - y) for x, y in usual)
    steps = int(np.abs(changes).sum()) + min(away, 1)
    still = int((changes == 0).sum())
    of_sexes = max(away - 1, 0) * np.log(SEX_CHANGE)
    return float(np.log(share / len(usual)) + steps * np.log(UNSTABLE_CHANGE) + of_sexes + still * np.log1p(-2 * UNSTABLE_CHANGE))


def copies_of(categories: Iterable[int]) -> Copies:
    """Copies of each class among categories 1..24; objects without a class (0) count nowhere."""
    return tuple(int(number) for number in np.bincount(np.array(list(categories), int), minlength=len(CLASS_NAMES) + 1)[1:])


def iscn_of(copies: Copies) -> str:
    """The numerical ISCN string of a cell with these copies; ``?`` for a cell without chromosomes."""
    return numerical_iscn(category for category, number in enumerate(copies, start=1) for _ in range(number)) or "?"


@cache
def seen_weights() -> np.ndarray:
    """(MOST_COPIES + 1, MOST_COPIES + 1) weight of a class with k copies (row) of being seen in s objects (column).

    Each copy is missed with the share ``MISSED``; objects can share out k seen copies in k! / (k - s)! ways.
    """
    there, seen = np.mgrid[: MOST_COPIES + 1, : MOST_COPIES + 1]
    missed = np.maximum(there - seen, 0)
    logs = gammaln(there + 1) - gammaln(missed + 1) + missed * np.log(MISSED) + seen * np.log1p(-MISSED)
    return np.where(seen <= there, np.exp(logs), 0.0)


def likeliest(shares: np.ndarray, limit: int) -> Iterator[Copies]:
    """The ``limit`` most probable karyotypes where the classes have their numbers of copies with ``shares`` (24, k) independently."""
    order = np.argsort(-shares, axis=1, kind="stable")
    ranked = np.take_along_axis(shares, order, axis=1)
    first = (0,) * len(shares)
    heap = [(-_joint(ranked, first), first)]
    known = {first}
    while heap and limit > 0:
        _, ranks = heapq.heappop(heap)
        yield tuple(int(order[index, rank]) for index, rank in enumerate(ranks))
        limit -= 1
        for index, rank in enumerate(ranks):
            onward = (*ranks[:index], rank + 1, *ranks[index + 1 :])
            if rank + 1 < shares.shape[1] and onward not in known:
                known.add(onward)
                heapq.heappush(heap, (-_joint(ranked, onward), onward))


def _joint(ranked: np.ndarray, ranks: tuple[int, ...]) -> float:
    return float(ranked[np.arange(len(ranked)), list(ranks)].prod())
