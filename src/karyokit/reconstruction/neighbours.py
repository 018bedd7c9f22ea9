"""Objects that belong to another cell in the same picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from karyokit.chromosomes import Region

GAP = 5.0
"""Chromosome widths that lie between a cell and its neighbour."""
WHOLE_CELL = 40
"""Objects a cell must keep, so that a metaphase that is spread widely is not taken for two."""
FEWEST = 3
"""Objects that make a neighbour: single chromosomes often lie far out."""


def of_another_cell(regions: Sequence[Region], width: float) -> np.ndarray:
    """(n,) bool: regions in groups apart from the largest one; ``width`` is the typical chromosome width in pixels.

    Groups are what holds together over gaps of ``GAP`` widths. Where the largest has fewer than ``WHOLE_CELL`` members, none
    is taken for another cell. The three limits were chosen on M-FISH training and validation cells.
    """
    if len(regions) <= WHOLE_CELL:
        return np.zeros(len(regions), bool)
    groups = _groups(regions, GAP * width)
    sizes = np.bincount(groups)
    main = int(sizes.argmax())
    if sizes[main] < WHOLE_CELL:
        return np.zeros(len(regions), bool)
    return (groups != main) & (sizes[groups] >= FEWEST)


def _groups(regions: Sequence[Region], gap: float, every: int = 3) -> np.ndarray:
    """(n,) numbers of the groups that hold together over gaps in pixels, seen on every third of the regions' pixels."""
    points = [np.argwhere(region.crop)[::every] + np.array([region.row, region.column]) for region in regions]
    firsts = [own[0] for own in points]
    sure = connected_components(cdist(firsts, firsts) <= gap)[1]  # mostly one group already, so that few gaps are left to measure
    trees = [
        cKDTree(np.concatenate([own for own, group in zip(points, sure, strict=True) if group == number])) for number in np.unique(sure)
    ]
    near = [[one is other or one.count_neighbors(other, gap) > 0 for other in trees] for one in trees]
    return np.asarray(connected_components(np.array(near))[1][sure])
