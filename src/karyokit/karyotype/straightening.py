"""Straighten a bent chromosome along its medial axis.

The axis starts as the longest path of the mask's skeleton (or the long axis of a blob that has no useful skeleton),
is freed of its forks at the tips, centred between the two edges, smoothed by a spline and extended until it leaves
the mask. The picture is then sampled along the axis' normals, one row per pixel of axis length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage, sparse, spatial
from scipy.interpolate import splev, splprep
from scipy.sparse import csgraph
from skimage.morphology import skeletonize

from karyokit.checks import problem, require_plane
from karyokit.chromosomes import Region

_PAD = 2
_AROUND = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])
_STEPS = np.hypot(*_AROUND.T)
"""The neighbours of a pixel in reading order and their distances."""


@dataclass(frozen=True, eq=False)
class StraightChromosome:
    """A chromosome with its medial axis made straight, row 0 at the first point of ``axis``.

    ``picture`` (rows, columns) float32 and ``mask`` (rows, columns) bool hold one row per pixel of axis length;
    ``axis`` (rows, 2) float64 gives each row's (row, column) in the cell picture; ``profile`` (rows,) float32 is the
    mean density across the chromosome (the band profile), ``widths`` (rows,) float32 its width in pixels.
    The first point is the tip nearer to the top of the cell picture (the left one where both lie in one row).
    """

    picture: np.ndarray
    mask: np.ndarray
    axis: np.ndarray
    length_px: float
    median_width_px: float
    profile: np.ndarray
    widths: np.ndarray

    @property
    def even(self) -> bool:
        """Whether no row is over 1.6 times as wide as most: forked and clumped shapes have no single axis to be shown along."""
        return bool(self.widths.max() < 1.6 * self.median_width_px)


def straighten(density: np.ndarray, region: Region, *, own: np.ndarray | None = None, width: int | None = None) -> StraightChromosome:
    """Sample a chromosome along its medial axis, everything outside its mask being 0.

    ``density`` is the (rows, columns) cell picture in which chromosomes are bright and the background is 0; ``own`` the
    (height, width) density of the region's box where the chromosome's own is not the picture's (restored in overlaps);
    ``width`` is the number of columns of the result, by default just enough for the whole mask (always odd).
    Raises ``ValueError`` for a region without pixels or outside the picture, and for a width below 1.
    """
    require_plane("density", density[:1])  # its form; the pixels are looked at where they are used
    if width is not None and width < 1:
        raise ValueError(problem("width", "be at least 1", width, "Leave it out to fit the chromosome."))
    _require_inside(region, density.shape)
    shown = density[region.window] if own is None else own
    require_plane("density", shown)
    mask, axis, _ = _body_axis(region)
    where, near, weight = _sampling(region, width)
    picture = ndimage.map_coordinates(np.where(mask, np.pad(shown, _PAD), 0).astype(np.float32), where, order=1) * near
    return _as_record(picture, weight, axis + np.array([region.row - _PAD, region.column - _PAD], float))


def _as_record(picture: np.ndarray, weight: np.ndarray, axis: np.ndarray) -> StraightChromosome:
    """The result record; ``weight`` is the sampled mask in 0..1."""
    widths = weight.sum(axis=1)
    profile = np.divide(picture.sum(axis=1), widths, out=np.zeros_like(widths), where=widths > 0)
    steps = np.linalg.norm(np.diff(axis, axis=0), axis=1)
    inside = widths[widths > 0.5]
    return StraightChromosome(
        picture=picture.astype(np.float32),
        mask=weight >= 0.5,
        axis=axis,
        length_px=float(max(steps.sum(), 1.0)),
        median_width_px=float(np.median(inside)) if inside.size else 1.0,
        profile=profile.astype(np.float32),
        widths=widths.astype(np.float32),
    )


def medial_axis(region: Region) -> np.ndarray:
    """Points (k, 2) of the axis from tip to tip, (row, column) in the cell picture, about one pixel apart.

    The first point is the tip nearer to the top (the left one where both lie in one row). Raises ``ValueError`` for a
    region without pixels.
    """
    _require_inside(region, (region.row + region.crop.shape[0], region.column + region.crop.shape[1]))
    _, axis, _ = _body_axis(region)
    return axis + np.array([region.row - _PAD, region.column - _PAD], float)


def _require_inside(region: Region, shape: tuple[int, ...]) -> None:
    """Raise ``ValueError`` unless the region has pixels, all of them in a picture of ``shape``."""
    if region.area == 0:
        raise ValueError(problem("region", "have at least one pixel", "an empty region", "Drop it before straightening."))
    bottom, right = region.row + region.crop.shape[0], region.column + region.crop.shape[1]
    if region.row < 0 or region.column < 0 or bottom > shape[0] or right > shape[1]:
        raise ValueError(problem("region", f"lie inside the picture of shape {shape}", region.bbox, "Pass the picture it was found in."))


@lru_cache(maxsize=256)
def _body_axis(region: Region) -> tuple[np.ndarray, np.ndarray, float]:
    """Largest 8-connected part of the region, holes filled, with a margin of ``_PAD`` pixels; its axis and typical width.

    Kept for the regions last asked for, since turning, straightening and measuring all need it; the arrays are read-only.
    """
    labels, count = ndimage.label(region.crop, np.ones((3, 3)))
    body = region.crop if count == 1 else labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    mask = np.pad(ndimage.binary_fill_holes(body), _PAD)
    axis, typical = _axis_and_width(mask)
    mask.setflags(write=False)
    axis.setflags(write=False)
    return mask, axis, typical


def _axis_and_width(mask: np.ndarray) -> tuple[np.ndarray, float]:
    """Axis points (k, 2) one pixel apart, from tip to tip, and the typical width in pixels."""
    body, path, typical = _body_and_path(mask)
    path = _shortened(path, 0.5 * typical)
    if len(path) < 4 or _arc(path)[-1] < 0.7 * typical:
        path = _long_axis(mask)
    body = body.astype(np.float32)
    axis = _extended(_smoothed(path, typical), body, typical)
    for _ in range(2):
        axis = _extended(_smoothed(_centred(axis, body, typical), typical), body, typical)
    top_first = tuple(np.round(axis[0], 3)) <= tuple(np.round(axis[-1], 3))
    return (axis if top_first else axis[::-1].copy()), typical


def _body_and_path(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The mask with the gap between its chromatids closed, its longest skeleton path and its typical width.

    Closing is refused where it shortens the path, that is where it bridges the arms of a U rather than chromatids.
    """
    depth = ndimage.distance_transform_edt(mask)
    path = _longest_path(skeletonize(mask))
    typical = 2.0 * float(np.median(depth[tuple(path.T)]))
    closed = _closed(mask, 0.25 * typical)
    if closed.sum() == mask.sum():
        return mask, path, typical
    closed_path = _longest_path(skeletonize(closed))
    if _arc(closed_path)[-1] < 0.85 * _arc(path)[-1] - 0.5 * typical:
        return mask, path, typical
    wide = 2.0 * float(np.median(ndimage.distance_transform_edt(closed)[tuple(closed_path.T)]))
    return closed, closed_path, wide


