"""White top-hat with the elliptical structuring elements of OpenCV, so that pictures made with it can be made again."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from karyokit.checks import problem, require_plane

_WHITE = 255


def ellipse_kernel(side: int) -> np.ndarray:
    """(side, side) bool ellipse as ``getStructuringElement(MORPH_ELLIPSE, (side, side))`` of OpenCV defines it.

    The centre, and the anchor, is pixel ``side // 2`` in both directions; with an even ``side`` the ellipse is not symmetric.
    Half widths are rounded half to even. Raises ``ValueError`` where ``side`` is under 1.

    >>> ellipse_kernel(5).astype(int).sum(axis=1).tolist()
    [1, 5, 5, 5, 1]
    """
    if side < 1:
        raise ValueError(problem("side", "be at least 1", side, "Pass the width of the ellipse in pixels."))
    radius = side // 2
    inverse = 1.0 / (radius * radius) if radius else 0.0
    kernel = np.zeros((side, side), bool)
    for row in range(side):
        height = row - radius
        half = round(radius * math.sqrt((radius * radius - height * height) * inverse))
        kernel[row, max(radius - half, 0) : min(radius + half + 1, side)] = True
    return kernel


def white_tophat(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """``image`` minus its opening, (rows, columns) uint8, as ``morphologyEx(..., MORPH_TOPHAT, kernel)`` of OpenCV gives it.

    ``kernel`` is a bool array whose rows are each one run of true pixels, anchored at half its size; erosion and
    dilation use it alike, without reflection, and pixels outside the picture never win. Raises ``ValueError`` or
    ``TypeError`` where ``image`` is not a uint8 plane.
    """
    require_plane("image", image)
    if image.dtype != np.uint8:
        raise TypeError(problem("image", "be uint8", image.dtype, "Bring the picture to 8 bits first."))
    opened = _dilate(_WHITE - _dilate(_WHITE - image, kernel), kernel)
    return np.where(image > opened, image - opened, 0).astype(np.uint8)


def _dilate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Greatest value under the kernel, pixel by pixel, built from one running maximum for each row of the kernel."""
    height, width = kernel.shape
    rows, columns = image.shape
    above, left = height // 2, width // 2
    padded = np.pad(image, ((above, height - 1 - above), (left, width - 1 - left)))
    runs: dict[int, np.ndarray] = {}
    result = np.zeros_like(image)
    for row, line in enumerate(kernel):
        start, length = int(line.argmax()), int(line.sum())
        if length not in runs:
            runs[length] = ndimage.maximum_filter1d(padded, length, axis=1, mode="constant", origin=-(length // 2))
        np.maximum(result, runs[length][row : row + rows, start : start + columns], out=result)
    return result
