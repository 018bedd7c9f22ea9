"""A pair set of bars that needs no shared data: 66 pairs of 12 bars, each pair drawn twice."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from karyokit.data.pommier import PairSet


def bars(repeats: int = 2) -> PairSet:
    """Crossing bars, 94x93; bar k is 30 + 2k px long, the smaller one lies level."""
    pairs = list(combinations(range(12), 2))
    keys = [(number, pair) for number, pair in enumerate(pairs) for _ in range(repeats)]
    truth = np.zeros((len(keys), 94, 93), np.uint8)
    shifts = np.random.default_rng(0).uniform(0.25, 0.75, (len(keys), 2))
    for index, (_, (alpha, beta)) in enumerate(keys):
        row, column = 30 + int(30 * shifts[index, 0]), 30 + int(30 * shifts[index, 1])
        truth[index, 45 - 15 - beta : 45 + 15 + beta, column - 5 : column + 5] |= 2
        truth[index, row - 4 : row + 4, column - 15 - alpha : column + 15 + alpha] |= 1
    images = (60 * (truth & 1) + 50 * (truth >> 1)).astype(np.int16)
    numbers = np.array([number for number, _ in keys])
    chromosomes = np.array([pair for _, pair in keys])
    return PairSet(images, truth.copy(), truth, numbers, chromosomes, np.zeros((len(keys), 2), int), shifts, len(keys))
