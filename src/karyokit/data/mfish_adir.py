"""The ADIR M-FISH set in its publisher's layout: one folder per slide and karyotype, one file per plane.

A folder is named like ``A01_XY`` (probe set, slide, karyotype), a file has eight characters such as ``A0101XYD``:
probe set, slide, number on the slide, karyotype, plane. Plane ``D`` is DAPI, plane ``K`` the class per pixel: 0
background, 1..24 classes, -1 overlap (NOTICE.txt of the set, August 25, 2000).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from karyokit.checks import PictureError
from karyokit.data.sources import PICTURE_SUFFIXES, read_picture, read_plane, require_folder

REMEDY = "Pass the folder that holds the folders A01_XY, P01_XY, V01_XY ... of the M-FISH set (see `karyokit data list`)."
OVERLAP = 255
_FOLDER = re.compile(r"[APV]\d\d_(?:[A-Z]{2}|\d\d)", re.IGNORECASE)
_PLANE = re.compile(r"[APV]\d{4}(?:[A-Z]{2}|\d\d)[DK]", re.IGNORECASE)


def cells(root: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray | None]]:
    """(name, DAPI picture, class map) of every cell, sorted by name.

    ``name`` is the seven characters without the plane; the picture is (rows, columns) uint8 or uint16, bright on dark;
    the class map is (rows, columns) uint8, 0..24 and 255 = overlap, None for cells without (the extreme ones, ``EX``).
    """
    planes = _planes(require_folder(root, REMEDY))
    names = sorted(name for name, plane in planes if plane == "D")
    if not names:
        raise FileNotFoundError(f"{root} holds no DAPI plane such as A01_XY/A0101XYD.png. {REMEDY}")
    return ((name, read_plane(planes[name, "D"]), _class_map(planes, name)) for name in names)


def _planes(root: Path) -> dict[tuple[str, str], Path]:
    """File of each (cell, plane) in the set's folders below ``root``, or in ``root`` itself."""
    folders = [path for path in sorted(root.iterdir()) if path.is_dir() and _FOLDER.fullmatch(path.name)] or [root]
    files = [path for folder in folders for path in sorted(folder.iterdir())]
    named = [path for path in files if path.suffix.lower() in PICTURE_SUFFIXES and _PLANE.fullmatch(path.stem)]
    return {(path.stem[:7].upper(), path.stem[7].upper()): path for path in named}


def _class_map(planes: dict[tuple[str, str], Path], name: str) -> np.ndarray | None:
    path = planes.get((name, "K"))
    if path is None:
        return None
    if path.suffix.lower() in (".jpg", ".jpeg"):
        raise PictureError(f"{path} is lossy, its classes cannot be trusted. Take the PNG or TIFF version of the set.")
    values = _stored_values(path).astype(np.int64)
    overlap = (values < 0) | (values == OVERLAP) | (values == 65535)
    if values.ndim != 2 or ((values > 24) & ~overlap).any():
        raise PictureError(f"{path} must be one plane of classes 0..24 and -1 for overlaps. Take the set's own file.")
    return np.where(overlap, OVERLAP, values).astype(np.uint8)


def _stored_values(path: Path) -> np.ndarray:
    """Values as stored: of a picture with a palette the indices, not the colours."""
    if path.suffix.lower() in (".tif", ".tiff"):
        return read_picture(path)
    try:
        with Image.open(path) as picture:
            return np.asarray(picture)
    except OSError as error:
        raise PictureError(f"{path} could not be read as a picture: {error}. Take the set's own file.") from error
