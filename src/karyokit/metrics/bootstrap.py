"""Percentile bootstrap over images, and the mean over folds.

Source: systems specification, 8.8. Images (not pixels or chromosomes) are drawn, because the chromosomes of one picture are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from karyokit.checks import problem, require_nonempty, require_range


class Interval(NamedTuple):
    """A score over all images with the ends of its confidence interval; all NaN where nothing was measured."""

    value: float
    low: float
    high: float


def mean_present(values: Any) -> float:
    """Mean of the entries that are not NaN; NaN where there is none.

    >>> mean_present(np.array([1.0, np.nan, 2.0]))
    1.5
    """
    numbers = np.asarray(values, float)
    present = numbers[~np.isnan(numbers)]
    return float(present.mean()) if present.size else float("nan")


def ratio_of_sums(rows: Any) -> float:
    """Sum of the first column over the sum of the second of an (images, 2) array; NaN where the second sums to 0.

    >>> ratio_of_sums(np.array([[1, 2], [3, 6]]))
    0.5
    """
    above, below = np.asarray(rows, float).sum(axis=0)
    return float(above / below) if below else float("nan")


def bootstrap_interval(
    values_per_image: Any,
    statistic: Callable[[np.ndarray], float] = mean_present,
    *,
    rng: np.random.Generator,
    resamples: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Percentile bootstrap interval of a statistic over images.

    ``values_per_image`` is (images,) or (images, k), one row per image; ``statistic`` maps such an array to a number, for
    example :func:`mean_present` or, for a ratio of per-image sums, :func:`ratio_of_sums` on (images, 2). Resamples in
    which the statistic is NaN are left out. One image gives an interval of no width. Raises ``ValueError`` for no image.

    >>> bootstrap_interval([2.0, 2.0], rng=np.random.default_rng(0))
    Interval(value=2.0, low=2.0, high=2.0)
    """
    values = np.asarray(values_per_image)
    require_nonempty("values_per_image", values)
    require_range("level", level, 0.0, 1.0)
    if resamples < 1:
        raise ValueError(problem("resamples", "be at least 1", resamples, "Pass for example 1000."))
    draws = rng.integers(0, len(values), size=(resamples, len(values)))
    drawn = np.array([statistic(values[draw]) for draw in draws], float)
    return interval_of_draws(float(statistic(values)), drawn, level=level)


def interval_of_draws(value: float, drawn: np.ndarray, *, level: float = 0.95) -> Interval:
    """Interval between the percentiles of bootstrap draws that are not NaN; its ends are NaN where none is left."""
    present = drawn[~np.isnan(drawn)]
    if present.size == 0:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(present, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def fold_mean(values: Any) -> tuple[float, float]:
    """Mean over folds and sample standard deviation (n - 1 below), as ARMS Table 4 prints them; NaN deviation for one fold.

    >>> fold_mean([1.0, 2.0, 3.0])
    (2.0, 1.0)
    """
    numbers = np.asarray(values, float)
    require_nonempty("values", numbers)
    deviation = float(numbers.std(ddof=1)) if numbers.size > 1 else float("nan")
    return float(numbers.mean()), deviation
