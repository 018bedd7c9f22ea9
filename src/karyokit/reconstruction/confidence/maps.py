"""What the network's maps say inside a region and between two."""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.affinities import SURE, Affinities, pairs_asked

FEWEST = 6.0
"""Answers that say "one chromosome", added to those across a cut: a few doubting ones are not heeded."""


def inner_answers(crop: np.ndarray, place: np.ndarray, affinities: Affinities) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds of all pairs of pixels inside a region, and the smaller and larger index of their places along its axis.

    ``crop`` and ``place`` are (height, width), ``affinities`` cut to the same window; three arrays (m,), empty without maps.
    """
    places = place.ravel()
    answers, here, there = [np.zeros(0, np.float32)], [np.zeros(0, int)], [np.zeros(0, int)]
    for plane, pixels, partners in pairs_asked(crop, affinities):
        answers.append(plane.ravel()[pixels])
        here.append(places[pixels])
        there.append(places[partners])
    one, two = np.concatenate(here), np.concatenate(there)
    return np.clip(np.concatenate(answers), -SURE, SURE), np.minimum(one, two), np.maximum(one, two)


def means_of_cuts(values: np.ndarray, low: np.ndarray, high: np.ndarray, count: int) -> np.ndarray:
    """(count + 1,) mean log odds across each cut through the axis (``count`` pixels long), as if `FEWEST` more had said "one".

    An answer speaks for every cut that lies between its two places: the cut k is the one after place k.
    """
    size = count + 1
    total = np.bincount(low, values, size) - np.bincount(high, values, size)
    answers = np.bincount(low, minlength=size) - np.bincount(high, minlength=size)
    means: np.ndarray = (np.cumsum(total) + FEWEST * SURE) / (np.cumsum(answers) + FEWEST)
    return means


def weakest_cut(values: np.ndarray, low: np.ndarray, high: np.ndarray, count: int) -> float:
    """Lowest of ``means_of_cuts``, at most `SURE`.

    >>> weakest_cut(np.array([4.0, -4.0]), np.array([0, 2]), np.array([1, 3]), 4)
    2.857142857142857
    """
    return float(min(means_of_cuts(values, low, high, count).min(), SURE))
