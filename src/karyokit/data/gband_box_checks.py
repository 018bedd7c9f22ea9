"""Does a derived mask look like the one chromosome its box was drawn around?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.gband_box_arms import arms_and_zones
from karyokit.data.gband_box_seeds import SLACK
from karyokit.data.gband_boxes import box_iou

MIN_BOX_IOU = 0.8
MIN_AREA = 40
"""Pixels of the smallest mask that is taken for a chromosome."""

WIDTHS = (0.6, 1.5)
"""Plausible widths, as shares of the cell's median."""

CLOSE = 3
"""Edges within so many pixels are enough, whatever the intersection over union: it is low in small boxes."""

_EIGHT = np.ones((3, 3), bool)


def agree(found: Sequence[float], box: Sequence[float], *, slack: float = SLACK, min_iou: float = MIN_BOX_IOU) -> bool:
    """Do two boxes (column, row, width, height) agree: edges within ``slack`` pixels, and close or overlapping by ``min_iou``?

    >>> agree((0, 0, 10, 30), (1, 2, 10, 27)), agree((0, 0, 10, 30), (0, 0, 10, 36))
    (True, False)
    """
    off = max(
        abs(found[0] - box[0]),
        abs(found[1] - box[1]),
        abs(found[0] + found[2] - box[0] - box[2]),
        abs(found[1] + found[3] - box[1] - box[3]),
    )
    return bool(off <= slack + 0.5 and (off <= CLOSE or box_iou(found, box) >= min_iou))


def plausible(found: Sequence[Region | None], boxes: np.ndarray) -> list[Region | None]:
    """``found`` without the masks that miss their tight box, fall apart, are too wide or narrow for the cell, or branch."""
    kept = [region if region is not None and _fits(region, box) else None for region, box in zip(found, boxes, strict=True)]
    widths = [np.nan if region is None else strip_width(region) for region in kept]
    typical = float(np.nanmedian(widths)) if np.isfinite(widths).any() else 0.0
    low, high = WIDTHS[0] * typical, WIDTHS[1] * typical
    strips = [region if low <= width <= high else None for region, width in zip(kept, widths, strict=True)]
    return [None if region is None or forked(region, 0.5 * typical**2) else region for region in strips]


def _fits(region: Region, box: np.ndarray) -> bool:
    return region.area >= MIN_AREA and agree(region.bbox, tuple(box)) and ndimage.label(region.crop, _EIGHT)[1] == 1


def strip_width(region: Region) -> float:
    """About the width of a strip: four times the mean distance of its pixels to its edge; NaN for an empty region.

    >>> 9 < strip_width(Region(0, 0, np.ones((10, 60), bool))) < 12
    True
    """
    depth = ndimage.distance_transform_edt(np.pad(region.crop, 1))[1:-1, 1:-1][region.crop]
    return 4 * float(depth.mean()) if depth.size else float("nan")


def forked(region: Region, area: float) -> bool:
    """Do more than two arms of more than ``area`` pixels meet in one place of the region?"""
    arms, zones = arms_and_zones(np.pad(region.crop, 2))
    large = np.bincount(arms.ravel()) > area
    large[0] = False
    if np.count_nonzero(large) < 3:
        return False
    labels, number = ndimage.label(zones, _EIGHT)
    meeting = (np.unique(arms[ndimage.binary_dilation(labels == zone, _EIGHT)]) for zone in range(1, number + 1))
    return any(int(large[names].sum()) > 2 for names in meeting)
