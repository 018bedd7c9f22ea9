"""KEMR-Net's figures of a whole test set: BoxAP, MaskAP, AP50, AP75, IA, and how well outlines fit. Systems specification 6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from karyokit.checks import problem
from karyokit.metrics.bootstrap import mean_present
from karyokit.metrics.boundaries import matched_boundaries
from karyokit.metrics.coco import Record, average_precision, box_records, mask_records
from karyokit.metrics.instances import match, overlaps

CROSSING = 15
"""Pixels that two masks share at least where chromosomes cross; fewer mark touching borders (data page of the M-FISH set)."""


@dataclass(frozen=True)
class PictureScore:
    """What one picture adds to the figures; made by `score_picture` so that its masks need not be kept."""

    true_masks: list[Record]
    found_masks: list[Record]
    true_boxes: list[Record]
    found_boxes: list[Record]
    objects: int
    matched: int
    matched_75: int
    counted: int
    crossing: int
    crossing_matched: int
    boundary_f: float
    boundary_iou: float


def score_picture(
    truth: np.ndarray, masks: np.ndarray, *, boxes: np.ndarray, scores: np.ndarray, counted_from: float = 0.5
) -> PictureScore:
    """Score of (m, rows, columns) bool ``masks`` against (n, rows, columns) bool ``truth``.

    ``boxes`` (m, 4) are column, row, width, height in pixels, ``scores`` (m,) in 0..1.

    AP uses every detection. IA asks how many chromosomes "were segmented": there only detections with a score of at least
    ``counted_from`` count. Empty masks are no objects. True boxes are those of the true masks.
    """
    if not len(masks) == len(boxes) == len(scores):
        got = f"{len(masks)} masks, {len(boxes)} boxes, {len(scores)} scores"
        raise ValueError(problem("masks", "have a box and a score each", got, "Pass all of one detector's answer."))
    filled = masks.any(axis=(1, 2))
    masks, boxes, scores = masks[filled], np.asarray(boxes, float).reshape(-1, 4)[filled], np.asarray(scores)[filled]
    sure = masks[scores >= counted_from]
    counts, crossing = overlaps(truth, sure), crossing_masks(truth)
    matched = match(counts.iou, 0.5)[0]
    outlines = matched_boundaries(truth, sure)
    return PictureScore(
        true_masks=list(mask_records(truth)),
        found_masks=list(mask_records(masks, scores)),
        true_boxes=list(box_records(_boxes(truth))),
        found_boxes=list(box_records(boxes, scores)),
        objects=len(truth),
        matched=matched.size,
        matched_75=match(counts.iou, 0.75)[0].size,
        counted=len(sure),
        crossing=int(crossing.sum()),
        crossing_matched=int(crossing[matched].sum()),
        boundary_f=outlines[0],
        boundary_iou=outlines[1],
    )


def instance_report(pictures: Sequence[PictureScore]) -> Mapping[str, float]:
    """Figures in 0..1, NaN without a true chromosome in any picture.

    ``box_ap``, ``mask_ap``, ``mask_ap50``, ``mask_ap75``; ``ia`` and ``ia75``: one-to-one matches at mask IoU 0.5 and 0.75 over true
    chromosomes of all pictures; ``ia_crossing``: ``ia`` among those that cross another; ``ia_count``: the paper's formula read
    literally, found over true number, which may exceed 1; ``boundary_f`` and ``boundary_iou``: means over pictures of the matches at 2 px.
    """
    masks = average_precision([p.true_masks for p in pictures], [p.found_masks for p in pictures])
    boxes = average_precision([p.true_boxes for p in pictures], [p.found_boxes for p in pictures], kind="box")
    shares = {
        "ia": ("matched", "objects"),
        "ia75": ("matched_75", "objects"),
        "ia_crossing": ("crossing_matched", "crossing"),
        "ia_count": ("counted", "objects"),
    }
    return {
        "box_ap": boxes.map,
        "mask_ap": masks.map,
        "mask_ap50": masks.ap50,
        "mask_ap75": masks.ap75,
        **{key: _share(pictures, *names) for key, names in shares.items()},
        "boundary_f": mean_present([p.boundary_f for p in pictures]),
        "boundary_iou": mean_present([p.boundary_iou for p in pictures]),
    }


def crossing_masks(masks: np.ndarray) -> np.ndarray:
    """(n,) bool: does the mask share `CROSSING` pixels or more with another?"""
    shared = overlaps(masks, masks).shared
    np.fill_diagonal(shared, 0)
    return shared.max(axis=1, initial=0) >= CROSSING


def _share(pictures: Sequence[PictureScore], part: str, whole: str) -> float:
    total = sum(getattr(picture, whole) for picture in pictures)
    return float(sum(getattr(picture, part) for picture in pictures) / total) if total else float("nan")


def _boxes(masks: np.ndarray) -> np.ndarray:
    """(n, 4) boxes (column, row, width, height) of (n, rows, columns) masks; zeros for an empty mask."""
    boxes = np.zeros((len(masks), 4))
    for number, mask in enumerate(masks):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if rows.size:
            boxes[number] = columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
    return boxes
