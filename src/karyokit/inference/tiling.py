"""Running a fully convolutional model on a plane of any size within bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

PlaneModel = Callable[[np.ndarray], np.ndarray]
"""A function from a (rows, columns) plane to (channels, rows, columns) maps."""

TILE_LIMIT = 1_500_000
"""Pixels up to which a plane is run in one piece."""


def run_plane(
    model: PlaneModel, plane: np.ndarray, *, multiple: int = 16, limit: int = TILE_LIMIT, tile: int = 1024, overlap: int = 128
) -> np.ndarray:
    """Maps (channels, rows, columns) float32 of a (rows, columns) plane of any size.

    The plane is padded by reflection at the bottom and the right to sides that ``multiple`` divides. Above ``limit``
    pixels it is cut into square tiles of ``tile`` pixels that overlap by ``overlap``; their maps are blended with
    weights that fall linearly towards the tile's rim, so no seam remains.

    >>> run_plane(lambda part: part[None] * 2, np.ones((3, 5), np.float32)).shape
    (1, 3, 5)
    """
    rows, columns = plane.shape
    if plane.size <= limit:
        return _run_padded(model, plane, multiple)
    if tile <= overlap:
        raise ValueError(f"`tile` must be larger than `overlap`, got {tile} and {overlap}. Choose, for example, 1024 and 128.")
    total: np.ndarray | None = None
    weights = np.zeros((rows, columns), np.float32)
    for window in _windows(rows, columns, tile, overlap):
        maps = _run_padded(model, plane[window], multiple)
        if total is None:
            total = np.zeros((maps.shape[0], rows, columns), np.float32)
        ramp = _ramp(maps.shape[1], overlap)[:, None] * _ramp(maps.shape[2], overlap)[None, :]
        total[(slice(None), *window)] += maps * ramp
        weights[window] += ramp
    assert total is not None
    total /= weights
    return total


def _run_padded(model: PlaneModel, plane: np.ndarray, multiple: int) -> np.ndarray:
    rows, columns = plane.shape
    padded = np.pad(plane, ((0, -rows % multiple), (0, -columns % multiple)), mode="reflect")
    return np.asarray(model(padded)[:, :rows, :columns], dtype=np.float32)


def _starts(length: int, tile: int, overlap: int) -> list[int]:
    """Evenly spread first pixels of the tiles along one side."""
    if length <= tile:
        return [0]
    count = -(-(length - overlap) // (tile - overlap))
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


def _windows(rows: int, columns: int, tile: int, overlap: int) -> Iterator[tuple[slice, slice]]:
    for row in _starts(rows, tile, overlap):
        for column in _starts(columns, tile, overlap):
            yield slice(row, min(row + tile, rows)), slice(column, min(column + tile, columns))


def _ramp(length: int, overlap: int) -> np.ndarray:
    """Weights that rise from just above 0 at both ends to 1 at ``overlap`` pixels from them."""
    place = np.arange(length, dtype=np.float32) + 1
    return np.minimum(1, np.minimum(place, place[::-1]) / (overlap + 1)).astype(np.float32)
