"""Scores of whole chromosomes as masks that may share pixels.

Every score is computed from an :class:`Overlaps` record: the shared pixel counts of true and predicted masks. Stacks of masks are
(objects, rows, columns) bool. Empty cases, unless a function says otherwise: nothing true and nothing predicted gives NaN (there was
nothing to measure), only one of the two empty gives 0.

Sources: systems specification 6.4 and 8.5; AJI: Kumar et al. 2017, Algorithm 1; PQ: Kirillov et al. 2019, Equation 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from karyokit.checks import problem, require_range


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Pixel counts of n true and m predicted masks.

    ``shared`` is (n, m) int: pixels in both; ``truth_areas`` (n,) and ``predicted_areas`` (m,) int.
    """

    shared: np.ndarray
    truth_areas: np.ndarray
    predicted_areas: np.ndarray

    @property
    def iou(self) -> np.ndarray:
        """(n, m) float in 0..1; 0 where both masks are empty."""
        union = self.truth_areas[:, None] + self.predicted_areas[None, :] - self.shared
        return np.divide(self.shared, union, out=np.zeros(self.shared.shape), where=union > 0)


class PanopticQuality(NamedTuple):
    """PQ = SQ * RQ, each in 0..1 or NaN."""

    pq: float
    sq: float
    rq: float


class Edits(NamedTuple):
    """What a person has to do by hand: merges, cuts, deletions of false objects, additions of missed chromosomes."""

    joins: int
    splits: int
    extra: int
    missed: int


def require_masks(name: str, masks: np.ndarray) -> None:
    """Raise unless ``masks`` is an (objects, rows, columns) bool stack; it may hold no object."""
    if masks.ndim != 3:
        raise ValueError(problem(name, "be an (objects, rows, columns) stack", f"shape {masks.shape}", "Pass `cell.masks()`."))
    if masks.dtype != np.bool_:
        raise TypeError(problem(name, "be bool", f"dtype {masks.dtype}", "Compare with a threshold first."))


def pixel_tables(truth: np.ndarray, predicted: np.ndarray) -> tuple[Any, Any]:
    """Both stacks as sparse (objects, pixels) int64 tables; raises for wrong dtype, number of axes or different picture shapes."""
    require_masks("truth", truth)
    require_masks("predicted", predicted)
    if truth.shape[1:] != predicted.shape[1:]:
        shapes = f"{truth.shape[1:]} and {predicted.shape[1:]}"
        raise ValueError(problem("predicted", "have the picture shape of `truth`", shapes, "Resize the masks to one picture."))
    return _pixel_table(truth), _pixel_table(predicted)


def _pixel_table(masks: np.ndarray) -> Any:
    pixels = int(np.prod(masks.shape[1:]))
    objects, places = np.divmod(np.flatnonzero(masks), max(pixels, 1))
    starts = np.searchsorted(objects, np.arange(len(masks) + 1))
    return sparse.csr_array((np.ones(places.size, np.int64), places, starts), shape=(len(masks), pixels))


def table_overlaps(truth: Any, predicted: Any) -> Overlaps:
    """Overlaps of two sparse (objects, pixels) tables of ones."""
    return Overlaps((truth @ predicted.T).toarray(), np.asarray(truth.sum(axis=1)), np.asarray(predicted.sum(axis=1)))


def overlaps(truth: np.ndarray, predicted: np.ndarray) -> Overlaps:
    """Shared pixels and areas of true (n, rows, columns) and predicted (m, rows, columns) bool masks.

    >>> truth = np.array([[[1, 1, 1, 0]]], bool)
    >>> predicted = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 1]]], bool)
    >>> overlaps(truth, predicted).iou.tolist()
    [[0.5, 0.0]]
    """
    return table_overlaps(*pixel_tables(truth, predicted))


def match(iou: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """One-to-one pairs with ``iou >= threshold``: as many as possible, and among those the largest sum of IoU.

    ``iou`` is (n, m); the result is two equally long index arrays (rows, columns). ``threshold`` must lie in 0..1; pairs that
    share nothing are never matched.

    >>> match(np.array([[0.9, 0.6], [0.7, 0.0]]), 0.5)
    (array([0, 1]), array([1, 0]))
    """
    require_range("threshold", threshold, 0.0, 1.0)
    allowed = (iou >= threshold) & (iou > 0)
    rows, columns = linear_sum_assignment(np.where(allowed, min(iou.shape) + 1 + iou, 0.0), maximize=True)
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]


def instance_accuracy(counts: Overlaps, threshold: float = 0.5) -> float:
    """IA = N' / N: one-to-one matches at the threshold over the number of true chromosomes; NaN without a true one (KEMR, 6.4)."""
    rows, _ = match(counts.iou, threshold)
    return _share(rows.size, counts.truth_areas.size)


def instance_count_ratio(counts: Overlaps) -> float:
    """``IA_count``: predicted over true number, KEMR's literal reading, which ignores correctness and may exceed 1; NaN without truth."""
    return _share(counts.predicted_areas.size, counts.truth_areas.size)


