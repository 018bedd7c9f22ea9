"""Does a low confidence tell wrongly separated chromosomes? Truth for it, the reliability diagram and its table.

A chromosome is right where a one-to-one assignment matches it well enough to a true one: at separation IoU >= 0.75 where
there are masks, else at box IoU >= 0.6 once its box has grown by the margin that the cell's annotator left.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pycocotools import mask as coco_mask
from scipy.optimize import linear_sum_assignment

from karyokit.chromosomes import Cell, stack_masks
from karyokit.data.gband_boxes import as_annotated
from karyokit.data.records import AnnotatedCell
from karyokit.exchange.tables import write_table
from karyokit.metrics.bootstrap import Interval
from karyokit.metrics.calibration import summarise_confidence
from karyokit.metrics.classification import calibration_bins
from karyokit.metrics.separation import separation_iou
from karyokit.reconstruction.confidence import doubtful_below

MASK_IOU, BOX_IOU = 0.75, 0.6
BINS = 10
_SIDE, _LEFT, _TOP, _COUNTS = 480, 90, 60, 110
_INK, _BAR, _WRONG = (20, 20, 20), (120, 165, 215), (190, 60, 50)


def right_objects(truth: AnnotatedCell, cell: Cell) -> np.ndarray:
    """(n,) bool: which chromosomes of the cell are rightly separated by the truth's masks, or its boxes where it has no masks."""
    right = np.zeros(len(cell.chromosomes), bool)
    right[right_pairs(truth, cell)[1]] = True
    return right


