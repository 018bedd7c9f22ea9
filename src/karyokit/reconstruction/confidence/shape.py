"""What the shape of a region says: its pieces, its axis, the widths along it and what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage
from skimage.graph import MCP_Geometric
from skimage.morphology import skeletonize

from karyokit.checks import problem
from karyokit.chromosomes import Region

EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Shape:
    """Shape of a region; lengths in pixels.

    ``crop`` (height, width) bool is the region's own; ``loose``: share of the area outside the largest 8-connected piece.
    ``axis`` (k, 2) are the pixels of the longest path along the skeleton of that piece, in the crop; ``place`` (height, width)
    is for each pixel the index of the nearest axis pixel and ``aside`` its distance. ``widths`` (k,) is the width at each
    axis pixel.
    """

    crop: np.ndarray
    loose: float
    axis: np.ndarray
    place: np.ndarray
    aside: np.ndarray
    widths: np.ndarray

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.crop))

    @property
    def width(self) -> float:
        """Median width along the axis."""
        return float(np.median(self.widths))

    @property
    def length(self) -> float:
        """Length from tip to tip: the axis and half a width at either end."""
        return float(np.linalg.norm(np.diff(self.axis, axis=0), axis=1).sum()) + self.width


@lru_cache(maxsize=256)
def shape_of(region: Region) -> Shape:
    """The shape of a region with at least one pixel; ``ValueError`` for an empty one. Kept for the regions last asked for."""
    if region.area == 0:
        raise ValueError(problem("region", "have at least one pixel", "an empty region", "Drop it first."))
    labels, _ = ndimage.label(np.pad(region.crop, 1), EIGHT)
    sizes = np.bincount(labels.ravel())[1:]
    body = ndimage.binary_fill_holes(labels == 1 + int(sizes.argmax()))
    axis = longest_path(skeletonize(body))
    depth = ndimage.distance_transform_edt(body)
    free = np.ones(body.shape, bool)
    free[tuple(axis.T)] = False
    number = np.zeros(body.shape, np.int32)
    number[tuple(axis.T)] = np.arange(len(axis))
    aside, nearest = ndimage.distance_transform_edt(free, return_indices=True)
    inner = slice(1, -1), slice(1, -1)
    widths = 2.0 * depth[tuple(axis.T)] - 1.0
    loose = 1 - float(sizes.max() / sizes.sum())
    return Shape(region.crop, loose, axis - 1, number[tuple(nearest)][inner], aside[inner], widths)


def longest_path(skeleton: np.ndarray) -> np.ndarray:
    """(k, 2) pixels of the longest shortest path of a connected (rows, columns) bool skeleton, found by a double sweep.

    >>> line = np.zeros((3, 6), bool)
    >>> line[1, 1:5] = True
    >>> longest_path(line)[[0, -1]].tolist()
    [[1, 4], [1, 1]]
    """
    costs = np.where(skeleton, 1.0, -1.0)
    start = tuple(np.argwhere(skeleton)[0].tolist())
    search = MCP_Geometric(costs)
    for _ in range(2):
        reached = np.asarray(search.find_costs([start])[0])
        start = tuple(int(side) for side in np.unravel_index(np.where(np.isfinite(reached), reached, -1).argmax(), reached.shape))
    return np.array(search.traceback(start))
