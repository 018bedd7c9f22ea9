"""Which chromosomes share pixels or lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.review.shapes import EIGHT, moved, shared
from karyokit.review.state import CellState

Contact = tuple[int, Literal["touching", "crossing"]]


def contacts_of(regions: Sequence[Region]) -> list[list[Contact]]:
    """For each region the indices of those that it shares pixels with (crossing) or is next to, over corners too (touching)."""
    grown = [_grown(region) for region in regions]
    found: list[list[Contact]] = [[] for _ in regions]
    for i, one in enumerate(regions):
        for j in range(i):
            if _apart(grown[i], regions[j]):
                continue
            crossing = shared(one, regions[j]).area > 0
            if crossing or shared(grown[i], regions[j]).area:
                kind: Literal["touching", "crossing"] = "crossing" if crossing else "touching"
                found[i].append((j, kind))
                found[j].append((i, kind))
    return found


def crossing_regions(state: CellState) -> dict[int, tuple[Region, ...]]:
    """By number, the regions of the present chromosomes that a present chromosome shares pixels with; those without are left out."""
    found: dict[int, tuple[Region, ...]] = {}
    for one, two in combinations(state.present, 2):
        if not _apart(one.region, two.region) and shared(one.region, two.region).area:
            found[one.number] = (*found.get(one.number, ()), two.region)
            found[two.number] = (*found.get(two.number, ()), one.region)
    return found


def _grown(region: Region) -> Region:
    """The region and a rim of one pixel, which may lie outside the picture."""
    return moved(Region(region.row, region.column, ndimage.binary_dilation(np.pad(region.crop, 1), EIGHT)), -1, -1)


def _apart(one: Region, two: Region) -> bool:
    """Whether the boxes do not meet."""
    rows = one.row + one.crop.shape[0] <= two.row or two.row + two.crop.shape[0] <= one.row
    return rows or one.column + one.crop.shape[1] <= two.column or two.column + two.crop.shape[1] <= one.column
