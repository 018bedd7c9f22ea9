"""What affinity maps say about two pieces: do they lie on one chromosome?

An affinity map answers, for every pixel, whether it and the pixel one fixed step away lie on the same chromosome. All
answers between two pieces together are evidence for or against joining them, across a border as across a zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from karyokit.checks import problem
from karyokit.steps import Step

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
    labels = pieces.astype(np.int64).ravel()
    size = int(labels.max(initial=0)) + 1
    keys, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    for plane, pixels, partners in pairs_asked(pieces > 0, affinities):
        differ = labels[pixels] != labels[partners]
        one, two = labels[pixels[differ]], labels[partners[differ]]
        keys.append(np.minimum(one, two) * size + np.maximum(one, two))
        values.append(np.clip(plane[np.divmod(pixels[differ], pieces.shape[1])], -SURE, SURE))
    pairs, place = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(place, weights=np.concatenate(values), minlength=pairs.size)
    counts = np.bincount(place, minlength=pairs.size)
    names = [(int(pair // size), int(pair % size)) for pair in pairs]
    return Evidence(dict(zip(names, zip(sums.tolist(), counts.tolist(), strict=True), strict=True)))


def pairs_asked(inside: np.ndarray, affinities: Affinities) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each map the map, the flat indices of the pixels asked, and those of the pixels a step away; both lie ``inside``.

    ``inside`` is (rows, columns) bool. Raises ``ValueError`` where a map has another shape.
    """
    margin = max((abs(move) for step in affinities for move in step), default=0)
    padded = np.pad(inside, margin)
    width, wide = inside.shape[1], padded.shape[1]
    grids: dict[Step, tuple[np.ndarray, np.ndarray]] = {}
    for (down, right), plane in affinities.items():
        if plane.shape != inside.shape:
            raise ValueError(problem("affinities", f"have the shape {inside.shape} of the maps", plane.shape, "Pass maps of one picture."))
        top, left = max(-down, 0) % GRID, max(-right, 0) % GRID
        if (top, left) not in grids:
            rows, columns = np.nonzero(inside[top::GRID, left::GRID])
            rows, columns = GRID * rows + top, GRID * columns + left
            grids[top, left] = rows * width + columns, (rows + margin) * wide + columns + margin
        pixels, places = grids[top, left]
        pixels = pixels[padded.ravel()[places + (down * wide + right)]]
        yield plane, pixels, pixels + (down * width + right)
