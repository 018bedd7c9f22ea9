"""Pictures of single chromosomes with class, cell and case: Passau Pki-3 (G-band) and BioImLab Padova (Q-band).

Two layouts are read: the shared ``gband_singles.npz`` / ``qband_singles.npz``, and folders of pictures as publishers
ship them, one folder per cell (Padova) or per cell with a dotted cell number (Passau), the class in the file name or
in a folder name of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from karyokit.checks import lookup, problem
from karyokit.data.sources import read_arrays, read_plane, require_file, require_folder
from karyokit.data.splits import DEFAULT_SHARES, require_split_name, split_by_group
from karyokit.pictures import SUFFIXES
from karyokit.staining import Stain

REMEDY = (
    "Point --data (or KARYOKIT_DATA) at the folder that holds singles/, or pass the publisher's folder of pictures "
    "to singles_from_folder (see `karyokit data list`)."
)
STAINS: dict[str, Stain] = {"gband": "brightfield", "qband": "fluorescence"}

_CLASS = r"(?:chromosome|chrom|chr|ch|c)?[ _-]*0*(?P<label>1\d|2[0-4]|[1-9]|[XYxy])"
PATTERNS = (
    rf"(?:.*/)?(?P<cell>(?P<case>[^/]+?)(?:\.\d+)?)/{_CLASS}/[^/]+",
    rf"(?:.*/)?(?P<cell>(?P<case>[^/]+?)(?:\.\d+)?)/{_CLASS}(?:[^0-9a-zA-Z][^/]*|[a-zA-Z]?)\.[a-zA-Z]+",
)
"""Layouts tried in turn on each path: ``CELL/CLASS/any.png`` and ``CELL/CLASS_any.png`` (or ``CELL/CLASSa.png``)."""


@dataclass(frozen=True, eq=False)
class Singles:
    """Single chromosomes; element i of each array describes picture i.

    ``labels`` is (n,) uint8, 1..22, 23 = X, 24 = Y; ``cells`` and ``cases`` are (n,) strings; ``stain`` is
    ``"brightfield"`` (dark on white) or ``"fluorescence"`` (bright on black). ``read`` gives picture i when asked.
    """

    name: str
    stain: Stain
    labels: np.ndarray
    cells: np.ndarray
    cases: np.ndarray
    read: Callable[[int], np.ndarray]

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, index: int) -> np.ndarray:
        """(rows, columns) uint8 picture of one chromosome; ``IndexError`` outside 0..n-1."""
        if not 0 <= index < len(self):
            raise IndexError(problem("index", f"lie in 0..{len(self) - 1}", index, "Count from 0."))
        return self.read(index)

    def split(self, part: str, *, by: str = "case", seed: int = 0, shares: tuple[float, ...] = DEFAULT_SHARES) -> np.ndarray:
        """Indices of ``part`` (``train``, ``val``, ``test``); no case (or cell, ``by="cell"``) is in two parts."""
        require_split_name("part", part)
        groups: np.ndarray = lookup({"case": self.cases, "cell": self.cells}, by, "by")
        return np.flatnonzero(np.array(split_by_group(groups.tolist(), seed=seed, shares=shares)) == part)


def load_singles(path: str | os.PathLike[str]) -> Singles:
    """Singles of ``path``: an ``.npz`` file of the shared layout, or a publisher's folder of pictures.

    The stain follows from the name (``gband...`` or ``qband...``); any other name needs `singles_from_npz` or
    `singles_from_folder`, which take it as an argument.
    """
    name = Path(path).name
    stain = lookup(STAINS, name.lower()[:5], "start of the file name")
    return singles_from_folder(path, stain=stain) if Path(path).is_dir() else singles_from_npz(path, stain=stain)


def singles_from_npz(path: str | os.PathLike[str], *, stain: Stain) -> Singles:
    """Singles of the shared layout: flat ``pixels`` with ``offset`` (n+1), ``height``, ``width``, ``label``, ``cell``, ``case``."""
    file = require_file(path, REMEDY)
    arrays = read_arrays(file, ("pixels", "offset", "height", "width", "label", "cell", "case"))
    _require_fitting(arrays, file)
    pixels, offset, height, width, labels, cells, cases = arrays.values()

    def read(index: int) -> np.ndarray:
        return pixels[offset[index] : offset[index + 1]].reshape(height[index], width[index]).copy()

    return Singles(file.stem, stain, labels.astype(np.uint8), cells, cases, read)


def _require_fitting(arrays: dict[str, np.ndarray], file: Path) -> None:
    """Raise unless every picture lies in ``pixels`` where ``offset``, ``height`` and ``width`` say."""
    numbers = ("offset", "height", "width", "label")
    flat = all(array.ndim == 1 for array in arrays.values()) and all(arrays[name].dtype.kind in "iu" for name in numbers)
    count = len(arrays["label"]) if flat else 0
    lengths = (
        flat and all(len(arrays[name]) == count for name in ("height", "width", "cell", "case")) and len(arrays["offset"]) == count + 1
    )
    sizes = np.diff(arrays["offset"].astype(np.int64)) if lengths else np.zeros(0)
    areas = arrays["height"].astype(np.int64) * arrays["width"].astype(np.int64) if lengths else np.ones(1)
    if not lengths or arrays["offset"][0] != 0 or arrays["offset"][-1] > len(arrays["pixels"]) or not np.array_equal(sizes, areas):
        raise ValueError(problem("file", "hold pictures at their offsets", file, "Download it again."))


def singles_from_folder(root: str | os.PathLike[str], *, stain: Stain, patterns: Sequence[str] = PATTERNS) -> Singles:
    """Singles of a folder of pictures; each is read from its file when asked for.

    ``patterns`` are regular expressions over the path below ``root`` (with ``/``), tried in turn, that name the groups
    ``label`` and ``cell`` and may name ``case`` (else the cell is its own case). Pictures that fit none are left out;
    a folder where none fits raises ``FileNotFoundError`` with an example.
    """
    folder = require_folder(root, REMEDY)
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = [(path, match) for path in pictures if (match := _fit(path.relative_to(folder).as_posix(), patterns))]
    if not found:
        seen = f"the first is {pictures[0].relative_to(folder)}" if pictures else "there are none"
        raise FileNotFoundError(f"no picture below {folder} is named CELL/CLASS... ({seen}). Pass `patterns` for another naming.")
    matches = [match.groupdict() for _, match in found]
    cells = np.array([match["cell"] for match in matches])
    cases = np.array([match.get("case") or match["cell"] for match in matches])
    labels = np.array([_label(match["label"]) for match in matches], np.uint8)
    return Singles(folder.name, stain, labels, cells, cases, lambda index: read_plane(found[index][0]))


def _fit(path: str, patterns: Sequence[str]) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := re.fullmatch(pattern, path))), None)


def _label(text: str) -> int:
    return {"x": 23, "y": 24}.get(text.lower()) or int(text)