def right_pairs(truth: AnnotatedCell, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Indices of true chromosomes and of the objects that separate them rightly, matched one to one."""
    if not cell.chromosomes:
        return np.zeros(0, int), np.zeros(0, int)
    iou = iou_with_truth(truth, cell)
    rows, columns = linear_sum_assignment(iou, maximize=True)
    right = iou[rows, columns] >= right_from(truth)
    return rows[right], columns[right]


def iou_with_truth(truth: AnnotatedCell, cell: Cell) -> np.ndarray:
    """(true, found) separation IoU of masks, or IoU of boxes where the truth has no masks."""
    return _mask_iou(truth, cell) if truth.regions else _box_iou(truth, cell)


def right_from(truth: AnnotatedCell) -> float:
    """The IoU from which a chromosome is rightly separated."""
    return MASK_IOU if truth.regions else BOX_IOU


def judged_objects(truth: AnnotatedCell, cell: Cell) -> np.ndarray:
    """(n, 2): score of each chromosome, and 1 where it is right."""
    scores = np.array([one.score for one in cell.chromosomes], float)
    return np.column_stack([scores, right_objects(truth, cell)])


def reliability_figures(pairs: Sequence[tuple[AnnotatedCell, Cell]], rng: np.random.Generator) -> dict[str, Interval]:
    """``summarise_confidence`` of cells held against their truth, at the score below which chromosomes are marked."""
    return summarise_confidence([judged_objects(truth, cell) for truth, cell in pairs], doubtful_below(), rng=rng)


def _mask_iou(truth: AnnotatedCell, cell: Cell) -> np.ndarray:
    return separation_iou(stack_masks(truth.regions, truth.shape), cell.masks())


def _box_iou(truth: AnnotatedCell, cell: Cell) -> np.ndarray:
    """(true, found) box IoU."""
    if not len(truth.boxes):
        return np.zeros((0, len(cell.chromosomes)))
    found = as_annotated(np.array([one.region.bbox for one in cell.chromosomes], float), truth.boxes)
    return np.asarray(coco_mask.iou(truth.boxes.astype(float), found, [0] * len(found)))


def write_reliability(path: Path, pictures: Sequence[np.ndarray]) -> None:
    """The diagram's numbers as CSV: bin, chromosomes, mean confidence and share of right ones."""
    judged = np.concatenate([np.zeros((0, 2)), *pictures])
    table = calibration_bins(judged[:, 0], judged[:, 1] == 1, bins=BINS)
    columns = zip(table.counts, table.confidence, table.accuracy, strict=True)
    write_table(
        path,
        [
            {"from": place / BINS, "to": (place + 1) / BINS, "chromosomes": int(count), "mean_confidence": mean, "right": right}
            for place, (count, mean, right) in enumerate(columns)
        ],
    )


def draw_reliability(pictures: Sequence[np.ndarray], *, below: float, title: str) -> np.ndarray:
    """(rows, columns, 3) uint8 reliability diagram: share of right chromosomes by confidence, and how many there are.

    ``pictures`` are (objects, 2) arrays of confidence and 1 where right; ``below`` is drawn as the line under which chromosomes
    are marked. Empty bins have no bar.
    """
    judged = np.concatenate([np.zeros((0, 2)), *pictures])
    table = calibration_bins(judged[:, 0], judged[:, 1] == 1, bins=BINS)
    sheet = Image.new("RGB", (_LEFT + _SIDE + 40, _TOP + _SIDE + _COUNTS + 80), "white")
    pen = ImageDraw.Draw(sheet)
    _draw_axes(pen, title, below)
    for place, (count, right) in enumerate(zip(table.counts, table.accuracy, strict=True)):
        if count:
            _draw_bin(pen, place, float(right), int(count), int(table.counts.max()))
    _draw_points(pen, table.confidence, table.accuracy)
    return np.asarray(sheet)


def _draw_axes(pen: ImageDraw.ImageDraw, title: str, below: float) -> None:
    font, small = ImageFont.load_default(18), ImageFont.load_default(13)
    bottom = _TOP + _SIDE
    pen.text((_LEFT, 18), title, fill=_INK, font=font)
    pen.rectangle((_LEFT, _TOP, _LEFT + _SIDE, bottom), outline=_INK)
    for tick in range(0, 11, 2):
        at = _SIDE * tick / 10
        pen.text((_LEFT - 10, bottom - at), f"{tick / 10:.1f}", fill=_INK, font=small, anchor="rm")
        pen.text((_LEFT + at, bottom + _COUNTS + 22), f"{tick / 10:.1f}", fill=_INK, font=small, anchor="mm")
    pen.text((_LEFT, _TOP - 14), "share rightly separated", fill=_INK, font=small, anchor="lm")
    pen.text((_LEFT + _SIDE / 2, bottom + _COUNTS + 48), "confidence (below: chromosomes per bin)", fill=_INK, font=small, anchor="mm")
    pen.line((_LEFT + _SIDE * below, _TOP, _LEFT + _SIDE * below, bottom + _COUNTS), fill=_WRONG, width=2)
    pen.text((_LEFT + _SIDE * below - 6, _TOP + 12), f"marked below {below:.2f}", fill=_WRONG, font=small, anchor="rm")


def _draw_bin(pen: ImageDraw.ImageDraw, place: int, right: float, count: int, most: int) -> None:
    """The bar of one bin, and below the axis its number of chromosomes, on a scale of square roots."""
    left, width, bottom = _LEFT + _SIDE * place / BINS, _SIDE / BINS, _TOP + _SIDE
    pen.rectangle((left + 3, bottom - _SIDE * right, left + width - 3, bottom), fill=_BAR)
    depth = (_COUNTS - 30) * (count / most) ** 0.5
    pen.rectangle((left + 3, bottom + 2, left + width - 3, bottom + 2 + depth), fill=(205, 205, 205))
    pen.text((left + width / 2, bottom + 12 + depth), str(count), fill=_INK, font=ImageFont.load_default(12), anchor="mm")


def _draw_points(pen: ImageDraw.ImageDraw, confidence: np.ndarray, right: np.ndarray) -> None:
    """The diagonal of perfect calibration and a dot per bin at its mean confidence."""
    pen.line((_LEFT, _TOP + _SIDE, _LEFT + _SIDE, _TOP), fill=(90, 90, 90), width=1)
    for x, y in zip(confidence, right, strict=True):
        if np.isfinite(x):
            column, row = _LEFT + _SIDE * x, _TOP + _SIDE * (1 - y)
            pen.ellipse((column - 4, row - 4, column + 4, row + 4), fill=_INK)
