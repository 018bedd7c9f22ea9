"""Objects that belong to another cell in the same picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree
from scipy.spatial.distance import squareform

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
    groups = fcluster(linkage(squareform(_gaps(regions), checks=False), "single"), GAP * width, "distance")
    sizes = np.bincount(groups)
    main = int(sizes.argmax())
    if sizes[main] < WHOLE_CELL:
        return np.zeros(len(regions), bool)
    return (groups != main) & (sizes[groups] >= FEWEST)


def _gaps(regions: Sequence[Region], every: int = 3) -> np.ndarray:
    """(n, n) distances in pixels between regions, on every third of their pixels."""
    points = [np.argwhere(region.crop)[::every] + np.array([region.row, region.column]) for region in regions]
    trees = [cKDTree(own) for own in points]
    gaps = np.zeros((len(regions), len(regions)))
    for one, tree in enumerate(trees):
        for two in range(one):
            gaps[one, two] = gaps[two, one] = tree.query(points[two])[0].min()
    return gaps
