"""Scores of classes, of the confidence that goes with them, and of polarity.

Classes are category numbers: 1..22, 23 = X, 24 = Y; a prediction of 0 means not classified and is never right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from karyokit.checks import problem, require_range, require_same_shape


class Calibration(NamedTuple):
    """Equal-width confidence bins: objects per bin, their mean confidence and their share of right answers (NaN in empty bins)."""

    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


class PolarityScores(NamedTuple):
    """``accuracy``: right among chromosomes of known polarity, ``unknown`` counts as wrong; ``accuracy_of_answered``: among those with
    an answer; ``answered``: share with an answer; ``known``: number of chromosomes of known polarity."""

    accuracy: float
    accuracy_of_answered: float
    answered: float
    known: int


def accuracy(truth: Any, predicted: Any) -> float:
    """Share of objects whose predicted class is the true one; NaN for no object.

    >>> accuracy([1, 2, 23, 24], [1, 2, 23, 0])
    0.75
    """
    true, found = _pair(truth, predicted)
    return float((true == found).mean()) if true.size else float("nan")


def confusion_matrix(truth: Any, predicted: Any, *, classes: int = 24) -> np.ndarray:
    """(classes, classes + 1) int: row ``t - 1`` is true class ``t`` (1..classes), column ``p`` the prediction (0 = not classified).

    Raises ``ValueError`` for classes outside these ranges.

    >>> confusion_matrix([1, 1, 2], [1, 2, 0], classes=2).tolist()
    [[0, 1, 1], [1, 0, 0]]
    """
    true, found = _pair(truth, predicted)
    for name, values, low in (("truth", true, 1), ("predicted", found, 0)):
        if values.size and not low <= int(values.min()) <= int(values.max()) <= classes:
            got = f"{values.min()}..{values.max()}"
            raise ValueError(problem(name, f"lie in {low}..{classes}", got, "Use category numbers, 23 = X and 24 = Y."))
    flat = np.bincount((true - 1) * (classes + 1) + found, minlength=classes * (classes + 1))
    return flat.reshape(classes, classes + 1)


def class_recall(matrix: np.ndarray) -> np.ndarray:
    """(classes,) share of each true class that is named rightly, from :func:`confusion_matrix`; NaN for absent classes."""
    totals = matrix.sum(axis=1)
    right = matrix[np.arange(len(matrix)), np.arange(1, len(matrix) + 1)]
    return np.divide(right, totals, out=np.full(totals.shape, np.nan), where=totals > 0)


def calibration_bins(confidence: Any, correct: Any, *, bins: int = 10) -> Calibration:
    """Group answers by confidence in 0..1 into equal bins (the last one holds 1.0); ``correct`` is one bool per answer.

    Raises ``ValueError`` for unequal lengths, confidence outside 0..1 or fewer than one bin.
    """
    values, right = _pair(confidence, correct)
    require_range("bins", bins, 1, 10_000)
    if values.size:
        require_range("confidence", float(values.min()), 0.0, 1.0)
        require_range("confidence", float(values.max()), 0.0, 1.0)
    places = np.minimum((values * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    means = [
        np.divide(np.bincount(places, weights=column, minlength=bins), counts, out=np.full(bins, np.nan), where=counts > 0)
        for column in (values, right)
    ]
    return Calibration(counts, *means)


def expected_calibration_error(confidence: Any, correct: Any, *, bins: int = 10) -> float:
    """Mean over answers of the gap between confidence and accuracy of their bin, in 0..1 (Guo et al. 2017, Equation 3); NaN for none."""
    table = calibration_bins(confidence, correct, bins=bins)
    gaps = np.nan_to_num(np.abs(table.confidence - table.accuracy))
    total = table.counts.sum()
    return float((gaps * table.counts).sum() / total) if total else float("nan")


def polarity_scores(truth: Sequence[str], predicted: Sequence[str]) -> PolarityScores:
    """Scores of ``"up"``, ``"down"`` or ``"unknown"`` per chromosome; chromosomes of unknown true polarity are left out.

    Shares are NaN where nothing is known or answered. Raises ``ValueError`` for other words or unequal lengths.

    >>> polarity_scores(["up", "down", "unknown"], ["up", "unknown", "up"])
    PolarityScores(accuracy=0.5, accuracy_of_answered=1.0, answered=0.5, known=2)
    """
    true, found = _pair(truth, predicted)
    words = {"up", "down", "unknown"}
    strange = set(true.tolist() + found.tolist()) - words
    if strange:
        raise ValueError(problem("polarity", f"be one of {sorted(words)}", sorted(strange, key=str), "Use these words."))
    known = true != "unknown"
    answered = known & (found != "unknown")
    right = int(np.count_nonzero(answered & (true == found)))
    total, replies = int(np.count_nonzero(known)), int(np.count_nonzero(answered))
    return PolarityScores(
        accuracy=right / total if total else float("nan"),
        accuracy_of_answered=right / replies if replies else float("nan"),
        answered=replies / total if total else float("nan"),
        known=total,
    )


def _pair(truth: Any, predicted: Any) -> tuple[np.ndarray, np.ndarray]:
    true, found = np.asarray(truth), np.asarray(predicted)
    require_same_shape({"truth": true, "predicted": found})
    kinds = [array.astype(np.int64) if not array.size else array for array in (true, found)]
    return kinds[0], kinds[1]
