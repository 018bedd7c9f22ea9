"""From the source metaphase of the overlapping-pairs set to its single chromosomes (spec 1.1, steps 1 to 4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.measure import label
from skimage.morphology import disk, opening
from skimage.segmentation import clear_border

from karyokit.checks import NothingFound, problem, require_plane, require_same_shape
from karyokit.data.tophat import ellipse_kernel, white_tophat

DAPI_ELLIPSE, CY3_ELLIPSE = 50, 9
OFFSET = 5
"""Grey levels taken off after the top-hat."""
LOCAL_SIGMA = 220 / 6
"""Standard deviation in pixels of the local mean, that of a block of 221."""
OPENING_RADIUS, BORDER = 5, 3
DEPTH = 4096
"""The source pictures hold 12 bits."""


def flatten_source(dapi: np.ndarray, cy3: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both planes, (rows, columns) of 12 bits, brought to 8 bits and freed of their background, as float64.

    Raises ``ValueError`` or ``TypeError`` where the planes are no integers of 0..4095 or differ in shape.
    """
    require_same_shape({"dapi": dapi, "cy3": cy3})
    return _flatten("dapi", dapi, DAPI_ELLIPSE), _flatten("cy3", cy3, CY3_ELLIPSE)


def segment_source(flat_dapi: np.ndarray) -> np.ndarray:
    """(rows, columns) int label picture of the chromosomes, 0 background, numbered in reading order."""
    local_mean = ndimage.gaussian_filter(flat_dapi, LOCAL_SIGMA, mode="reflect")
    mask = opening(flat_dapi > local_mean, disk(OPENING_RADIUS))
    return np.asarray(label(clear_border(mask, buffer_size=BORDER), connectivity=2))


def single_chromosomes(dapi: np.ndarray, cy3: np.ndarray, *, every: int = 4, decimation: int = 2) -> tuple[np.ndarray, ...]:
    """Grey crops of single chromosomes, all of one shape, uint8, background 0, by ascending area.

    ``dapi`` and ``cy3`` are (rows, columns) planes of 12 bits. Of the chromosomes sorted by area each ``every``-th is
    taken; of several with one and the same area the generator keeps the last. Crops keep every ``decimation``-th pixel,
    without smoothing, as the generator does. Raises ``NothingFound`` where no chromosome is in view.
    """
    flat_dapi, flat_cy3 = flatten_source(dapi, cy3)
    labels = segment_source(flat_dapi)
    windows = ndimage.find_objects(labels)
    if not windows:
        raise NothingFound("no single chromosome is in view of the source pictures. Check the window and that DAPI is bright on dark.")
    grey = _stretched((flat_dapi + flat_cy3) / 2)
    crops = [np.where(labels[window] == number, grey[window], 0) for number, window in enumerate(windows, 1)]
    by_area = {int(np.count_nonzero(crop)): crop for crop in pad_to_one_size(crops)}
    return tuple(by_area[area][::decimation, ::decimation] for area in sorted(by_area)[::every])


def pad_to_one_size(crops: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The crops centred on zero canvases of the greatest height and width among them; no crop gives an empty list."""
    shape = np.array([crop.shape for crop in crops]).max(axis=0) if crops else np.zeros(2)
    return [place(crop, (int(shape[0]), int(shape[1])), centre_offset(crop.shape, shape)) for crop in crops]


def centre_offset(shape: Sequence[int] | np.ndarray, canvas: Sequence[int] | np.ndarray) -> tuple[int, int]:
    """(row, column) of a crop centred on a canvas; odd margins are halved to the nearest even number, as in the generator.

    >>> centre_offset((5, 5), (8, 10))
    (2, 2)
    """
    return round(float(canvas[0] - shape[0]) / 2), round(float(canvas[1] - shape[1]) / 2)


def place(crop: np.ndarray, canvas: tuple[int, int], offset: tuple[int, int]) -> np.ndarray:
    """``crop`` at (row, column) ``offset`` of a zero canvas of its type."""
    picture = np.zeros(canvas, crop.dtype)
    picture[offset[0] : offset[0] + crop.shape[0], offset[1] : offset[1] + crop.shape[1]] = crop
    return picture


def _flatten(name: str, plane: np.ndarray, side: int) -> np.ndarray:
    require_plane(name, plane)
    if plane.dtype.kind not in "ui" or plane.dtype.itemsize < 2:
        raise TypeError(problem(name, "hold integers of 12 bits", plane.dtype, "Pass the source picture as it was published."))
    if plane.min() < 0 or plane.max() >= DEPTH:
        raise ValueError(problem(name, f"lie in 0..{DEPTH - 1}", f"{plane.min()}..{plane.max()}", "Pass the 12 bit picture."))
    flat = white_tophat((plane // 16).astype(np.uint8), ellipse_kernel(side))
    return np.maximum(flat.astype(np.float64) - OFFSET, 0.0)


def _stretched(grey: np.ndarray) -> np.ndarray:
    """Grey values stretched to 0..255 and truncated; called where something is in view, so the range is not empty."""
    low, high = grey.min(), grey.max()
    return (255 * ((grey - low) / (high - low))).astype(np.uint8)
