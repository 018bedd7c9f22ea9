"""Does a low confidence find what is wrong? Shares caught and flagged, and the calibration of confidences, over pictures.

A picture is an (objects, 2) array: the confidence of each object in 0..1, and 1 where it is right, 0 where it is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from karyokit.checks import problem, require_range
from karyokit.metrics.bootstrap import Interval, interval_of_draws
from karyokit.metrics.classification import expected_calibration_error


def caught_share(judged: np.ndarray, below: float) -> float:
    """Share of the wrong objects with a confidence under ``below``; NaN where none is wrong.

    >>> caught_share(np.array([[0.2, 0], [0.9, 0], [0.3, 1]]), 0.5)
    0.5
    """
    wrong = judged[:, 1] == 0
    return float((judged[wrong, 0] < below).mean()) if wrong.any() else float("nan")


def flagged_share(judged: np.ndarray, below: float) -> float:
    """Share of all objects with a confidence under ``below``; NaN for no object."""
    return float((judged[:, 0] < below).mean()) if len(judged) else float("nan")


def threshold_for(confidence: np.ndarray, share: float) -> float:
    """Confidence below which about the given share of the (n,) objects lies; ``ValueError`` for none or a share outside 0..1.

    >>> threshold_for(np.array([0.1, 0.2, 0.3, 0.4]), 0.5)
    0.25
    """
    require_range("share", share, 0.0, 1.0)
    if not len(confidence):
        raise ValueError(problem("confidence", "hold at least one object", "none", "Pass the confidences of some pictures."))
    return float(np.quantile(confidence, share))


def summarise_confidence(
    pictures: Sequence[np.ndarray], below: float, *, rng: np.random.Generator, resamples: int = 1000
) -> dict[str, Interval]:
    """``wrong_caught``, ``flagged``, ``wrong`` (share of objects) and ``calibration_error`` with intervals over pictures.

    Pictures without objects count for nothing; no object at all gives NaN throughout.
    """
    filled = [np.asarray(picture, float).reshape(-1, 2) for picture in pictures if len(picture)]
    draws = rng.integers(0, max(len(filled), 1), size=(resamples, len(filled)))
    figures = {
        "wrong_caught": lambda drawn: caught_share(drawn, below),
        "flagged": lambda drawn: flagged_share(drawn, below),
        "wrong": lambda drawn: float((drawn[:, 1] == 0).mean()) if len(drawn) else float("nan"),
        "calibration_error": lambda drawn: expected_calibration_error(drawn[:, 0], drawn[:, 1] == 1),
    }
    pooled = [np.concatenate([np.zeros((0, 2)), *(filled[index] for index in draw)]) for draw in draws]
    everything = np.concatenate([np.zeros((0, 2)), *filled])
    return {name: interval_of_draws(figure(everything), np.array([figure(drawn) for drawn in pooled])) for name, figure in figures.items()}
