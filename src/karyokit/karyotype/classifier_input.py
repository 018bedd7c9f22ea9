"""The picture a classifier sees: one straightened chromosome of standard width on a standard canvas."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from karyokit.karyotype.straightening import StraightChromosome

ROWS, COLUMNS = 128, 32
STANDARD_WIDTH = 14.0
"""Chromosome width in pixels on the canvas; lengths keep their proportion to the width."""


def classifier_input(straight: StraightChromosome, *, width: float | None = None) -> np.ndarray:
    """(128, 32) float32: density over its mean inside the chromosome, centred, 0 outside.

    ``width`` is the typical chromosome width of the cell in pixels, the chromosome's own where it is not known. A
    chromosome too long for the canvas is made smaller in both directions.
    """
    scale = STANDARD_WIDTH / max(width or straight.median_width_px, 1.0)
    rows, columns = straight.picture.shape
    scale = min(scale, ROWS / rows)
    inside = straight.picture[straight.mask]
    level = float(inside.mean()) if inside.size else 0.0
    picture = straight.picture / level if level > 0 else straight.picture
    if scale < 1:
        picture = ndimage.gaussian_filter(picture, 0.4 * (1 / scale - 1))
    grid = [
        (np.arange(ROWS) - (ROWS - 1) / 2) / scale + (rows - 1) / 2,
        (np.arange(COLUMNS) - (COLUMNS - 1) / 2) / scale + (columns - 1) / 2,
    ]
    return ndimage.map_coordinates(picture, np.meshgrid(*grid, indexing="ij"), order=1, cval=0.0).astype(np.float32)
