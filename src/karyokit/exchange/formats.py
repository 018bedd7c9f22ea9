"""The file formats that cells are read from and written to: one table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from karyokit.checks import lookup, problem
from karyokit.exchange.cellpose import read_cellpose
from karyokit.exchange.coco import CellRecord, read_coco, write_coco
from karyokit.exchange.imagej_roi import read_imagej_roi, write_imagej_roi
from karyokit.exchange.label_image import read_label_image, write_label_image
from karyokit.exchange.labelme import read_labelme, write_labelme
from karyokit.exchange.ome_tiff import read_ome_tiff, write_ome_tiff
from karyokit.exchange.reading import UnreadableFile, load_json
from karyokit.files import distinct_names, make_folder

Read = Callable[[Path, tuple[int, int] | None], list[CellRecord]]
Write = Callable[[Path, CellRecord], str | None]


@dataclass(frozen=True)
class Format:
    """A file format: the ends of its file names (the first is written), how a file is read (given the picture's shape where the file
    does not say it), how a cell is written (giving a warning of what is lost), and whether everything comes back."""

    suffixes: tuple[str, ...]
    read: Read
    write: Write | None
    lossless: bool


def _write_coco(path: Path, cell: CellRecord) -> None:
    write_coco(path, [cell])


FORMATS: dict[str, Format] = {
    "coco": Format((".json",), lambda path, _: read_coco(path), _write_coco, lossless=True),
    "labelme": Format((".json",), read_labelme, write_labelme, lossless=True),
    "imagej": Format((".zip",), read_imagej_roi, write_imagej_roi, lossless=True),
    "ome-tiff": Format((".ome.tif", ".ome.tiff"), read_ome_tiff, write_ome_tiff, lossless=True),
    "label-image": Format((".tif", ".tiff", ".png"), read_label_image, write_label_image, lossless=False),
    "cellpose": Format(("_seg.npy",), read_cellpose, None, lossless=False),
}
"""Formats by name. COCO is the only one that holds many cells in a file."""


def format_of(path: str | Path) -> str:
    """Name of the format that a file's name stands for; COCO for ``.json``. Raises ``ValueError`` for other ends."""
    name = Path(path).name.lower()
    ends = [(suffix, key) for key, entry in FORMATS.items() for suffix in entry.suffixes if name.endswith(suffix)]
    if not ends:
        known = sorted({suffix for entry in FORMATS.values() for suffix in entry.suffixes})
        raise ValueError(problem("file", f"end in one of {known}", str(path), "Rename it, or choose another format."))
    longest = max(len(suffix) for suffix, _ in ends)
    return next(key for suffix, key in ends if len(suffix) == longest)


def read_cells(path: str | Path, *, shape: tuple[int, int] | None = None) -> list[CellRecord]:
    """Cells of a file in any of the formats; a ``.json`` file is looked into.

    ``shape`` is the picture's (rows, columns), needed for ImageJ selections and labelme files that do not say it; where a file says
    another, ``ValueError``. Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used.
    """
    source = Path(path)
    name = format_of(source)
    if name == "coco" and "shapes" in load_json(source):
        name = "labelme"
    cells = FORMATS[name].read(source, shape)
    if wrong := [cell.shape for cell in cells if shape not in (None, cell.shape)]:
        raise UnreadableFile(f"{source}: is of a picture of {wrong[0]} rows and columns, not {shape}. Give the picture it was made from.")
    return cells


def write_cells(path: str | Path, cells: Sequence[CellRecord], *, name: str | None = None) -> list[str]:
    """Write cells in the format ``name``, or that of the file's name; returns warnings of what is lost, each naming its cell.

    One COCO file holds all cells, and must be told them apart by name. Other formats hold one: for several, ``path`` is a folder that
    gets one file a cell, named after its picture. Raises ``ValueError`` for a format that is only read, ``files.OutputError``.
    """
    target = Path(path)
    entry = lookup(FORMATS, name or format_of(target), "format")
    if entry.write is None:
        raise ValueError(problem("format", "be one that is written", repr(name), "Choose coco, or another of the list."))
    if entry is FORMATS["coco"] and not target.is_dir():
        _require_names(cells)
        write_coco(target, cells)
        return []
    paths = [target] if _is_file_name(target, entry) else _paths_in(target, cells, entry)
    if len(paths) != len(cells):
        raise ValueError(problem("path", "be a folder for other than one cell", f"{target} for {len(cells)} cells", "Name a folder."))
    found = [(cell.name, entry.write(path, cell)) for path, cell in zip(paths, cells, strict=True)]
    return [f"{cell}: {warning}" for cell, warning in found if warning]


def _is_file_name(path: Path, entry: Format) -> bool:
    return path.name.lower().endswith(entry.suffixes) and not path.is_dir()


def _paths_in(folder: Path, cells: Sequence[CellRecord], entry: Format) -> list[Path]:
    return [make_folder(folder) / f"{stem}{entry.suffixes[0]}" for stem in file_stems(cells)]


def file_stems(cells: Sequence[CellRecord]) -> list[str]:
    """A file name without end for each cell, from its picture's name: no folders, no signs that a file system refuses, no two alike.

    >>> file_stems([CellRecord(name, (1, 1), "") for name in ("a/1.png", "b/1.png", "../../etc/x", "")])
    ['1', '1-2', 'x', 'cell']
    """
    plain = (re.sub(r"[^\w .()+-]", "_", PureWindowsPath(cell.name).stem)[:80].strip(". ") for cell in cells)
    return distinct_names(stem or "cell" for stem in plain)


def _require_names(cells: Sequence[CellRecord]) -> None:
    names = [cell.name for cell in cells]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(problem("cells", "have different names in one file", f"{twice[0]!r} twice", "Write them to different files."))
