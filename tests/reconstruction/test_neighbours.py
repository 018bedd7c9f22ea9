"""Groups of objects, held against all the gaps between them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist, squareform

from karyokit.chromosomes import Region
from karyokit.reconstruction import neighbours


def box(row: int, column: int, height: int = 12, width: int = 8) -> Region:
    return Region(row, column, np.ones((height, width), bool))


@pytest.mark.parametrize("seed", range(6))
def test_groups_are_what_holds_together_over_gaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    regions = [box(*rng.integers(0, 400, 2).tolist(), *rng.integers(1, 40, 2).tolist()) for _ in range(40)]
    points = [np.argwhere(one.crop)[::3] + np.array([one.row, one.column]) for one in regions]
    gaps = np.array([[cdist(one, two).min() for two in points] for one in points])
    expected = fcluster(linkage(squareform(gaps, checks=False), "single"), 25, "distance")
    found = neighbours._groups(regions, 25)
    assert len(set(found.tolist())) > 1
    assert ((found[:, None] == found) == (expected[:, None] == expected)).all()


def test_a_few_objects_far_from_a_whole_cell_belong_to_another() -> None:
    cell = [box(20 * (number // 7), 20 * (number % 7)) for number in range(42)]
    found = neighbours.of_another_cell([*cell, box(400, 0), box(420, 0), box(440, 0), box(0, 600)], 8.0)
    assert np.flatnonzero(found).tolist() == [42, 43, 44]
