"""Stand a chromosome upright, or make it straight, and cut out its picture without its neighbours.

Angles are degrees counter-clockwise as seen on the screen, as in ``Chromosome.angle``; a flip is half a turn more
(never a mirror image, which no microscope produces).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from karyokit.checks import problem, require_plane
from karyokit.chromosomes import Region
from karyokit.karyotype.straightening import StraightChromosome, medial_axis, sampling_grid
from karyokit.staining import dark_on_light

_STRAIGHT_ENOUGH = 0.9
_MARGIN = 2.0
_SOFT_EDGE = 0.7


def upright_angle(region: Region, *, axis: np.ndarray | None = None) -> float:
    """Degrees in (-90, 90] by which the region is turned counter-clockwise to stand upright.

    A straight chromosome stands on the principal axis of its mask, a bent one on the line between its tips.
    ``axis`` takes the points of ``medial_axis`` where they are known already. Raises ``ValueError`` for an empty region.

    >>> upright_angle(Region(0, 0, np.ones((4, 20), bool)))
    90.0
    """
    points = medial_axis(region) if axis is None else axis
    return _angle_of(points[-1] - points[0] if is_bent(points) else _principal(region))


def is_bent(axis: np.ndarray) -> bool:
    """Whether the tips of an axis (k, 2) are nearer to one another than 0.9 of its length."""
    length = float(np.linalg.norm(np.diff(axis, axis=0), axis=1).sum())
    return float(np.linalg.norm(axis[-1] - axis[0])) < _STRAIGHT_ENOUGH * length


def _principal(region: Region) -> np.ndarray:
    """(row, column) direction of the mask's longest spread; downwards for a single pixel."""
    pixels = np.argwhere(region.crop).astype(float)
    if len(pixels) < 2:
        return np.array([1.0, 0.0])
    vectors = np.linalg.eigh(np.cov(pixels.T))[1]
    return np.asarray(vectors[:, -1])


def _angle_of(direction: np.ndarray) -> float:
    """Turn in (-90, 90] that makes a (row, column) direction vertical."""
    row, column = (float(part) for part in direction)
    turn = 90.0 - math.degrees(math.atan2(-row, column)) % 180.0
    return round(90.0 if turn <= -90.0 else turn, 6)


def first_is_upper(axis: np.ndarray, angle: float) -> bool:
    """Whether the first of the axis' points (k, 2) lies at the upper end after turning by ``angle`` degrees."""
    along = axis[-1] - axis[0]
    return bool(along[0] * math.cos(math.radians(angle)) - along[1] * math.sin(math.radians(angle)) >= 0)


def upright_picture(
    image: np.ndarray, region: Region, *, angle: float, flip: bool = False, stain: str, own: np.ndarray | None = None
) -> np.ndarray:
    """The chromosome's own grey values, turned upright (not straightened), neighbours and surroundings removed.

    ``image`` is the (rows, columns) picture as read; the result has its dtype and is just large enough. Where the
    chromosome is not, it holds the background of ``stain``: 0 for ``"fluorescence"``, for ``"brightfield"`` the
    largest value of the dtype (of the picture, where it is floating point). ``own`` gives the (height, width) grey values of the
    region's box where they are not the picture's (restored in overlaps). An empty region gives an error.
    """
    require_plane("image", image)
    turn, origin, shape = _frame(region, angle, flip)
    rows, columns = np.indices(shape, dtype=float)
    where = np.einsum("ij,jrc->irc", turn.T, np.stack([rows + origin[0], columns + origin[1]]))
    return _sampled(image, region, where, stain=stain, own=own)


def straight_picture(
    image: np.ndarray, region: Region, straight: StraightChromosome, *, stain: str, own: np.ndarray | None = None
) -> np.ndarray:
    """The chromosome's own grey values along its axis, in the rows and columns of ``straight``; otherwise as ``upright_picture``."""
    require_plane("image", image)
    seen = ndimage.binary_dilation(straight.mask)
    return _sampled(image, region, sampling_grid(straight.axis, straight.picture.shape[1]), stain=stain, own=own, seen=seen)


def _sampled(
    image: np.ndarray, region: Region, where: np.ndarray, *, stain: str, own: np.ndarray | None, seen: np.ndarray | None = None
) -> np.ndarray:
    """Grey values at the (row, column) points ``where`` (2, rows, columns), background outside the region and where not ``seen``."""
    corner = np.array([region.row - 2, region.column - 2], float)
    local = where - corner[:, None, None]
    soft = np.clip(2.5 * ndimage.gaussian_filter(np.pad(region.crop.astype(np.float32), 2), _SOFT_EDGE) - 0.4, 0, 1)
    alpha = ndimage.map_coordinates(soft, local, order=1) * (1.0 if seen is None else seen)
    value = ndimage.map_coordinates(_padded_window(image, region, own), local, order=1, mode="nearest")
    blend = alpha * value + (1 - alpha) * background_of(image, stain)
    return (np.rint(blend) if image.dtype.kind in "ui" else blend).astype(image.dtype)


def upright_point(region: Region, point: tuple[float, float], *, angle: float, flip: bool = False) -> tuple[float, float]:
    """Where a (row, column) point of the cell picture lies in the region's ``upright_picture``."""
    turn, origin, _ = _frame(region, angle, flip)
    row, column = turn @ np.asarray(point, float) - origin
    return float(row), float(column)


def background_of(image: np.ndarray, stain: str) -> float:
    """Grey value that stands for nothing in pictures of a stain: 0, or white where chromosomes are dark.

    >>> background_of(np.zeros((1, 1), np.uint8), "brightfield")
    255.0
    """
    white = image.max() if image.dtype.kind == "f" else np.iinfo(image.dtype).max
    return float(white) if dark_on_light(stain) else 0.0


def _padded_window(image: np.ndarray, region: Region, own: np.ndarray | None) -> np.ndarray:
    """The picture inside the region's box with 2 pixels around, edge values repeated; own pixels spread outwards.

    Outside the mask each pixel takes the value of the nearest own pixel, so that no neighbour shines through the
    antialiased edge.
    """
    inside = np.pad(region.crop, 2)
    window = np.pad((image[region.window] if own is None else own).astype(np.float32), 2, mode="edge")
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return window[tuple(nearest)]


def _frame(region: Region, angle: float, flip: bool) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Rotation matrix on (row, column), the upright picture's origin in turned coordinates, and its shape."""
    if region.area == 0:
        raise ValueError(problem("region", "have at least one pixel", "an empty region", "Drop it before turning it upright."))
    radians = math.radians(angle + (180.0 if flip else 0.0))
    cosine, sine = math.cos(radians), math.sin(radians)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    turned = turn @ (np.argwhere(region.crop) + np.array([region.row, region.column])).T.astype(float)
    low, high = turned.min(axis=1) - _MARGIN, turned.max(axis=1) + _MARGIN
    low = np.round(low, 6)
    rows, columns = (int(side) + 1 for side in np.ceil(np.round(high - low, 6)))
    return turn, low, (rows, columns)
