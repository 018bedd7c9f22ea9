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

from karyokit.checks import PictureError
from karyokit.data.mfish import OVERLAP, chromosomes_from_class_map, crossing_flags
from karyokit.data.records import AnnotatedCell
from karyokit.data.sources import read_plane, read_stored, require_folder
from karyokit.pictures import SUFFIXES

REMEDY = "Pass the folder that holds the folders A01_XY, P01_XY, V01_XY ... of the M-FISH set (see `karyokit data list`)."
_FOLDER = re.compile(r"[APV]\d\d_(?:[A-Z]{2}|\d\d)", re.IGNORECASE)
_PLANE = re.compile(r"[APV]\d{4}(?:[A-Z]{2}|\d\d)[DK]", re.IGNORECASE)


def cells(root: Path) -> Iterator[AnnotatedCell]:
    """Every cell, sorted by name: what ``mfish.read_cell`` gives for the shared layout.

    ``name`` is the seven characters without the plane; the picture is (rows, columns) uint8 or uint16, bright on dark;
    cells without a class map (the extreme ones, ``EX``) have no regions.
    """
    planes = _planes(require_folder(root, REMEDY))
    names = sorted(name for name, plane in planes if plane == "D")
    if not names:
        raise FileNotFoundError(f"{root} holds no DAPI plane such as A01_XY/A0101XYD.png. {REMEDY}")
    return (_cell(planes, name) for name in names)


def _cell(planes: dict[tuple[str, str], Path], name: str) -> AnnotatedCell:
    image = read_plane(planes[name, "D"])
    class_map = _class_map(planes[name, "K"]) if (name, "K") in planes else np.zeros(image.shape, np.uint8)
    found = chromosomes_from_class_map(class_map)
    notes = {"crossing": crossing_flags(class_map, [region for region, _ in found])}
    return AnnotatedCell.of_chromosomes(name, image, found, stain="fluorescence", group=name[:3], notes=notes)


def _planes(root: Path) -> dict[tuple[str, str], Path]:
    """File of each (cell, plane) in the set's folders below ``root``, or in ``root`` itself."""
    folders = [path for path in sorted(root.iterdir()) if path.is_dir() and _FOLDER.fullmatch(path.name)] or [root]
    files = [path for folder in folders for path in sorted(folder.iterdir())]
    named = [path for path in files if path.suffix.lower() in SUFFIXES and _PLANE.fullmatch(path.stem)]
    return {(path.stem[:7].upper(), path.stem[7].upper()): path for path in named}


def _class_map(path: Path) -> np.ndarray:
    """(rows, columns) uint8 classes of a K plane, 0..24 and ``OVERLAP``."""
    if path.suffix.lower() in (".jpg", ".jpeg"):
        raise PictureError(f"{path} is lossy, its classes cannot be trusted. Take the PNG or TIFF version of the set.")
    values = read_stored(path).astype(np.int64)
    overlap = (values < 0) | (values == OVERLAP) | (values == 65535)
    if values.ndim != 2 or ((values > 24) & ~overlap).any():
        raise PictureError(f"{path} must be one plane of classes 0..24 and -1 for overlaps. Take the set's own file.")
    return np.where(overlap, OVERLAP, values).astype(np.uint8)
