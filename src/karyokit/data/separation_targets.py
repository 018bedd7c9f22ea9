"""What a separation network learns from: density, and per pixel foreground, border between chromosomes, overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.records import AnnotatedCell
from karyokit.staining import to_density

CHANNELS = ("foreground", "border", "overlap")
FOREGROUND, BORDER, OVERLAP_ZONE = range(3)
MIN_OVERLAP = 15


@dataclass(frozen=True, eq=False)
class SeparationSample:
    """``density`` (rows, columns) float16; ``target`` and ``weight`` (3, rows, columns) bool in the order of ``CHANNELS``.

    ``owners`` (2, rows, columns) uint8 numbers the chromosomes a pixel is known to belong to, the second plane where it
    belongs to two; 0 where that is not known or there is none. None is as good as zeros.
    """

    name: str
    density: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    owners: np.ndarray | None = None


def sample_of(cell: AnnotatedCell) -> SeparationSample:
    """Sample of a cell whose regions are all known: every pixel counts."""
    target = separation_target(cell.regions, cell.shape)
    density = to_density(cell.image, cell.stain).astype(np.float16)
    return SeparationSample(cell.name, density, target, np.ones_like(target), owner_planes(cell.regions, cell.shape))


def owner_planes(regions: Sequence[Region], shape: tuple[int, int]) -> np.ndarray:
    """(2, rows, columns) uint8 numbers, from 1, of the regions that own a pixel; a third owner is left out.

    >>> one, two = Region(0, 0, np.ones((1, 3), bool)), Region(0, 2, np.ones((1, 2), bool))
    >>> owner_planes([one, two], (1, 5)).tolist()
    [[[1, 1, 1, 2, 0]], [[0, 0, 2, 0, 0]]]
    """
    owners = np.zeros((2, *shape), np.uint8)
    for number, region in enumerate(regions[:255], start=1):
        first, second = owners[0][region.window], owners[1][region.window]
        second[region.crop & (first > 0) & (second == 0)] = number
        first[region.crop & (first == 0)] = number
    return owners


def separation_target(regions: Sequence[Region], shape: tuple[int, int], reach: int = 2) -> np.ndarray:
    """(3, rows, columns) bool: foreground; border, within ``reach`` pixels of two chromosomes; overlap zones.

    Shared regions under 15 px, or too thin to hold 3 x 3 pixels, mark touching chromosomes and count as border (data
    page of the M-FISH set).

    >>> left, right = np.zeros((5, 8), bool), np.zeros((5, 8), bool)
    >>> left[:, :4], right[:, 4:] = True, True
    >>> target = separation_target([Region.from_mask(left), Region.from_mask(right)], (5, 8), reach=1)
    >>> target[BORDER][0].astype(int).tolist(), bool(target[OVERLAP_ZONE].any())
    ([0, 0, 0, 1, 1, 0, 0, 0], False)
    """
    count = np.zeros(shape, np.uint8)
    near = np.zeros(shape, np.uint8)
    for region in regions:
        count[region.window] += region.crop
    for region in regions:
        window, grown = _grown(region, shape, reach, count)
        near[window] += grown
    shared, small = _zones_and_seams(count >= 2)
    border = (((near >= 2) | small) & ~shared) if regions else near > 0
    return np.stack([count > 0, border, shared])


def _grown(region: Region, shape: tuple[int, int], reach: int, count: np.ndarray) -> tuple[tuple[slice, slice], np.ndarray]:
    """The region's own pixels (not shared) grown by ``reach``, with the window they lie in."""
    top, left = max(region.row - reach, 0), max(region.column - reach, 0)
    bottom = min(region.row + region.crop.shape[0] + reach, shape[0])
    right = min(region.column + region.crop.shape[1] + reach, shape[1])
    own = np.zeros((bottom - top, right - left), bool)
    row, column = region.row - top, region.column - left
    own[row : row + region.crop.shape[0], column : column + region.crop.shape[1]] = region.crop & (count[region.window] == 1)
    window = slice(top, bottom), slice(left, right)
    return window, ndimage.binary_dilation(own, np.ones((3, 3), bool), iterations=reach)


def _zones_and_seams(shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shared regions where chromosomes cross, and the small or thin ones where they only touch."""
    eight = np.ones((3, 3), bool)
    labels, number = ndimage.label(shared, eight)
    large = np.bincount(labels.ravel(), minlength=number + 1) >= MIN_OVERLAP
    thick = ndimage.maximum(ndimage.binary_opening(shared, eight), labels, np.arange(number + 1)) > 0
    zone = large & thick
    zone[0] = False
    return zone[labels], shared & ~zone[labels]