def _closed(mask: np.ndarray, radius: float) -> np.ndarray:
    """Morphological closing by a disk, holes filled."""
    margin = int(np.ceil(radius)) + 1
    wide = np.pad(mask, margin)
    grown = ndimage.distance_transform_edt(~wide) <= radius
    shrunk = (ndimage.distance_transform_edt(grown) > radius) | wide
    return ndimage.binary_fill_holes(shrunk)[margin:-margin, margin:-margin]


def _longest_path(skeleton: np.ndarray) -> np.ndarray:
    """(k, 2) pixels of the longest shortest path of a skeleton, found by a double sweep."""
    points = np.argwhere(skeleton)
    number = np.full(skeleton.shape, -1)
    number[skeleton] = np.arange(len(points))
    neighbours = points[:, None] + _AROUND
    others = number[neighbours[..., 0], neighbours[..., 1]]
    met = others >= 0
    starts = np.concatenate([[0], np.cumsum(met.sum(axis=1))])
    graph = sparse.csr_matrix((np.broadcast_to(_STEPS, met.shape)[met], others[met], starts), shape=(len(points), len(points)))
    first = _farthest(csgraph.dijkstra(graph, indices=0))
    distance, before = csgraph.dijkstra(graph, indices=first, return_predecessors=True)
    chain = [_farthest(distance)]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return points[chain]


def _farthest(distance: np.ndarray) -> int:
    """Index of the largest finite distance."""
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1.0)))


def _arc(points: np.ndarray) -> np.ndarray:
    """Arc length (k,) from the first point to each."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def _shortened(path: np.ndarray, cut: float) -> np.ndarray:
    """The path without ``cut`` pixels of arc at either end, where the skeleton forks towards the corners."""
    arc = _arc(path)
    return path[(arc >= cut) & (arc <= arc[-1] - cut)].astype(float)


def _long_axis(mask: np.ndarray) -> np.ndarray:
    """Four points along the principal axis of a blob, inside its middle half."""
    points = np.argwhere(mask).astype(float)
    centre = points.mean(axis=0)
    if len(points) < 3:
        return centre + np.linspace(-0.25, 0.25, 4)[:, None] * np.array([1.0, 0.0])
    values, vectors = np.linalg.eigh(np.cov((points - centre).T))
    return centre + np.linspace(-0.5, 0.5, 4)[:, None] * max(np.sqrt(max(values[1], 0.0)), 0.5) * vectors[:, 1]


def _smoothed(points: np.ndarray, typical: float) -> np.ndarray:
    """Points of a smoothing cubic spline, about one pixel apart; the tolerance grows with the chromosome's width."""
    arc = _arc(points)
    keep = np.concatenate([[True], np.diff(arc) > 1e-6])
    points, arc = points[keep], arc[keep]
    degree = min(3, len(points) - 1)
    tolerance = (0.05 * typical) ** 2
    spline, _ = splprep(points.T, u=arc, k=degree, s=len(points) * tolerance)
    count = max(int(np.ceil(arc[-1])), 3) + 1
    return np.stack(splev(np.linspace(0, arc[-1], count), spline), axis=1)


