"""The fully connected CRF cut off at a window around each pixel (as convolutional CRFs do): any crop, NumPy only."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from karyokit.reconstruction.crf.parameters import CrfParameters


def window_radius(parameters: CrfParameters, shape: tuple[int, int], *, largest: int) -> int:
    """Three times the wider kernel's scale in pixels, at most ``largest`` and never beyond the crop.

    >>> window_radius(CrfParameters(s_a=2.0, s_g=1.0), (40, 40), largest=15)
    6
    """
    reach = math.ceil(3 * max(parameters.s_a, parameters.s_g))
    return max(1, min(reach, largest, max(shape) - 1))


def window_messages(colour: np.ndarray, parameters: CrfParameters, *, radius: int = 15) -> Callable[[np.ndarray], np.ndarray]:
    """The function that sums a (rows, columns) plane over each pixel's window, weighted by the normalised kernels.

    ``colour`` is (rows, columns, channels) on an 8-bit scale. Neighbours farther than ``radius`` rows or columns are left out, also of
    the row sums that normalise; the pixel itself counts in those sums only. Needs 4 (2 r + 1)^2 bytes per pixel of the crop.
    """
    r = window_radius(parameters, (colour.shape[0], colour.shape[1]), largest=radius)
    weights = _weights(colour.astype(np.float32), parameters, r)

    def messages(plane: np.ndarray) -> np.ndarray:
        return np.einsum("abyx,abyx->yx", weights, _neighbours(plane.astype(np.float32), r))

    return messages


def _weights(colour: np.ndarray, parameters: CrfParameters, r: int) -> np.ndarray:
    """(2r+1, 2r+1, rows, columns) float32: weight of each neighbour of each pixel, 0 outside the crop."""
    inside = _neighbours(np.ones(colour.shape[:2], np.float32), r)
    appearance = _foreign(colour, r)
    appearance *= -1 / (2 * parameters.s_b**2)
    np.exp(appearance, out=appearance)
    appearance *= _bell(parameters.s_a, r)
    appearance *= inside
    smoothness = _bell(parameters.s_g, r) * inside
    _normalise(appearance, r, parameters)
    _normalise(smoothness, r, parameters)
    appearance *= parameters.w1
    smoothness *= parameters.w2
    appearance += smoothness
    if not parameters.self_messages:
        appearance[r, r] = 0
    return appearance


def _bell(scale: float, r: int) -> np.ndarray:
    """(2r+1, 2r+1, 1, 1) float32 Gaussian of the distance from the middle."""
    steps = np.arange(-r, r + 1) ** 2
    return np.exp(-(steps[:, None] + steps[None, :]) / (2 * scale**2)).astype(np.float32)[:, :, None, None]


def _foreign(colour: np.ndarray, r: int) -> np.ndarray:
    """(2r+1, 2r+1, rows, columns) float32 squared distance of colours."""
    total = np.zeros((2 * r + 1, 2 * r + 1, *colour.shape[:2]), np.float32)
    for channel in np.moveaxis(colour, 2, 0):
        difference = _neighbours(channel, r) - channel
        difference *= difference
        total += difference
    return total


def _normalise(kernel: np.ndarray, r: int, parameters: CrfParameters) -> None:
    """Normalise a kernel in place."""
    if parameters.normalise == "symmetric":
        scale = 1 / np.sqrt(kernel.sum(axis=(0, 1)))
        kernel *= scale
        kernel *= _neighbours(scale, r)


def _neighbours(plane: np.ndarray, r: int) -> np.ndarray:
    """(2r+1, 2r+1, rows, columns) view: entry a, b, y, x is the plane at y + a - r, x + b - r, 0 outside it."""
    return sliding_window_view(np.pad(plane, r), plane.shape)
