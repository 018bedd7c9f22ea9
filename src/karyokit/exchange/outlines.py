"""Outlines of a mask along the edges of its pixels, and the mask that outlines enclose: each gives the other back exactly.

Points are (x, y) at pixel corners: pixel (row, column) is the square from (column, row) to (column + 1, row + 1), as in ImageJ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import Region

_MAX_CROSSINGS = 50_000_000


def trace_outlines(crop: np.ndarray) -> list[np.ndarray]:
    """Closed outlines of a (rows, columns) bool mask, each (n, 2) int corner points, pieces clockwise and holes anticlockwise.

    Only the points where an outline turns are given, the first is not repeated. Pieces that meet at a corner only are
    outlined apart. An empty mask has none.

    >>> trace_outlines(np.ones((2, 3), bool))[0].tolist()
    [[0, 0], [3, 0], [3, 2], [0, 2]]
    """
    ways = _edges(crop)
    return [np.array(_follow(ways, start), int) for start in list(ways) if start in ways]


def _edges(crop: np.ndarray) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Directed unit edges between mask and background, the mask on the right: end points by their start point."""
    inside = np.pad(np.asarray(crop, bool), 1)
    core = inside[1:-1, 1:-1]
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {}
    sides = (
        (core & ~inside[:-2, 1:-1], (0, 0), (1, 0)),
        (core & ~inside[1:-1, 2:], (1, 0), (1, 1)),
        (core & ~inside[2:, 1:-1], (1, 1), (0, 1)),
        (core & ~inside[1:-1, :-2], (0, 1), (0, 0)),
    )
    for free, (from_x, from_y), (to_x, to_y) in sides:
        for y, x in np.argwhere(free).tolist():
            ways.setdefault((x + from_x, y + from_y), []).append((x + to_x, y + to_y))
    return ways


def _follow(ways: dict[tuple[int, int], list[tuple[int, int]]], start: tuple[int, int]) -> list[tuple[int, int]]:
    """Take one closed outline out of ``ways``; where two pixels meet at a corner, turn right and stay with the pixel."""
    corners: list[tuple[int, int]] = []
    here, step = start, (0, 0)
    while here in ways:
        ends = ways[here]
        right = (here[0] - step[1], here[1] + step[0])
        there = right if right in ends else ends[0]
        ends.remove(there)
        if not ends:
            del ways[here]
        onward = (there[0] - here[0], there[1] - here[1])
        if onward != step:
            corners.append(here)
        here, step = there, onward
    return corners


def fill_outlines(outlines: Sequence[np.ndarray], shape: tuple[int, int]) -> Region:
    """Region of a picture of ``shape`` whose pixel centres lie inside an odd number of the closed outlines (each (n, 2) x, y).

    A centre on an outline counts as ImageJ counts it: outside on a left edge, inside on a right one. What sticks out of the
    picture is cut off. Raises ``ValueError`` for points that are no numbers and for outlines too long to be a chromosome's.
    """
    edges = [np.hstack([points, np.roll(points, -1, axis=0)]).astype(float) for points in outlines if len(points)]
    x1, y1, x2, y2 = np.concatenate(edges).T if edges else np.zeros((4, 0))
    if not np.isfinite([x1, y1]).all():
        raise ValueError(problem("outline", "have finite points", "NaN or infinity", "Export it again."))
    first, last = (np.clip(np.ceil(y - 0.5), 0, shape[0]).astype(int) for y in (np.minimum(y1, y2), np.maximum(y1, y2)))
    counts = last - first
    if counts.sum() > _MAX_CROSSINGS:
        raise ValueError(problem("outline", "be that of one object", f"one crossing {counts.sum()} rows", "Export it again."))
    edge = np.repeat(np.arange(counts.size), counts)
    rows = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    x = x1[edge] + (rows + 0.5 - y1[edge]) * (x2 - x1)[edge] / (y2 - y1)[edge]
    columns = np.clip(np.floor(x + 0.5 + 1e-8), 0, shape[1]).astype(int)
    return _between(rows, columns)


def _between(rows: np.ndarray, columns: np.ndarray) -> Region:
    """Region of the pixels that have an odd number of the crossings at or left of them."""
    if rows.size == 0:
        return Region(0, 0, np.zeros((0, 0), bool))
    top, left = int(rows.min()), int(columns.min())
    crossings = np.zeros((rows.max() - top + 1, columns.max() - left + 1), np.uint8)
    np.bitwise_xor.at(crossings, (rows - top, columns - left), 1)
    inside = Region.from_mask(np.bitwise_xor.accumulate(crossings, axis=1).astype(bool))
    return Region(inside.row + top, inside.column + left, inside.crop) if inside.area else inside
