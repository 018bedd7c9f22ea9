"""Shapes that people draw, and what they do to regions.

Points are (row, column) with the origin at the top left corner of the top left pixel: pixel (r, c) covers r..r+1, c..c+1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.draw import polygon
from skimage.measure import find_contours

from karyokit.chromosomes import Region
from karyokit.regions import EIGHT, cropped, moved, nearest_owner
from karyokit.review.state import Refused

Point = tuple[float, float]
Ring = list[list[float]]

SMALLEST = 12
"""Pixels that a chromosome must have; smaller crumbs of a cut go to the nearest part."""
_BARRIER = 0.75
"""Half the width of a cutting line in pixels: pixels that touch by a corner only do not reach across it."""
_OVERSHOOT = 3.0
"""Pixels by which a cutting line goes on at either end, so that it need not be begun exactly outside."""


def polygon_region(points: Sequence[Point], shape: tuple[int, int]) -> Region:
    """Pixels of a (rows, columns) picture whose centre lies inside a polygon; what lies outside the picture is left out."""
    corners = np.asarray(points, float) - 0.5
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, shape)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, shape)
    canvas = np.zeros(tuple(np.maximum(high - low, 0)), bool)
    if canvas.size:
        canvas[polygon(corners[:, 0] - low[0], corners[:, 1] - low[1], canvas.shape)] = True
    return moved(Region.from_mask(canvas), int(low[0]), int(low[1]))


def stroke_region(line: Sequence[Point], radius: float, shape: tuple[int, int]) -> Region:
    """Pixels of a (rows, columns) picture whose centre lies within ``radius`` of a line of one or more points."""
    points = np.asarray(line, float) - 0.5
    low = np.clip(np.floor(points.min(axis=0) - radius).astype(int), 0, shape)
    high = np.clip(np.ceil(points.max(axis=0) + radius).astype(int) + 1, 0, shape)
    canvas = np.zeros(tuple(np.maximum(high - low, 0)), bool)
    for start, end in zip(points[: max(len(points) - 1, 1)], points[1:] if len(points) > 1 else points, strict=True):
        _draw_segment(canvas, start - low, end - low, radius)
    return moved(Region.from_mask(canvas), int(low[0]), int(low[1]))


def _draw_segment(canvas: np.ndarray, start: np.ndarray, end: np.ndarray, radius: float) -> None:
    """Set the pixels within ``radius`` of a segment."""
    low = np.clip(np.floor(np.minimum(start, end) - radius).astype(int), 0, canvas.shape)
    high = np.clip(np.ceil(np.maximum(start, end) + radius).astype(int) + 1, 0, canvas.shape)
    if (high <= low).any():
        return
    rows, columns = np.mgrid[low[0] : high[0], low[1] : high[1]]
    along = end - start
    length = float(along @ along)
    share = ((rows - start[0]) * along[0] + (columns - start[1]) * along[1]) / length if length else np.zeros(rows.shape)
    share = np.clip(share, 0, 1)
    far = np.hypot(rows - start[0] - share * along[0], columns - start[1] - share * along[1])
    canvas[low[0] : high[0], low[1] : high[1]] |= far <= radius


def cut(region: Region, line: Sequence[Point]) -> list[Region]:
    """The parts that do not hold together once a line is drawn, largest first; pixels of the line go to the nearest part.

    Raises ``Refused`` where fewer than two parts of ``SMALLEST`` pixels come of it.
    """
    height, width = region.crop.shape
    points = _lengthened(np.asarray(line, float) - [region.row, region.column])
    barrier = stroke_region([(float(r), float(c)) for r, c in points], _BARRIER, (height, width)).to_mask((height, width))
    labels, count = ndimage.label(region.crop & ~barrier, EIGHT)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    kept = [label for label in range(1, count + 1) if sizes[label] >= SMALLEST]
    if len(kept) < 2:
        raise Refused("the line does not cut this chromosome in two. Draw it from one side of the chromosome to the other.")
    owner = nearest_owner(np.where(np.isin(labels, kept), labels, 0))
    return sorted((cropped(region, owner == label) for label in kept), key=lambda part: -part.area)


def _lengthened(points: np.ndarray) -> np.ndarray:
    """The line with ``_OVERSHOOT`` pixels more at either end, in the direction it has there."""
    if len(points) < 2:
        return points
    ends = []
    for tip, inner in ((points[0], points[1:]), (points[-1], points[-2::-1])):
        away = next((tip - one for one in inner if np.hypot(*(tip - one)) >= 2), tip - inner[-1])
        length = float(np.hypot(*away))
        ends.append(tip + away * (_OVERSHOOT / length) if length else tip)
    return np.vstack([ends[0], points, ends[1]])


def outlines(region: Region) -> list[Ring]:
    """Closed rings around the pixels and their holes, largest first, without repeated last points; none for an empty region."""
    padded = np.pad(region.crop, 1).astype(np.float32)
    origin = np.array([region.row - 1, region.column - 1]) + 0.5
    rings = sorted((_corners(ring[:-1]) + origin for ring in find_contours(padded, 0.5)), key=len, reverse=True)
    return [np.round(ring, 1).tolist() for ring in rings]


def _corners(ring: np.ndarray) -> np.ndarray:
    """The points (k, 2) of a ring at which it changes direction."""
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    return ring[np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) > 1e-6]


def pieces(region: Region) -> int:
    """Number of separate parts of ``SMALLEST`` pixels or more, joined over corners."""
    labels, _ = ndimage.label(region.crop, EIGHT)
    return int((np.bincount(labels.ravel())[1:] >= SMALLEST).sum())
