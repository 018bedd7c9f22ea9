"""Which chromosomes of a cell under review share pixels."""

from __future__ import annotations

from itertools import combinations

from karyokit.chromosomes import Region
from karyokit.regions import boxes_apart, shared
from karyokit.review.state import CellState


def crossing_regions(state: CellState) -> dict[int, tuple[Region, ...]]:
    """By number, the regions of the present chromosomes that a present chromosome shares pixels with; those without are left out."""
    found: dict[int, tuple[Region, ...]] = {}
    for one, two in combinations(state.present, 2):
        if not boxes_apart(one.region, two.region) and shared(one.region, two.region).area:
            found[one.number] = (*found.get(one.number, ()), two.region)
            found[two.number] = (*found.get(two.number, ()), one.region)
    return found
