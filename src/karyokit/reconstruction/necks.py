"""Touching chromosomes taken apart along short cuts between dents of their common outline.

A cut leads from a dent of the outline to another outline point. Whether it separates two chromosomes is judged by its
length, the depth of the dents, the size of the smaller side and how much of it runs along the border map; ``WEIGHTS`` is a
logistic rule fitted on M-FISH training cells (``benchmarks/fit_pair_costs.py --cuts``). Source: spec 10.4, step 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.draw import line
from skimage.measure import find_contours

TERMS = ("bias", "length", "deeper dent", "shallower dent", "narrowing", "small side", "detour", "at zone")
"""Names of the terms of a cut, in the order of the weights."""

WEIGHTS = np.array([-2.78, -0.96, 1.99, 1.68, -3.40, -2.71, 1.47, 2.48])
"""Weight of each of ``TERMS``; a cut is made where the weighted sum is positive."""

ALONG_BORDER = 4.0
"""Added for a cut that runs wholly along the border map, in proportion for others."""
BORDER_GIVEN = -2.5
"""Added where a border map was given: touching chromosomes it does not show are rare."""
DENT = np.deg2rad(25)
LONGEST = 1.6
SMALLEST = 0.3


@dataclass(frozen=True, eq=False)
class Cut:
    """A possible cut: the labels 1 and 2 of the sides it leaves (0 on the cut itself), its pixels, and its terms."""

    sides: np.ndarray
    pixels: tuple[np.ndarray, np.ndarray]
    terms: np.ndarray


def cut_necks(arms: np.ndarray, crossing: np.ndarray, width: float, border: np.ndarray | None, *, least: float = 0.0) -> np.ndarray:
    """(rows, columns) int32 arms with touching chromosomes cut apart; ``crossing`` marks zones, ``border`` is optional.

    Cuts are made where their weighted sum exceeds ``least``; below 0 they are rather wrong than right, each by itself.
    """
    arms = arms.copy()
    near_zone = ndimage.binary_dilation(crossing, iterations=2) if crossing.any() else crossing
    pending = [(arm, window) for arm, window in enumerate(ndimage.find_objects(arms), start=1) if window]
    fresh = len(pending)
    while pending:
        arm, window = pending.pop()
        body = arms[window] == arm
        lines = None if border is None else border[window]
        cut = best_cut(body, near_zone[window], width, lines, least=least)
        if cut is None:
            continue
        fresh += 1
        nearest = ndimage.distance_transform_edt(cut.sides == 0, return_distances=False, return_indices=True)
        arms[window][body] = np.where(cut.sides[tuple(nearest)][body] == 1, arm, fresh)
        pending += [(arm, window), (fresh, window)]
    return arms


def best_cut(body: np.ndarray, near_zone: np.ndarray, width: float, border: np.ndarray | None, *, least: float = 0.0) -> Cut | None:
    """The best cut through one arm, None where none exceeds ``least``."""
    best, found = least, None
    for cut in possible_cuts(body, near_zone, width):
        score = float(cut.terms @ WEIGHTS)
        if border is not None:
            score += BORDER_GIVEN + ALONG_BORDER * float(border[cut.pixels].mean())
        if score > best:
            best, found = score, cut
    return found


def possible_cuts(body: np.ndarray, near_zone: np.ndarray, width: float) -> Iterator[Cut]:
    """Cuts from each dent of the outline to the outline point that makes the shortest, most dented cut."""
    if np.count_nonzero(body) < 2 * SMALLEST * width**2:
        return
    padded = np.pad(body, 1)
    depth: np.ndarray | None = None  # most bodies have no dent
    for outline in find_contours(padded.astype(np.float32), 0.5):
        points = _even(outline - 1)
        if len(points) < 2 * width:
            continue
        dents = _dents(points, max(int(0.4 * width), 2))
        for start in _peaks(dents, int(0.4 * width)):
            end, length, detour = _partner(points, dents, start, width)
            if end < 0:
                continue
            cut = _made(body, points[[start, end]], width)
            if cut is None:
                continue
            sides, pixels, small = cut
            depth = ndimage.distance_transform_edt(padded)[1:-1, 1:-1] if depth is None else depth
            narrow = length / max(2 * min(depth[sides == 1].max(), depth[sides == 2].max()), 1.0)
            shape = [1.0, length / width, dents[start], dents[end], min(narrow, 2.0), np.exp(-small), min(detour, 8.0) / 8]
            yield Cut(sides, pixels, np.array([*shape, float(near_zone[pixels].any())]))


def _even(outline: np.ndarray) -> np.ndarray:
    """A closed outline smoothed and sampled at about one pixel."""
    smooth = ndimage.gaussian_filter1d(outline[:-1], 1.5, axis=0, mode="wrap")
    closed = np.vstack([smooth, smooth[:1]])
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    stations = np.linspace(0, travelled[-1], max(int(travelled[-1]), 3), endpoint=False)
    return np.stack([np.interp(stations, travelled, closed[:, axis]) for axis in (0, 1)], axis=1)


def _dents(points: np.ndarray, step: int) -> np.ndarray:
    """Angle in radians by which the outline turns inward at each point, negative where it bulges."""
    before, after = points - np.roll(points, step, axis=0), np.roll(points, -step, axis=0) - points
    turn = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1))
    ahead = np.roll(points, -1, axis=0)
    area = float((points[:, 0] * ahead[:, 1] - points[:, 1] * ahead[:, 0]).sum())
    return -np.sign(area) * turn


def _peaks(dents: np.ndarray, apart: int) -> np.ndarray:
    """Positions of the deepest points of dents."""
    top = ndimage.maximum_filter1d(dents, 2 * apart + 1, mode="wrap")
    return np.flatnonzero((dents >= top) & (dents > DENT))


def _partner(points: np.ndarray, dents: np.ndarray, start: int, width: float) -> tuple[int, float, float]:
    """The other end of the cut from ``start``: its position (-1 for none), the length, and outline walked per length."""
    length = np.hypot(*(points - points[start]).T)
    walk = np.abs(np.arange(len(points)) - start)
    walk = np.minimum(walk, len(points) - walk)
    fits = (walk >= 1.8 * length) & (walk >= 0.8 * width) & (length <= LONGEST * width)
    if not fits.any():
        return -1, 0.0, 0.0
    merit = np.where(fits, length / width - 0.5 * dents, np.inf)
    end = int(merit.argmin())
    return end, float(length[end]), float(walk[end] / max(length[end], 1.0))


def _made(body: np.ndarray, ends: np.ndarray, width: float) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], float] | None:
    """Sides 1 and 2 of the body after a cut, the cut's pixels, and the smaller area; None where it does not separate."""
    top = np.array(body.shape) - 1
    one, two = np.clip(np.rint(ends), 0, top).astype(int)
    rows, columns = line(*one, *two)
    inside = body[rows, columns]
    if inside.mean() < 0.6:
        return None
    open_body = body.copy()
    open_body[rows, columns] = False
    open_body[rows[:-1], columns[1:]] = False
    labels, count = ndimage.label(open_body)
    if count < 2:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    large = np.argsort(-sizes, kind="stable")[:2]
    if sizes[large[1]] < SMALLEST * width**2:
        return None
    sides = np.where(labels == large[0] + 1, 1, np.where(labels == large[1] + 1, 2, 0))
    return sides, (rows[inside], columns[inside]), float(sizes[large[1]]) / width**2
