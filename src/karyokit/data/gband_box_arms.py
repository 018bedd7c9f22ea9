"""Arms of a cluster: where they meet, and which box each arm belongs to, told by what the boxes must reach."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

from karyokit.data.gband_box_seeds import SLACK

MOST_WAYS = 512
"""Assignments of arms to boxes that are tried at most."""

CLEAR = 6
"""Pixels by which the best assignment must reach the boxes better than any other."""

Extent = tuple[int, int, int, int]
_EIGHT = np.ones((3, 3), bool)


def arms_and_zones(cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) int32 numbered arms and the bool zones between them, where branches of the skeleton meet."""
    skeleton = skeletonize(cluster)
    around = ndimage.convolve(skeleton.astype(np.uint8), _EIGHT.astype(np.uint8), mode="constant") - 1
    depth = ndimage.distance_transform_edt(np.pad(cluster, 1))[1:-1, 1:-1]
    zones = np.zeros(cluster.shape, bool)
    for row, column in np.argwhere(skeleton & (around >= 3)):
        draw_disc(zones, row, column, 1.2 * depth[row, column] + 1)
    zones &= cluster
    return ndimage.label(cluster & ~zones)[0], zones


def draw_disc(plane: np.ndarray, row: int, column: int, radius: float) -> None:
    """Set a disc of the plane to True in place."""
    top, left = max(int(row - radius), 0), max(int(column - radius), 0)
    window = plane[top : int(row + radius) + 2, left : int(column + radius) + 2]
    rows, columns = np.ogrid[: window.shape[0], : window.shape[1]]
    window |= (rows + top - row) ** 2 + (columns + left - column) ** 2 <= radius**2


def spread_seeds(seeds: np.ndarray, arms: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """``seeds`` spread over whole arms: those with seeds of one box only, then those of which only one box is in need."""
    spread = seeds.copy()
    free: list[tuple[int, list[int]]] = []
    for arm, place in enumerate(ndimage.find_objects(arms), 1):
        here = arms[place] == arm
        names = np.unique(seeds[place][here & (seeds[place] != 0)])
        if len(names) == 1:
            spread[place][here] = names[0]
        elif not len(names):
            candidates = [name for name, box in enumerate(boxes, 1) if holds(box, place)]
            free.append((arm, candidates))
    for arm, name in needed(free, spread, arms, boxes).items():
        spread[arms == arm] = name
    return spread


def holds(box: np.ndarray, place: tuple[slice, slice]) -> bool:
    """Does the box, grown by `SLACK`, hold the window (rows, columns)?"""
    rows, columns = place
    low = columns.start >= box[0] - SLACK and rows.start >= box[1] - SLACK
    return bool(low and columns.stop <= box[0] + box[2] + SLACK and rows.stop <= box[1] + box[3] + SLACK)


def needed(free: Sequence[tuple[int, list[int]]], spread: np.ndarray, arms: np.ndarray, boxes: np.ndarray) -> dict[int, int]:
    """Arm -> box of those ``free`` arms, (arm, boxes that hold it), that the boxes need so that their edges are reached.

    An arm held by one box only is its own. The others are given to boxes in every way, `MOST_WAYS` at most; an arm is
    told only if it goes to the same box in all ways that miss the boxes by less than `CLEAR` pixels more than the best, or
    if all of these put the same arms together (an X whose two boxes are alike).
    """
    told = {arm: names[0] for arm, names in free if len(names) == 1}
    undecided = [(arm, names) for arm, names in free if len(names) > 1]
    if not undecided or np.prod([float(len(names)) for _, names in undecided]) > MOST_WAYS:
        return told
    places = ndimage.find_objects(arms)
    reached = _reached(spread, len(boxes))
    for arm, name in told.items():
        reached[name - 1].append(_extent(places[arm - 1]))
    extents = [_extent(places[arm - 1]) for arm, _ in undecided]
    ways = list(product(*(names for _, names in undecided)))
    misfits = np.array([_misfit(reached, extents, way, boxes) for way in ways])
    rivals = np.array(ways)[misfits < misfits.min() + CLEAR]
    together = rivals[:, :, None] == rivals[:, None, :]
    clear = (rivals == rivals[0]).all(axis=0) | (together == together[0]).all()
    return told | {arm: int(name) for (arm, _), name, sure in zip(undecided, rivals[0], clear, strict=True) if sure}


def _reached(seeds: np.ndarray, number: int) -> list[list[Extent]]:
    """Extent of the seeds of each box, none where it has no seeds."""
    places = ndimage.find_objects(np.maximum(seeds, 0), max_label=number)
    return [[] if place is None else [_extent(place)] for place in places]


def _extent(place: tuple[slice, slice]) -> Extent:
    rows, columns = place
    return columns.start, rows.start, columns.stop, rows.stop


def _misfit(reached: Sequence[Sequence[Extent]], extents: Sequence[Extent], way: Sequence[int], boxes: np.ndarray) -> float:
    """Pixels, over all boxes and edges, by which boxes are missed if arm k of ``extents`` goes to box ``way[k]``."""
    total = 0.0
    for name, (box, own) in enumerate(zip(boxes, reached, strict=True), 1):
        corners = np.array([*own, *(extent for extent, owner in zip(extents, way, strict=True) if owner == name)])
        if not len(corners):
            total += float(box[2] + box[3])
            continue
        total += float(np.abs(corners[:, :2].min(axis=0) - box[:2]).sum() + np.abs(corners[:, 2:].max(axis=0) - box[:2] - box[2:]).sum())
    return total
