"""Masks of the chromosomes of G-banded cells that lie alone, by thresholding inside their boxes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from karyokit.chromosomes import Region
from karyokit.data.gband_boxes import BOX_MARGIN, box_iou, boxes_touch, loose_boxes, tight_boxes, usual_margin
from karyokit.data.records import AnnotatedCell

EDGE_LEVEL = 0.4
"""Where between background (0) and stained pixels (1) the outline of a derived mask lies."""

_REACH = 3


def isolated_chromosomes(cell: AnnotatedCell, *, min_box_iou: float = 0.7) -> list[tuple[Region, int]]:
    """Masks of the chromosomes whose tight box no other tight box touches, as (region, category).

    Each is the largest object that `mask_in_box` finds inside the annotated box. The margin between mask and annotated
    box is much the same all over a cell (the annotator's habit), so a mask whose box, grown by the cell's median
    margin, overlaps the annotated one by less than ``min_box_iou`` is left out. A cell without boxes gives an empty list.
    """
    tight = tight_boxes(cell.boxes)
    alone = np.flatnonzero(~boxes_touch(tight))
    masks = {i: mask_in_box(cell.image, cell.boxes[i], stain=cell.stain, others=np.delete(tight, i, axis=0)) for i in alone}
    found = [(region, index) for index, region in masks.items() if region.area]
    if not found:
        return []
    inner = np.array([region.bbox for region, _ in found], float)
    outer = cell.boxes[[index for _, index in found]]
    grown = loose_boxes(inner, usual_margin(inner, outer, BOX_MARGIN))
    return [
        (region, cell.categories[index])
        for (region, index), box in zip(found, grown, strict=True)
        if box_iou(box, cell.boxes[index]) >= min_box_iou
    ]


def mask_in_box(image: np.ndarray, box: np.ndarray, *, stain: str, others: np.ndarray) -> Region:
    """The largest object wholly inside a box (column, row, width, height), 3 pixels of leeway; an empty region where there is none.

    The threshold lies ``EDGE_LEVEL`` of the way from the median grey of the background to that of the stained pixels,
    which Otsu's threshold tells apart: light bands stay inside. Objects that reach the box's border inside the picture
    (a nucleus, a neighbour) or border on one of the (n, 4) ``others`` boxes are not considered.
    """
    left, top = np.maximum(np.floor(box[:2]).astype(int) - _REACH, 0)
    right, bottom = np.ceil(box[:2] + box[2:]).astype(int) + _REACH
    window = image[top : max(bottom, 0), left : max(right, 0)].astype(np.float32)
    usable = _outside_boxes(window.shape, others - np.array([left, top, 0, 0]))
    if not usable.any() or window[usable].min() == window[usable].max():
        return Region.from_mask(np.zeros((1, 1), bool))
    blocked = np.pad(~usable, 1, constant_values=True)
    blocked[[0, -1]] &= np.array([top > 0, bottom < image.shape[0]])[:, None]
    blocked[:, [0, -1]] &= np.array([left > 0, right < image.shape[1]])
    stained = ndimage.gaussian_filter(window if stain == "fluorescence" else -window, 0.7)
    region = Region.from_mask(_largest_free_part((stained > _edge_grey(stained[usable])) & usable, blocked))
    return Region(region.row + int(top), region.column + int(left), region.crop)


def _edge_grey(stained: np.ndarray) -> float:
    """Grey between background (low) and chromosome (high) where the outline is drawn."""
    between = threshold_otsu(stained)
    low, high = np.median(stained[stained <= between]), np.median(stained[stained > between])
    return float(low + EDGE_LEVEL * (high - low))


def _outside_boxes(shape: tuple[int, ...], boxes: np.ndarray) -> np.ndarray:
    """Bool plane of ``shape``, False inside the (n, 4) boxes."""
    outside = np.ones(shape, bool)
    for column, row, width, height in np.rint(boxes).astype(int):
        outside[max(row, 0) : max(row + height, 0), max(column, 0) : max(column + width, 0)] = False
    return outside


def _largest_free_part(mask: np.ndarray, blocked: np.ndarray) -> np.ndarray:
    """Largest 8-connected part of an opened (rows, columns) mask, holes filled, that borders on no ``blocked`` pixel.

    ``blocked`` is one pixel larger on each side. All False where no part is left.
    """
    eight = np.ones((3, 3), bool)
    labels, _ = ndimage.label(ndimage.binary_opening(mask, eight), eight)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    sizes[np.unique(labels[ndimage.binary_dilation(blocked, eight)[1:-1, 1:-1]])] = 0
    return ndimage.binary_fill_holes(labels == sizes.argmax()) if sizes.any() else np.zeros(mask.shape, bool)
