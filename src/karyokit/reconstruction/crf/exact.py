"""The fully connected CRF with every pair of pixels written out: slow, for small crops, the measure of the other backends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from karyokit.checks import problem
from karyokit.reconstruction.crf.parameters import CrfParameters

MOST_PIXELS = 64 * 64
"""Largest crop of the exact backend; its matrix then takes 134 MB."""


def squared_distances(features: np.ndarray) -> np.ndarray:
    """(n, n) squared Euclidean distances of (n, f) rows."""
    squares = (features**2).sum(axis=1)
    return np.maximum(squares[:, None] + squares[None, :] - 2 * features @ features.T, 0)


def normalised(kernel: np.ndarray, how: str) -> np.ndarray:
    """(n, n) kernel divided by the square roots of its row sums on both sides (``"symmetric"``), or as it is (``"none"``).

    The row sums include the pixel itself, as in the reference implementation (Kraehenbuehl and Koltun 2011).
    """
    if how == "none":
        return kernel
    scale = 1 / np.sqrt(kernel.sum(axis=1))
    return kernel * scale[:, None] * scale[None, :]


def pairwise_matrix(colour: np.ndarray, parameters: CrfParameters) -> np.ndarray:
    """(n, n) float64 pairwise weights of the n pixels of a (rows, columns, channels) crop, row by row.

    Entry i, j is what it costs that the two pixels have different labels. Raises ``ValueError`` for crops over ``MOST_PIXELS``.
    Source: KEMR-Net Eq. 3 and 4 (the first of its two sigma_beta read as sigma_alpha); spec 6.2.
    """
    rows, columns = colour.shape[:2]
    if rows * columns > MOST_PIXELS:
        got = f"a crop of {rows} x {columns}"
        raise ValueError(problem("backend", f"suit the crop: 'exact' takes up to {MOST_PIXELS} pixels", got, "Use 'window'."))
    places = np.indices((rows, columns)).reshape(2, -1).T.astype(float)
    far, foreign = squared_distances(places), squared_distances(colour.reshape(rows * columns, -1).astype(float))
    appearance = np.exp(-far / (2 * parameters.s_a**2) - foreign / (2 * parameters.s_b**2))
    smoothness = np.exp(-far / (2 * parameters.s_g**2))
    matrix = parameters.w1 * normalised(appearance, parameters.normalise) + parameters.w2 * normalised(smoothness, parameters.normalise)
    if not parameters.self_messages:
        np.fill_diagonal(matrix, 0)
    return matrix


def exact_messages(colour: np.ndarray, parameters: CrfParameters) -> Callable[[np.ndarray], np.ndarray]:
    """The function that sums a (rows, columns) plane over all other pixels, weighted by :func:`pairwise_matrix`."""
    matrix = pairwise_matrix(colour, parameters)
    return lambda plane: (matrix @ plane.ravel()).reshape(plane.shape)


def energy(labels: np.ndarray, probability: np.ndarray, matrix: np.ndarray, *, clip: float = 0.02) -> float:
    """E = sum of unary costs -log P(label) and of the weights of all pairs with different labels; lower is better.

    ``labels`` and ``probability`` (of label 1) are (rows, columns), ``matrix`` from :func:`pairwise_matrix`.
    Source: KEMR-Net Eq. 2, its unary read as the negative logarithm; spec 6.2.
    """
    chosen = labels.astype(bool).ravel()
    sure = np.clip(probability.ravel().astype(float), clip, 1 - clip)
    unary = -np.log(np.where(chosen, sure, 1 - sure)).sum()
    return float(unary + matrix[np.ix_(chosen, ~chosen)].sum())