def _extended(points: np.ndarray, body: np.ndarray, typical: float) -> np.ndarray:
    """The axis prolonged (or cut) at both ends so that it runs from edge to edge, one pixel between points."""
    back = max(int(0.6 * typical), 2)
    head = _to_edge(points[0], points[0] - points[min(back, len(points) - 1)], body)
    tail = _to_edge(points[-1], points[-1] - points[-min(back, len(points) - 1) - 1], body)
    line = np.concatenate([head[::-1], points, tail])
    inside = np.flatnonzero(ndimage.map_coordinates(body, line.T, order=1) >= 0.5)
    line = line[inside[0] : inside[-1] + 1] if inside.size > 1 else line
    arc = _arc(line)
    at = np.linspace(0.0, arc[-1], max(round(arc[-1]), 1) + 1)
    return np.stack([np.interp(at, arc, line[:, side]) for side in range(2)], axis=1)


def _to_edge(tip: np.ndarray, direction: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Points a quarter pixel apart from the tip straight on until the mask ends (none where the tip is outside)."""
    norm = float(np.linalg.norm(direction))
    if norm < 1e-9:
        return np.zeros((0, 2))
    ray = tip + np.arange(0.25, float(np.hypot(*body.shape)), 0.25)[:, None] * direction / norm
    ray = ray[((ray >= 0) & (ray < body.shape)).all(axis=1)]
    inside = ndimage.map_coordinates(body, ray.T, order=1) >= 0.5
    return ray[: int(np.argmin(inside))] if not inside.all() else ray


def _normals(axis: np.ndarray) -> np.ndarray:
    """(k, 2) unit normals; looking along the axis they point to its left in a (row, column) frame."""
    tangent = np.gradient(axis, axis=0)
    tangent = ndimage.gaussian_filter1d(tangent, 1.5, axis=0, mode="nearest")
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def _centred(axis: np.ndarray, body: np.ndarray, typical: float) -> np.ndarray:
    """The axis moved to the middle between the two edges of the mask, the tips pulled along."""
    reach = int(np.ceil(0.9 * typical)) + 1
    offsets = np.arange(-reach, reach + 1) * 1.0
    normals = _normals(axis)
    grid = axis[:, None] + offsets[None, :, None] * normals[:, None]
    inside = ndimage.map_coordinates(body, grid.transpose(2, 0, 1), order=1)
    run = _central_run(inside >= 0.5) * inside
    total = run.sum(axis=1)
    shift = np.divide((run * offsets).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    shift = ndimage.gaussian_filter1d(shift, max(0.15 * typical, 1.0), mode="nearest")
    moved = axis + np.clip(shift, -0.5 * typical, 0.5 * typical)[:, None] * normals
    cut = min(int(0.35 * typical), (len(moved) - 4) // 2)
    return moved[cut : len(moved) - cut] if cut > 0 else moved


def _central_run(inside: np.ndarray) -> np.ndarray:
    """Per row, the run of true columns that holds the middle column (all true columns where the middle is false)."""
    middle = inside.shape[1] // 2
    right = np.logical_and.accumulate(inside[:, middle:], axis=1)
    left = np.logical_and.accumulate(inside[:, middle::-1], axis=1)[:, ::-1]
    run = np.concatenate([left[:, :-1], right], axis=1)
    return np.where(inside[:, middle : middle + 1], run, inside)


def sampling_grid(axis: np.ndarray, columns: int) -> np.ndarray:
    """(2, k, columns) points (row, column) on the normals of an axis (k, 2), one pixel apart, the axis in the middle."""
    offsets = np.arange(columns) - (columns - 1) / 2
    grid = axis[:, None] + offsets[None, :, None] * _normals(axis)[:, None]
    return np.asarray(grid.transpose(2, 0, 1))


@lru_cache(maxsize=256)
def _sampling(region: Region, width: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where a straight picture samples the padded crop (2, k, columns), which samples count (bool), and the mask's weight (0..1) there.

    A sample belongs to a row only where that row's axis point is about the nearest one along the axis; at a sharp
    bend, or beside the other arm of a U, the same tissue would otherwise be seen twice. Kept as ``_body_axis`` is.
    """
    mask, axis, typical = _body_axis(region)
    tree = spatial.cKDTree(axis)
    half = (width - 1) / 2 if width is not None else float(np.ceil(tree.query(np.argwhere(mask))[0].max())) + 1
    where = sampling_grid(axis, round(2 * half) + 1)
    weight = ndimage.map_coordinates(mask.astype(np.float32), where, order=1)
    near = weight > 0
    rows = np.nonzero(near)[0]
    near[near] = np.abs(tree.query(where[:, near].T)[1] - rows) <= max(0.35 * typical, 2.0)
    weight = weight * near
    for one in (where, near, weight):
        one.setflags(write=False)
    return where, near, weight
