"""What affinity maps say about two pieces: do they lie on one chromosome?

An affinity map answers, for every pixel, whether it and the pixel one fixed step away lie on the same chromosome. All
answers between two pieces together are evidence for or against joining them, across a border as across a zone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from karyokit.checks import problem
from karyokit.steps import Step, paired_windows

Pair = tuple[int, int]
Affinities = Mapping[Step, np.ndarray]
"""(down, right) steps in pixels and, for each, the (rows, columns) float log odds that both ends lie on one chromosome."""

GRID = 2
"""Only every second pixel of every second row is asked: neighbours say the same."""
SURE = 4.0
"""Log odds are cut off here, so that no single pixel decides."""


PRIOR = 4.0
"""Answers that say nothing, added to those between two pieces: a few are trusted less than many."""


class Evidence:
    """What is known of pairs of pieces: for (a, b), a < b, the sum of log odds and the number of answers."""

    def __init__(self, answers: dict[Pair, tuple[float, int]]) -> None:
        self.answers = answers

    def mean(self, one: int, two: int) -> float:
        """Mean log odds that the pieces are one chromosome, as if `PRIOR` more answers had said nothing; 0 without answers."""
        total, count = self.answers.get((min(one, two), max(one, two)), (0.0, 0))
        return total / (count + PRIOR)

    def merge(self, kept: int, gone: int) -> None:
        """Give all that is known of piece ``gone`` to piece ``kept``."""
        for pair in [pair for pair in self.answers if gone in pair]:
            total, count = self.answers.pop(pair)
            other = pair[0] if pair[1] == gone else pair[1]
            if other != kept:
                new = min(kept, other), max(kept, other)
                before = self.answers.get(new, (0.0, 0))
                self.answers[new] = before[0] + total, before[1] + count


def gather_evidence(pieces: np.ndarray, affinities: Affinities) -> Evidence:
    """Evidence between the pieces of a (rows, columns) integer label picture, 0 outside.

    Raises ``ValueError`` where a map has another shape.

    >>> gather_evidence(np.array([[1, 1, 2, 2]]), {(0, 2): np.full((1, 4), 3.0)}).answers
    {(1, 2): (3.0, 1)}
    """
    labels = pieces.astype(np.int64)
    size = int(labels.max(initial=0)) + 1
    keys, values = [], []
    for step, plane in affinities.items():
        if plane.shape != labels.shape:
            raise ValueError(problem("affinities", f"have the shape {labels.shape} of the maps", plane.shape, "Pass maps of one picture."))
        here, there = paired_windows(labels.shape, step)
        one, two = labels[here][::GRID, ::GRID], labels[there][::GRID, ::GRID]
        differ = (one != two) & (one > 0) & (two > 0)
        low, high = np.minimum(one[differ], two[differ]), np.maximum(one[differ], two[differ])
        keys.append(low * size + high)
        values.append(np.clip(plane[here][::GRID, ::GRID][differ], -SURE, SURE))
    if not keys:
        return Evidence({})
    pairs, place = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(place, weights=np.concatenate(values), minlength=pairs.size)
    counts = np.bincount(place, minlength=pairs.size)
    names = [(int(pair // size), int(pair % size)) for pair in pairs]
    return Evidence(dict(zip(names, zip(sums.tolist(), counts.tolist(), strict=True), strict=True)))
