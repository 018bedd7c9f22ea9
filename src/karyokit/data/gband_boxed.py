"""Separation samples of real G-banded cells whose masks are derived from boxes and picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.gband_box_masks import box_masks_of
from karyokit.data.gband_weak import stained_pixels, weak_sample_of
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import SeparationSample, owner_planes, separation_target
from karyokit.staining import to_density

DOUBT = 3
"""Pixels around the unknown area within which nothing is said about border and overlap."""


def boxed_sample(cell: AnnotatedCell, predicted: Sequence[Region] = ()) -> SeparationSample:
    """Targets from the masks of `box_masks_of`; foreground is that of `weak_sample` and the masks.

    Border and overlap have weight 0 within `DOUBT` pixels of the unknown area, and owners are 0 in it. Chromosomes that
    touch are drawn out by a pixel over stained pixels, so that they share a thin seam as composed brightfield cells do.
    """
    density = to_density(cell.image, cell.stain)
    stained = stained_pixels(density)
    weak = weak_sample_of(cell, density, stained)
    masks = box_masks_of(density, stained, cell.boxes, predicted)
    regions = [region for region in masks.regions if region is not None]
    target = separation_target([drawn_out(region, stained) for region in regions], cell.shape)
    known = ndimage.maximum_filter(masks.unknown.view(np.uint8), 2 * DOUBT + 1) == 0
    owners = owner_planes(regions, cell.shape)
    owners[:, masks.unknown] = 0
    return replace(
        weak,
        target=np.stack([weak.target[0] | target[0], *target[1:]]),
        weight=np.stack([weak.weight[0] | target[0], known, known]),
        owners=owners,
    )


def drawn_out(region: Region, stained: np.ndarray) -> Region:
    """The region and those of its neighbours (four to a pixel) that are ``stained`` (rows, columns)."""
    top, left = max(region.row - 1, 0), max(region.column - 1, 0)
    around = stained[top : region.row + region.crop.shape[0] + 1, left : region.column + region.crop.shape[1] + 1]
    own = np.zeros(around.shape, bool)
    row, column = region.row - top, region.column - left
    own[row : row + region.crop.shape[0], column : column + region.crop.shape[1]] = region.crop
    return Region(top, left, own | (ndimage.binary_dilation(own) & around))
