"""Objects of drawn cells: sharp class probabilities, areas by the class's length, good separations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from karyokit.human import RELATIVE_LENGTHS
from karyokit.karyotype.explanations import CellObjects

AUTOSOMES = [*range(1, 23)] * 2
XX, XY = [*AUTOSOMES, 23, 23], [*AUTOSOMES, 23, 24]


def without(cell: Sequence[int], category: int) -> list[int]:
    """The cell with one copy of the class fewer."""
    place = list(cell).index(category)
    return [*cell[:place], *cell[place + 1 :]]


def objects_of(categories: Sequence[int], *, sure: float = 0.9999, seed: int = 0) -> CellObjects:
    """A cell whose every object is its class with probability ``sure``, areas within 6 % of what they should be."""
    count = len(categories)
    given = np.full((count, 24), (1 - sure) / 23)
    given[np.arange(count), np.array(categories) - 1] = sure
    areas = 100 * np.array(RELATIVE_LENGTHS)[np.array(categories) - 1] * np.exp(np.random.default_rng(seed).normal(0, 0.06, count))
    return CellObjects(given, areas, np.full(count, 0.98), np.zeros(count, bool))


def joined_pair(objects: CellObjects, first: int, second: int) -> CellObjects:
    """The same cell with object ``second`` taken into ``first``: the area of both, an uncertain class, a doubtful separation."""
    assert objects.areas is not None
    probabilities, areas, scores = objects.probabilities.copy(), objects.areas.copy(), objects.scores.copy()
    probabilities[first] = 0.5 * (probabilities[first] + probabilities[second]) * 0.4 + 0.6 / 24
    areas[first] += areas[second]
    scores[first] = 0.6
    kept = np.arange(len(areas)) != second
    return CellObjects(probabilities[kept], areas[kept], scores[kept], objects.certain[kept])


def with_debris(objects: CellObjects, area: float) -> CellObjects:
    """The same cell with an object of no clear class and a low score."""
    assert objects.areas is not None
    return CellObjects(
        np.vstack([objects.probabilities, np.full(24, 1 / 24)]),
        np.append(objects.areas, area),
        np.append(objects.scores, 0.4),
        np.append(objects.certain, False),
    )
