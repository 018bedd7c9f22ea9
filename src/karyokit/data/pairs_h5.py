"""Readers of the published HDF5 files of overlapping pairs: the raw ``LowRes_13434_overlapping_pairs.h5`` and its cleaned variant."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.data.sources import require_file

OVERLAP = 3
_BLOCK = 512
_REMEDY = "Download it from Kaggle jeanpat/overlapping-chromosomes, or build the same pairs with `karyokit data build pommier`."


@dataclass(frozen=True, eq=False)
class PublishedPairs:
    """A published file as read: ``images`` (n, rows, columns) int16, ``labels`` uint8, both in the file's order.

    ``key`` is the name of the data set inside the file; ``stray`` counts the pixels of each label above 3 that the file
    holds, before they were replaced (empty for a clean file).
    """

    images: np.ndarray
    labels: np.ndarray
    key: str
    stray: dict[int, int]


def read_pairs_h5(path: str | os.PathLike[str], *, keep_stray: bool = False) -> PublishedPairs:
    """Read a file of overlapping pairs: one data set (n, rows, columns, 2), whatever its name; grey first, label second.

    Labels are 0 background, 1 alpha, 2 beta, 3 overlap. Values of 4 and more are over-shoot of the interpolated masks;
    in the rebuilt set every one of them lies where both chromosomes are, so they become 3, and ``stray`` reports them.
    ``keep_stray`` leaves them as they are. A file of 0 samples gives empty arrays. Raises ``FileNotFoundError``,
    ``ImportError`` where h5py is not installed, ``ValueError`` where the file is no such file or is damaged.
    """
    file = require_file(path, _REMEDY)
    h5py = _h5py()
    try:
        with h5py.File(file, "r") as content:
            key = _first_dataset(content, file)
            images, labels = _read_blocks(content[key], file)
    except (OSError, KeyError, RuntimeError, TypeError, OverflowError, MemoryError) as error:
        raise ValueError(problem("path", "name a whole HDF5 file", file, _REMEDY)) from error
    values, counts = np.unique(labels[labels > OVERLAP], return_counts=True)
    stray = {int(value): int(count) for value, count in zip(values, counts, strict=True)}
    return PublishedPairs(images, labels if keep_stray else np.minimum(labels, np.uint8(OVERLAP)), key, stray)


def _h5py() -> Any:
    try:
        return importlib.import_module("h5py")
    except ImportError as error:
        raise ImportError("reading HDF5 files needs h5py, which is not installed. Run: pip install karyokit[data]") from error


def _first_dataset(content: Any, file: Path) -> str:
    """Name of the first data set of the right shape; groups and anything else are passed over."""
    shapes = {str(key): getattr(content[key], "shape", None) for key in content}
    for key, shape in shapes.items():
        if shape is not None and len(shape) == 4 and shape[3] == 2:
            return key
    raise ValueError(problem("path", "hold a data set (n, rows, columns, 2)", f"{shapes} in {file}", _REMEDY))


def _read_blocks(dataset: Any, file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Grey and label stacks, read some samples at a time: the raw file is 1.9 GB as stored."""
    images, labels = np.zeros(dataset.shape[:3], np.int16), np.zeros(dataset.shape[:3], np.uint8)
    for start in range(0, len(images), _BLOCK):
        block = dataset[start : start + _BLOCK]
        grey, label = block[..., 0], block[..., 1]
        _require_values("grey values", grey, (-32768, 32767), file)
        _require_values("labels", label, (0, 255), file)
        images[start : start + _BLOCK], labels[start : start + _BLOCK] = grey, label
    return images, labels


def _require_values(name: str, values: np.ndarray, limits: tuple[int, int], file: Path) -> None:
    if values.size and not (values.min() >= limits[0] and values.max() <= limits[1]):
        got = f"{values.min()}..{values.max()} in {file}"
        raise ValueError(problem(name, f"lie in {limits[0]}..{limits[1]}", got, _REMEDY))
