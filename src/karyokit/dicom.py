"""DICOM files as pictures: secondary captures, which microscopes and image archives save. Needs ``karyokit[dicom]``.

Nothing of a file is used but its pixels: no name, number or date of a patient goes on to any result.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.filereader import read_file_meta_info
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import DeflatedExplicitVRLittleEndian

from karyokit.checks import PictureError

_COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"}


def read_frame(path: Path, require_size: Callable[[int, int], None]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The first frame, (rows, columns) grey as stored or (rows, columns, 3) RGB, and notes on what was done to it.

    ``require_size`` (columns, rows) raises for pictures that are too large, before anything is decoded. Grey stored with white at 0 is
    turned over. Raises ``PictureError`` for files without a picture and for kinds of pixels that are not known.
    """
    if getattr(read_file_meta_info(path), "TransferSyntaxUID", None) == DeflatedExplicitVRLittleEndian:
        raise PictureError(f"{path}: is a deflated DICOM file, which is not read. Export it uncompressed.")
    dataset = dcmread(path)
    if "Rows" not in dataset or "Columns" not in dataset:
        raise PictureError(f"{path}: is a DICOM file without a picture. Export the metaphase as secondary capture.")
    require_size(int(dataset.Columns), int(dataset.Rows))
    frames = int(dataset.get("NumberOfFrames") or 1)
    notes = (f"first of {frames} frames used",) if frames > 1 else ()
    return _levels(dataset, pixel_array(dataset, index=0), path), notes


def _levels(dataset: FileDataset, pixels: np.ndarray, path: Path) -> Any:
    kind = str(dataset.PhotometricInterpretation)
    if kind == "MONOCHROME2" or kind in _COLOURS:
        return pixels
    if kind == "MONOCHROME1":
        return ((1 << int(dataset.BitsStored)) - 1 - pixels.astype(np.int64)).astype(pixels.dtype)
    if kind == "PALETTE COLOR":
        coloured = apply_color_lut(pixels, dataset)
        return coloured if coloured.dtype == np.uint8 else (coloured >> 8).astype(np.uint8)
    raise PictureError(f"{path}: is stored in {kind} colours. Export it as grey or RGB.")
