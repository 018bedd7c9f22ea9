"""Separation IoU: were touching and crossing chromosomes taken apart, whatever the outline's width.

Source: data page, "From class maps to chromosomes". D is the pixels that lie in some predicted and in some true mask of the cell;
sIoU(t, p) = |p & t & D| / |(p | t) & D|, and 0 where D covers less than half of t; a one-to-one assignment maximises the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from karyokit.metrics.instances import pixel_tables, require_crossing, table_overlaps


@dataclass(frozen=True)
class Separation:
    """Counts of one cell: true chromosomes, how many match at sIoU 0.75 and 0.9, the same among crossing ones, predictions."""

    truths: int
    predictions: int
    crossings: int
    matched75: int
    matched90: int
    crossing_matched75: int

    @property
    def sep75(self) -> float:
        """Share of true chromosomes matched at sIoU >= 0.75; NaN for a cell without any."""
        return self.matched75 / self.truths if self.truths else float("nan")

    @property
    def sep90(self) -> float:
        """Share of true chromosomes matched at sIoU >= 0.9; NaN for a cell without any."""
        return self.matched90 / self.truths if self.truths else float("nan")

    @property
    def crossing_sep75(self) -> float:
        """Share of the crossing chromosomes matched at sIoU >= 0.75; NaN where none crosses."""
        return self.crossing_matched75 / self.crossings if self.crossings else float("nan")

    @property
    def all_separated(self) -> bool:
        """As many predictions as truths and all at sIoU >= 0.75; true for an empty cell with no prediction."""
        return self.predictions == self.truths == self.matched75


def separation_iou(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """(n, m) separation IoU of true (n, rows, columns) and predicted (m, rows, columns) bool masks, in 0..1.

    >>> truth = np.array([[[0, 1, 1, 0, 0, 0]], [[0, 0, 0, 1, 1, 0]]], bool)
    >>> generous = np.array([[[1, 1, 1, 0, 0, 0]], [[0, 0, 0, 1, 1, 1]]], bool)
    >>> separation_iou(truth, generous).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return table_separation_iou(*pixel_tables(truth, predicted))


def table_separation_iou(truth: Any, predicted: Any) -> np.ndarray:
    """:func:`separation_iou` on sparse (objects, pixels) tables."""
    common = np.flatnonzero((np.asarray(truth.sum(axis=0)) > 0) & (np.asarray(predicted.sum(axis=0)) > 0))
    inside = table_overlaps(truth[:, common], predicted[:, common])
    covered = 2 * inside.truth_areas >= np.asarray(truth.sum(axis=1))
    return np.where(covered[:, None], inside.iou, 0.0)


def separation(truth: np.ndarray, predicted: np.ndarray, *, crossing: np.ndarray) -> Separation:
    """Separation counts of one cell; ``crossing`` (n,) bool marks chromosomes with an overlap region of at least 15 px."""
    return count_separation(separation_iou(truth, predicted), crossing)


def count_separation(iou: np.ndarray, crossing: np.ndarray) -> Separation:
    """Separation counts from an (n, m) separation IoU matrix."""
    require_crossing(crossing, iou.shape[0])
    rows, columns = linear_sum_assignment(iou, maximize=True)
    reached = np.zeros(iou.shape[0])
    reached[rows] = iou[rows, columns]
    return Separation(
        truths=iou.shape[0],
        predictions=iou.shape[1],
        matched75=int(np.count_nonzero(reached >= 0.75)),
        matched90=int(np.count_nonzero(reached >= 0.9)),
        crossings=int(np.count_nonzero(crossing)),
        crossing_matched75=int(np.count_nonzero(crossing & (reached >= 0.75))),
    )
