"""What the network's maps say inside a region and between two."""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.affinities import GRID, SURE, Affinities
from karyokit.steps import paired_windows

FEWEST = 6.0
"""Answers that say "one chromosome", added to those across a cut: a few doubting ones are not heeded."""


def inner_answers(crop: np.ndarray, place: np.ndarray, affinities: Affinities) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds of all pairs of pixels inside a region, and the smaller and larger index of their places along its axis.

    ``crop`` and ``place`` are (height, width), ``affinities`` cut to the same window; three arrays (m,), empty without maps.
    """
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for step, plane in affinities.items():
        here, there = paired_windows(crop.shape, step)
        both = (crop[here] & crop[there])[::GRID, ::GRID]
        one, two = place[here][::GRID, ::GRID][both], place[there][::GRID, ::GRID][both]
        values = np.clip(plane[here][::GRID, ::GRID][both], -SURE, SURE)
        found.append((values, np.minimum(one, two), np.maximum(one, two)))
    if not found:
        return np.zeros(0), np.zeros(0, int), np.zeros(0, int)
    values, low, high = (np.concatenate(column) for column in zip(*found, strict=True))
    return values, low, high


def weakest_cut(values: np.ndarray, low: np.ndarray, high: np.ndarray, count: int) -> float:
    """Lowest mean log odds across a cut through the axis (``count`` pixels long), `SURE` where nothing speaks for a cut.

    An answer speaks for every cut that lies between its two places.

    >>> weakest_cut(np.array([4.0, -4.0]), np.array([0, 2]), np.array([1, 3]), 4)
    2.857142857142857
    """
    size = count + 1
    total = np.bincount(low, values, size) - np.bincount(high, values, size)
    answers = np.bincount(low, minlength=size) - np.bincount(high, minlength=size)
    means = (np.cumsum(total) + FEWEST * SURE) / (np.cumsum(answers) + FEWEST)
    return float(min(means.min(), SURE))
