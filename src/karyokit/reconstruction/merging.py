"""Touching pieces put together again where the affinity maps say that a cut went through one chromosome.

Greedy additive contraction: the two neighbours most surely of one chromosome are joined, their evidence is added up, and
so on until no two neighbours are likelier one than two (the idea of Keuper et al., ICCV 2015).
"""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.affinities import Affinities, Pair, gather_evidence


def merge_touching(arms: np.ndarray, affinities: Affinities, *, least: float, apart: np.ndarray | None = None) -> np.ndarray:
    """(rows, columns) int32 labels with neighbours joined whose mean log odds of being one chromosome exceed ``least``.

    Neighbours that meet at a pixel of the bool mask ``apart`` are left as they are. Labels of joined arms are no longer
    consecutive. Without maps, or without neighbours, nothing changes.
    """
    evidence = gather_evidence(arms, affinities)
    contacts = _contacts(arms) if apart is None else _contacts(arms) - _contacts(np.where(apart, arms, 0))
    table = np.arange(int(arms.max(initial=0)) + 1, dtype=np.int32)
    while contacts:
        best = max(contacts, key=lambda pair: (evidence.mean(*pair), pair))
        if evidence.mean(*best) <= least:
            break
        kept, gone = best
        table[table == gone] = kept
        contacts = _contracted(contacts, kept, gone)
        evidence.merge(kept, gone)
    return table[arms]


def _contracted(contacts: set[Pair], kept: int, gone: int) -> set[Pair]:
    renamed = ((kept if one == gone else one, kept if two == gone else two) for one, two in contacts)
    return {(min(pair), max(pair)) for pair in renamed if pair[0] != pair[1]}


def _contacts(arms: np.ndarray) -> set[Pair]:
    """Pairs (a, b), a < b, of arms of which pixels lie side by side."""
    found: set[Pair] = set()
    for one, two in ((arms[:-1], arms[1:]), (arms[:, :-1], arms[:, 1:])):
        meet = (one != two) & (one > 0) & (two > 0)
        pairs = np.unique(np.sort(np.stack([one[meet], two[meet]], axis=1), axis=1), axis=0)
        found |= {(int(a), int(b)) for a, b in pairs}
    return found
