"""What every reader does first: find the files, or say what is missing and how to get it; read one grey plane."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from karyokit.checks import PictureError, problem
from karyokit.pictures import read_picture


def data_place(given: str | os.PathLike[str] | None = None) -> Path:
    """Where the data sets lie or shall lie: the folder given, else KARYOKIT_DATA, else ``data`` here. It need not be there."""
    return Path(given or os.environ.get("KARYOKIT_DATA", "") or "data")


def data_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """`data_place`, or ``FileNotFoundError`` where it is not there."""
    return require_folder(data_place(given), "Pass the folder of the data sets with --data, or set KARYOKIT_DATA.")


def require_folder(path: str | os.PathLike[str], remedy: str) -> Path:
    """``path`` as a ``Path``, or ``FileNotFoundError`` that names it and the remedy."""
    folder = Path(path)
    if not os.path.isdir(folder):  # unlike Path.is_dir, False for impossible names
        raise FileNotFoundError(f"folder {folder} is not there. {remedy}")
    return folder


def require_file(path: str | os.PathLike[str], remedy: str) -> Path:
    """``path`` as a ``Path``, or ``FileNotFoundError`` that names it and the remedy."""
    file = Path(path)
    if not os.path.isfile(file):
        raise FileNotFoundError(f"file {file} is not there. {remedy}")
    return file


def first_folder(root: Path, names: tuple[str, ...], remedy: str) -> Path:
    """The first of the folders ``names`` that exists below ``root``, or ``FileNotFoundError`` listing them all."""
    for name in names:
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"{root} holds none of the folders {', '.join(names)}. {remedy}")


def read_json(path: Path, kind: str) -> Any:
    """What a JSON file holds; ``ValueError`` names a file that is none, ``kind`` says what it should be."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(path, kind, error) from error


def damaged(path: Path, kind: str, error: Exception) -> ValueError:
    """The message about a file that is not the ``kind`` of file it should be."""
    got = f"{path} ({type(error).__name__}: {error})".replace("\n", " ")
    return ValueError(problem("file", f"be {kind}", got, "Download it again or make it anew."))


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Arrays of an npz file by name; ``ValueError`` names a file that is none or lacks one."""
    wanted = tuple(names)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return {name: archive[name] for name in wanted}
    except Exception as error:  # damaged archives fail in zipfile, zlib, struct and numpy's own parser
        missing = error if isinstance(error, KeyError) else type(error)()  # numpy's own words advise to trust the file
        raise damaged(path, f"an npz file with the arrays {', '.join(wanted)}", missing) from error


def read_plane(path: Path) -> np.ndarray:
    """(rows, columns) uint8 or uint16 grey plane of a picture file of any size, as ``karyokit.pictures.read_picture`` reads it.

    ``PictureError`` (a ``ValueError``) names a file that is no usable picture or has another depth.
    """
    plane = read_picture(path, min_side=1).pixels
    if plane.dtype.kind == "f":
        raise PictureError(f"{path} holds {plane.dtype} numbers, not one 8 or 16 bit plane. Convert it to grey PNG.")
    return plane


def read_stored(path: Path, mode: str = "") -> np.ndarray:
    """The numbers a picture file stores, signed ones and the indices of a palette included; ``mode`` ``"RGB"`` asks for colours.

    (rows, columns), or (rows, columns, 3) for colours. ``PictureError`` names a file that is no picture.
    """
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert(mode) if mode else picture)
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{path} could not be read as a picture: {error}. Download it again or remove it.") from error
