"""What can be done with the regions of chromosomes: joined, cut out, compared, and which of them meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import ContactKind, Region

EIGHT = np.ones((3, 3), bool)
"""Neighbours over sides and corners."""


def union(regions: Sequence[Region]) -> Region:
    """The pixels of any of one or more regions."""
    filled = [one for one in regions if one.area]
    if not filled:
        return Region(0, 0, np.zeros((0, 0), bool))
    top, left = min(one.row for one in filled), min(one.column for one in filled)
    bottom = max(one.row + one.crop.shape[0] for one in filled)
    right = max(one.column + one.crop.shape[1] for one in filled)
    canvas = np.zeros((bottom - top, right - left), bool)
    for one in filled:
        canvas[moved(one, -top, -left).window] |= one.crop
    return moved(Region.from_mask(canvas), top, left)


def moved(region: Region, rows: int, columns: int) -> Region:
    """The region shifted."""
    return Region(region.row + rows, region.column + columns, region.crop)


def within(region: Region, other: Region) -> np.ndarray:
    """Crop of ``region`` that says which of its pixels' places ``other`` holds, a mask over the box of ``region``."""
    out = np.zeros(region.crop.shape, bool)
    top, left = max(region.row, other.row), max(region.column, other.column)
    bottom = min(region.row + region.crop.shape[0], other.row + other.crop.shape[0])
    right = min(region.column + region.crop.shape[1], other.column + other.crop.shape[1])
    if bottom > top and right > left:
        part = other.crop[top - other.row : bottom - other.row, left - other.column : right - other.column]
        out[top - region.row : bottom - region.row, left - region.column : right - region.column] = part
    return out


def cropped(region: Region, keep: np.ndarray) -> Region:
    """The pixels of a region where ``keep``, a mask over its box, is true."""
    return moved(Region.from_mask(region.crop & keep), region.row, region.column)


def shared(one: Region, two: Region) -> Region:
    """The pixels of both."""
    return cropped(one, within(one, two))


def without(one: Region, two: Region) -> Region:
    """The pixels of ``one`` that ``two`` does not hold."""
    return cropped(one, ~within(one, two))


def iou(one: Region, two: Region) -> float:
    """Shared pixels over all pixels of two regions that are not both empty."""
    both = shared(one, two).area
    return both / (one.area + two.area - both)


def nearest_owner(labels: np.ndarray) -> np.ndarray:
    """(rows, columns) labels in which every 0 has become the label nearest to it."""
    where = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return np.asarray(labels[tuple(where)])


def contacts_of(regions: Sequence[Region]) -> list[list[tuple[int, ContactKind]]]:
    """For each region the indices of those that it shares pixels with (crossing) or is next to, over corners too (touching)."""
    grown = [_grown(region) for region in regions]
    found: list[list[tuple[int, ContactKind]]] = [[] for _ in regions]
    for i, one in enumerate(regions):
        for j in range(i):
            if boxes_apart(grown[i], regions[j]):
                continue
            crossing = shared(one, regions[j]).area > 0
            if crossing or shared(grown[i], regions[j]).area:
                kind: ContactKind = "crossing" if crossing else "touching"
                found[i].append((j, kind))
                found[j].append((i, kind))
    return found


def boxes_apart(one: Region, two: Region) -> bool:
    """Whether the boxes of two regions share no pixel."""
    rows = one.row + one.crop.shape[0] <= two.row or two.row + two.crop.shape[0] <= one.row
    return rows or one.column + one.crop.shape[1] <= two.column or two.column + two.crop.shape[1] <= one.column


def _grown(region: Region) -> Region:
    """The region and a rim of one pixel, which may lie outside the picture."""
    return moved(Region(region.row, region.column, ndimage.binary_dilation(np.pad(region.crop, 1), EIGHT)), -1, -1)
