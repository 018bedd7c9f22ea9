"""The boxes of the G-banded cells: how much larger than the chromosomes they were drawn, and what boxes have in common.

All boxes are (column, row, width, height), as in COCO.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask
from scipy.optimize import linear_sum_assignment

BOX_MARGIN = (8.0, 9.0, 6.0, 5.0)
"""Pixels (left, top, right, bottom) by which the published boxes are larger than the chromosome: medians over 427
chromosomes whose box no other box touches (quartiles within 2 pixels of them); single cells were drawn tighter."""

FOOT_MARGIN = (6.0, 7.0, 4.0, 3.0)
"""The same around masks that reach the foot of the edge, as the shipped separation draws them: medians over 2,156 chromosomes
of the validation cells."""

_TELLING = 5
_AGREE = 0.5


def tight_boxes(boxes: np.ndarray) -> np.ndarray:
    """(n, 4) boxes without the published margin of `BOX_MARGIN` pixels, each side at least 2; (0, 4) for none.

    >>> tight_boxes(np.array([[100.0, 50.0, 44.0, 34.0]])).tolist()
    [[108.0, 59.0, 30.0, 20.0]]
    """
    moved = _grow(boxes, tuple(-side for side in BOX_MARGIN))
    moved[:, 2:] = np.maximum(moved[:, 2:], 2)
    return moved


def loose_boxes(boxes: np.ndarray, margin: tuple[float, ...] = BOX_MARGIN) -> np.ndarray:
    """(n, 4) boxes with the published margin: what an annotator of this set would draw around tight ``boxes``.

    >>> loose_boxes(np.array([[108.0, 59.0, 30.0, 20.0]])).tolist()
    [[100.0, 50.0, 44.0, 34.0]]
    """
    return _grow(boxes, margin)


def usual_margin(inner: np.ndarray, outer: np.ndarray, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    """Median margin (left, top, right, bottom) of a cell's boxes, ``otherwise`` where fewer than 5 chromosomes tell it.

    ``inner`` (n, 4) are the boxes of masks and ``outer`` (n, 4) the annotated boxes of the same chromosomes.

    >>> tight = np.array([[8.0 * place, 5.0, 6.0, 9.0] for place in range(5)])
    >>> usual_margin(tight, loose_boxes(tight, (2, 3, 1, 1)), (0, 0, 0, 0)) == (2, 3, 1, 1)
    True
    """
    if len(inner) < _TELLING:
        return otherwise
    start = inner[:, :2] - outer[:, :2]
    end = outer[:, :2] + outer[:, 2:] - inner[:, :2] - inner[:, 2:]
    return tuple(np.median(np.hstack([start, end]), axis=0))


def as_annotated(boxes: np.ndarray, annotated: np.ndarray) -> np.ndarray:
    """(n, 4) boxes of masks that reach the foot of the edge, grown as the annotator of this cell drew ``annotated`` (m, 4).

    The margin is ``FOOT_MARGIN`` at first, then the median of the cell's own over the boxes that so agree at IoU 0.5.
    """
    grown = loose_boxes(boxes, FOOT_MARGIN)
    if not len(grown) or not len(annotated):
        return grown
    iou = coco_mask.iou(grown, np.asarray(annotated, float), [0] * len(annotated))
    own, theirs = linear_sum_assignment(iou, maximize=True)
    agree = iou[own, theirs] >= _AGREE
    own, theirs = own[agree], theirs[agree]
    return loose_boxes(boxes, usual_margin(np.asarray(boxes, float)[own], annotated[theirs], FOOT_MARGIN))


def _grow(boxes: np.ndarray, margin: tuple[float, ...]) -> np.ndarray:
    left, top, right, bottom = margin
    return np.asarray(boxes, float).reshape(-1, 4) + np.array([-left, -top, left + right, top + bottom], float)


def boxes_touch(boxes: np.ndarray) -> np.ndarray:
    """(n,) bool: does another of the (n, 4) boxes (column, row, width, height) overlap or border on this one?"""
    low, high = boxes[:, None, :2], boxes[:, None, :2] + boxes[:, None, 2:]
    meets = ((low <= high.swapaxes(0, 1)) & (low.swapaxes(0, 1) <= high)).all(axis=2)
    np.fill_diagonal(meets, False)
    return meets.any(axis=1)


def box_iou(first: Any, second: Any) -> float:
    """Intersection over union of two boxes (column, row, width, height)."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    sides = np.clip(np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    shared = float(sides.prod())
    union = float(a[2:].prod() + b[2:].prod()) - shared
    return shared / union if union > 0 else 0.0
