"""What the boxes of a real G-banded cell tell a separation network, and what they leave open."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from karyokit.data.gband_boxes import tight_boxes
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import SeparationSample
from karyokit.staining import to_density

EDGE = 0.25
"""Density (typical chromosome 1) at the foot of a chromosome's edge."""


def weak_sample(cell: AnnotatedCell) -> SeparationSample:
    """Targets from boxes alone, with weight 0 where they cannot tell.

    Outside every box nothing is a chromosome. Stained pixels in exactly one box belong to one chromosome: neither
    border nor overlap. Stained pixels in two boxes are foreground; whether they are border or overlap is left open.
    Objects that reach far out of the boxes (a nucleus under a chromosome) are left open altogether.
    """
    density = to_density(cell.image, cell.stain)
    return weak_sample_of(cell, density, stained_pixels(density))


def stained_pixels(density: np.ndarray) -> np.ndarray:
    """(rows, columns) bool: density above `EDGE`, without specks and hairs thinner than 3 pixels."""
    return ndimage.binary_opening(ndimage.gaussian_filter(density, 0.7) > EDGE, iterations=1)


def weak_sample_of(cell: AnnotatedCell, density: np.ndarray, stained: np.ndarray) -> SeparationSample:
    """`weak_sample` where the density and the `stained_pixels` of the cell are at hand."""
    count = _boxes_per_pixel(tight_boxes(cell.boxes), cell.shape, grow=2)
    near = _boxes_per_pixel(cell.boxes, cell.shape, grow=4) > 0
    doubtful = _spilling(stained, near) | ((count == 0) & near & stained)
    foreground = stained & (count > 0) & ~doubtful
    known = ~ndimage.binary_dilation(doubtful, iterations=2) | ~near
    single = known & ~((count >= 2) & ndimage.binary_dilation(stained, iterations=2))
    nothing = np.zeros(cell.shape, bool)
    return SeparationSample(
        cell.name, density.astype(np.float16), np.stack([foreground, nothing, nothing]), np.stack([known, single, single])
    )


def _boxes_per_pixel(boxes: np.ndarray, shape: tuple[int, int], *, grow: int) -> np.ndarray:
    count = np.zeros(shape, np.uint8)
    for column, row, width, height in np.rint(boxes).astype(int):
        count[max(row - grow, 0) : row + height + grow, max(column - grow, 0) : column + width + grow] += 1
    return count


def _spilling(stained: np.ndarray, near: np.ndarray, tolerance: float = 0.15) -> np.ndarray:
    """Objects of which more than ``tolerance`` lies outside every box though a part lies inside."""
    labels, number = ndimage.label(stained, np.ones((3, 3), bool))
    index = np.arange(number + 1)
    total = np.bincount(labels.ravel(), minlength=number + 1)
    inside = ndimage.sum_labels(near, labels, index)
    spills = (inside > 0) & (inside < (1 - tolerance) * total)
    spills[0] = False
    return spills[labels]
