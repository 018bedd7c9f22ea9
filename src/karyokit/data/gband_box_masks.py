"""Pixel masks of the chromosomes of a real G-banded cell, derived from its boxes and the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.gband_box_checks import agree, plausible
from karyokit.data.gband_box_clusters import part_cluster
from karyokit.data.gband_box_seeds import SLACK, inside
from karyokit.data.gband_boxes import box_iou, tight_boxes
from karyokit.data.gband_predicted import filled_up
from karyokit.data.gband_weak import stained_pixels
from karyokit.data.records import AnnotatedCell
from karyokit.staining import to_density

CONTEXT = 12
"""Pixels around the boxes of a cluster within which it is looked at."""

MIN_SIDE = 6
"""Sides in pixels of the smallest objects that may tell the margin of boxes."""

Place = tuple[slice, slice]
_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class BoxMasks:
    """``regions`` holds a mask per box, or None where it cannot be told; ``unknown`` is a (rows, columns) bool plane.

    Unknown are stained pixels of no mask, and within the box of a chromosome without mask all pixels of its cluster:
    the masks of its neighbours may have taken something of it.
    """

    regions: tuple[Region | None, ...]
    unknown: np.ndarray


def box_masks(cell: AnnotatedCell) -> BoxMasks:
    """Masks of the chromosomes of a cell with boxes; they go to the foot of the edge (`gband_weak.EDGE`) and may share pixels.

    Stained pixels hang together in clusters. A cluster is parted among the boxes whose chromosomes it holds
    (`part_cluster`); a mask counts only if its own box agrees with the annotated one without margin, and if it is one
    strip of plausible width (`plausible`). A cell without boxes has no masks, and all its stained pixels are unknown.
    """
    density = to_density(cell.image, cell.stain)
    return box_masks_of(density, stained_pixels(density), cell.boxes)


def box_masks_of(density: np.ndarray, stained: np.ndarray, boxes: np.ndarray, predicted: Sequence[Region] = ()) -> BoxMasks:
    """`box_masks` where density and stained pixels (rows, columns) are at hand; ``boxes`` (n, 4) with the published margin.

    Where picture and boxes alone give no mask, one of ``predicted`` may stand in (`filled_up`).
    """
    labels, _ = ndimage.label(stained, _EIGHT)
    places = ndimage.find_objects(labels)
    objects = [_box_of(place) for place in places]
    tight = boxes_without_margin([found for found in objects if min(found[2:]) >= MIN_SIDE], boxes)
    homes = [home_of(box, labels, places) for box in tight]
    found: list[Region | None] = [None] * len(tight)
    for label in sorted({label for label, reached in homes if reached}):
        members = [index for index, home in enumerate(homes) if home == (label, True)]
        for index, region in zip(members, _part(labels, label, density, tight[members]), strict=True):
            found[index] = region
    regions = plausible(filled_up(plausible(found, tight), predicted, tight, stained.shape), tight)
    return BoxMasks(tuple(regions), _unknown(regions, tight, [label for label, _ in homes], labels))


def _part(labels: np.ndarray, label: int, density: np.ndarray, boxes: np.ndarray) -> list[Region | None]:
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    window = inside(np.array([*low, *(high - low)]), labels.shape, CONTEXT)
    row, column = window[0].start, window[1].start
    masks = part_cluster(labels[window] == label, density[window], boxes - np.array([column, row, 0, 0]))
    regions = [None if mask is None else Region.from_mask(mask) for mask in masks]
    return [None if region is None else Region(region.row + row, region.column + column, region.crop) for region in regions]


def boxes_without_margin(objects: list[tuple[int, int, int, int]], boxes: np.ndarray) -> np.ndarray:
    """(n, 4) tight boxes: without the median margin around the cell's own ``objects`` that fit a box, if 5 do.

    Elsewhere without the margin of the set (`tight_boxes`). Annotators' habits differ from cell to cell.
    """
    tight = tight_boxes(boxes)
    sides = [tuple(box) for box in tight.tolist()]
    pairs = [(found, index) for index, box in enumerate(sides) for found in objects if agree(found, box, slack=8, min_iou=0.6)]
    if len(pairs) < 5:
        return tight
    inner, outer = np.array([found for found, _ in pairs], float), np.asarray(boxes, float)[[index for _, index in pairs]]
    start = np.median(inner[:, :2] - outer[:, :2], axis=0)
    end = np.median(outer[:, :2] + outer[:, 2:] - inner[:, :2] - inner[:, 2:], axis=0)
    moved = np.asarray(boxes, float) + np.array([*start, *(-start - end)])
    moved[:, 2:] = np.maximum(moved[:, 2:], 2)
    return moved


def home_of(box: np.ndarray, labels: np.ndarray, places: list[Place]) -> tuple[int, bool]:
    """(number of the cluster a tight box's chromosome lies in, whether it reaches the box's edges); 0 where nothing is stained.

    A cluster whose own box is the tight box comes first, then the one whose part in the box fills it best.
    """
    window = inside(box, labels.shape, SLACK)
    crop = labels[window]
    counts = np.bincount(crop.ravel(), minlength=1)
    counts[0] = 0
    fits: list[tuple[float, int]] = []
    parts = ndimage.find_objects(crop)
    for label in np.flatnonzero(counts):
        column, row, width, height = _box_of(parts[label - 1])
        part = (column + window[1].start, row + window[0].start, width, height)
        alone = box_iou(_box_of(places[label - 1]), box)
        if agree(part, tuple(box), slack=SLACK + 2, min_iou=0.65):
            fits.append((alone if alone > 0.8 else box_iou(part, box) - 0.3, int(label)))
    return (max(fits)[1], True) if fits else (int(counts.argmax()), False)


def _unknown(regions: list[Region | None], boxes: np.ndarray, homes: list[int], labels: np.ndarray) -> np.ndarray:
    unknown = labels > 0
    for region in regions:
        if region is not None:
            unknown[region.window] &= ~region.crop
    for region, box, home in zip(regions, boxes, homes, strict=True):
        if region is None and home:
            window = inside(box, labels.shape, 2)
            unknown[window] |= labels[window] == home
    return unknown


def _box_of(place: Place) -> tuple[int, int, int, int]:
    rows, columns = place
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
