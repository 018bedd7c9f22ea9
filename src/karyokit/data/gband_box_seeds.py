"""Which stained pixels of a cluster certainly belong to which box: what seeds a partition of the cluster."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SLACK = 4
"""Pixels by which an edge of a tight box may miss the chromosome's own edge."""

TIP = 3
_EIGHT = np.ones((3, 3), bool)


def inside(box: np.ndarray, shape: tuple[int, ...], grow: int) -> tuple[slice, slice]:
    """Window (rows, columns) of a box (column, row, width, height) grown by ``grow`` and cut to a picture of ``shape``.

    >>> inside(np.array([2, 3, 4, 5]), (7, 20), 1)
    (slice(2, 7, None), slice(1, 7, None))
    """
    column, row, width, height = (round(float(side)) for side in box)
    rows = slice(min(max(row - grow, 0), shape[0]), min(max(row + height + grow, 0), shape[0]))
    return rows, slice(min(max(column - grow, 0), shape[1]), min(max(column + width + grow, 0), shape[1]))


def window_mask(box: np.ndarray, shape: tuple[int, ...], grow: int) -> np.ndarray:
    """Bool plane of ``shape``, True inside the grown box."""
    mask = np.zeros(shape, bool)
    mask[inside(box, shape, grow)] = True
    return mask


def seeds_in_cluster(cluster: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(rows, columns) int16: 1 + number of the box a pixel of the bool ``cluster`` must belong to, 0 where it is open, -1 for none.

    A pixel inside one tight box and more than `SLACK` from every other belongs to it, one more than `SLACK` from all
    belongs to something else (-1). Each edge of a box is reached by its chromosome: where a single tip of the cluster
    ends at the edge, that tip is the chromosome's. Tips that two boxes claim stay open. No boxes: -1 all over the cluster.
    """
    grown = [window_mask(box, cluster.shape, SLACK) for box in boxes]
    count = np.sum(grown, axis=0) if grown else np.zeros(cluster.shape, int)
    seeds = np.where(cluster & (count == 0), np.int16(-1), np.int16(0))
    claims = np.zeros(cluster.shape, np.uint8)
    for number, (box, near) in enumerate(zip(boxes, grown, strict=True), 1):
        tips = cluster_tips(cluster & near, box)
        seeds[cluster & (count == 1) & near] = number
        seeds[tips & (count > 1)] = number
        claims += tips & (count > 1)
    seeds[claims > 1] = 0
    return seeds


def cluster_tips(part: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Bool plane of the tips of ``part`` (cut to the grown box) that end at an edge of the box, where just one does."""
    column, row, width, height = (round(float(side)) for side in box)
    rows, columns = part.shape
    tips = _only_tip(part, column) | _only_tip(part.T, row).T
    tips |= _only_tip(part[:, ::-1], columns - column - width)[:, ::-1]
    return np.asarray(tips | _only_tip(part[::-1].T, rows - row - height).T[::-1])


def _only_tip(part: np.ndarray, edge: int) -> np.ndarray:
    """The tip that ends within `SLACK` of the column ``edge``, coming from the right; nothing where several or none do.

    What reaches the column where the grown box ends goes on beyond it and does not end here, unless the picture ends too.
    """
    tip = np.zeros(part.shape, bool)
    out = max(edge - SLACK, 0)
    stop = edge + SLACK + TIP + 1
    labels, _ = ndimage.label(part[:, :stop], _EIGHT)
    starts = {label: columns.start for label, (_, columns) in enumerate(ndimage.find_objects(labels), 1)}
    ends = {label: start for label, start in starts.items() if start <= edge + SLACK and (start > out or out == 0)}
    if len(ends) != 1:
        return tip
    ((label, start),) = ends.items()
    reach = min(start + TIP + 1, stop)
    tip[:, :reach] = labels[:, :reach] == label
    return tip