def count_error(counts: Overlaps) -> int:
    """Absolute difference of the numbers of predicted and true chromosomes."""
    return abs(counts.predicted_areas.size - counts.truth_areas.size)


def aggregated_jaccard(counts: Overlaps) -> float:
    """AJI in 0..1: every true mask takes its best prediction (one prediction may serve twice); unused predictions enlarge the union."""
    n, m = counts.shared.shape
    if n == 0 and m == 0:
        return float("nan")
    if n == 0 or m == 0:
        return 0.0
    best = counts.iou.argmax(axis=1)
    shared = counts.shared[np.arange(n), best]
    taken = shared > 0
    union = counts.truth_areas + np.where(taken, counts.predicted_areas[best] - shared, 0)
    unused = np.setdiff1d(np.arange(m), best[taken])
    return _share(shared.sum(), union.sum() + counts.predicted_areas[unused].sum())


def panoptic_quality(counts: Overlaps, threshold: float = 0.5) -> PanopticQuality:
    """PQ, SQ (mean IoU of matches) and RQ (F1 of detection); SQ is NaN without a match, all are NaN without any object.

    Masks may overlap, so IoU > 0.5 alone does not make matches unique: they come from :func:`match`.
    """
    rows, columns = match(counts.iou, threshold)
    objects = counts.truth_areas.size + counts.predicted_areas.size
    total = float(counts.iou[rows, columns].sum())
    return PanopticQuality(_share(2 * total, objects), _share(total, rows.size), _share(2 * rows.size, objects))


def crossing_recall(counts: Overlaps, crossing: np.ndarray, threshold: float = 0.5) -> float:
    """Share of the true chromosomes with ``crossing`` (n,) bool that are matched at the threshold; NaN where none crosses."""
    require_crossing(crossing, counts.truth_areas.size)
    rows, _ = match(counts.iou, threshold)
    return _share(np.count_nonzero(crossing[rows]), np.count_nonzero(crossing))


def require_crossing(crossing: np.ndarray, count: int) -> None:
    """Raise unless ``crossing`` is one bool per true chromosome."""
    if crossing.shape != (count,) or crossing.dtype != np.bool_:
        got = f"shape {crossing.shape}, dtype {crossing.dtype}"
        raise ValueError(problem("crossing", f"be ({count},) bool, one flag per true chromosome", got, "Pass a flag per mask."))


def edits_needed(truth: np.ndarray, predicted: np.ndarray, *, share: float = 0.25) -> Edits:
    """User actions that turn predicted masks into true ones; no object at all gives zeros.

    A prediction and a truth belong together where they share at least ``share`` of the smaller of their two areas, pixels that lie in
    several true chromosomes (overlap zones) left out on all sides. A mask with no other pixels belongs to its best IoU partner.
    A truth with k > 1 predictions needs k - 1 joins, a prediction with k > 1 truths k - 1 splits; objects without partner are
    ``extra`` (predicted) or ``missed`` (true). Two chromosomes with swapped arms need two splits and two joins.

    >>> truth = np.array([[[1, 1, 1, 1, 0, 0]], [[0, 0, 0, 0, 1, 1]]], bool)
    >>> edits_needed(truth, np.ones((1, 1, 6), bool))
    Edits(joins=0, splits=1, extra=0, missed=0)
    """
    require_range("share", share, 0.0, 1.0)
    return table_edits(*pixel_tables(truth, predicted), share=share)


def table_edits(truth: Any, predicted: Any, *, share: float = 0.25) -> Edits:
    """:func:`edits_needed` on sparse (objects, pixels) tables."""
    linked = _links(truth, predicted, share)
    predictions, truths = linked.sum(axis=1), linked.sum(axis=0)
    return Edits(
        joins=int(np.maximum(predictions - 1, 0).sum()),
        splits=int(np.maximum(truths - 1, 0).sum()),
        extra=int((truths == 0).sum()),
        missed=int((predictions == 0).sum()),
    )


def _links(truth: Any, predicted: Any, share: float) -> np.ndarray:
    single = np.flatnonzero(np.asarray(truth.sum(axis=0)) < 2)
    own, whole = table_overlaps(truth[:, single], predicted[:, single]), table_overlaps(truth, predicted).iou
    smaller = np.minimum(own.truth_areas[:, None], own.predicted_areas[None, :])
    linked = (own.shared >= share * smaller) & (own.shared > 0)
    if whole.size:
        hidden = np.flatnonzero(own.truth_areas == 0)
        linked[hidden, whole[hidden].argmax(axis=1)] |= whole[hidden].max(axis=1) > 0
        inside = np.flatnonzero(own.predicted_areas == 0)
        linked[whole[:, inside].argmax(axis=0), inside] |= whole[:, inside].max(axis=0) > 0
    return linked


def _share(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else float("nan")
