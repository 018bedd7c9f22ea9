"""What every reader does first: find the files, or say what is missing and how to get it; read one grey plane."""

from __future__ import annotations

import os
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from karyokit.checks import PictureError

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})


def data_folder(given: str | os.PathLike[str] = "") -> Path:
    """The folder of the data sets: the one given, else KARYOKIT_DATA; ``FileNotFoundError`` where it is not there."""
    folder = Path(given or os.environ.get("KARYOKIT_DATA", "") or "data")
    return require_folder(folder, "Pass the folder of the data sets with --data, or set KARYOKIT_DATA.")


def require_folder(path: str | os.PathLike[str], remedy: str) -> Path:
    """``path`` as a ``Path``, or ``FileNotFoundError`` that names it and the remedy."""
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"folder {folder} is not there. {remedy}")
    return folder


def require_file(path: str | os.PathLike[str], remedy: str) -> Path:
    """``path`` as a ``Path``, or ``FileNotFoundError`` that names it and the remedy."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"file {file} is not there. {remedy}")
    return file


def first_folder(root: Path, names: tuple[str, ...], remedy: str) -> Path:
    """The first of the folders ``names`` that exists below ``root``, or ``FileNotFoundError`` listing them all."""
    for name in names:
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"{root} holds none of the folders {', '.join(names)}. {remedy}")


def pictures_in(folder: Path) -> list[Path]:
    """Picture files directly inside a folder, sorted by name; an empty folder gives an empty list."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())


def read_plane(path: Path) -> np.ndarray:
    """(rows, columns) uint8 or uint16 grey plane of a picture file; colours become luma (ITU-R 601).

    ``PictureError`` (a ``ValueError``) names a file that is no picture or has another depth.
    """
    return grey_plane(read_picture(path), path)


def read_picture(path: Path) -> np.ndarray:
    """The decoded array of a picture file, (rows, columns) or (rows, columns, channels); ``PictureError`` names a bad file."""
    try:
        return np.asarray(iio.imread(path, plugin="tifffile" if path.suffix.lower() in (".tif", ".tiff") else "pillow"))
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{path} could not be read as a picture: {error}. Download it again or remove it.") from error


def grey_plane(picture: np.ndarray, path: Path) -> np.ndarray:
    """One grey plane of a decoded picture of 1 to 4 channels (alpha is dropped); ``path`` only for the message."""
    if picture.dtype == bool:
        return picture.astype(np.uint8) * np.uint8(255)
    if picture.ndim == 3 and picture.shape[2] in (2, 4):
        picture = picture[..., :-1]
    if picture.ndim == 3 and picture.shape[2] in (1, 3):
        picture = _luma(picture)
    if picture.ndim != 2 or picture.dtype not in (np.uint8, np.uint16):
        raise PictureError(f"{path} has shape {picture.shape} of {picture.dtype}, not one 8 or 16 bit plane. Convert it to grey PNG.")
    return picture


def _luma(picture: np.ndarray) -> np.ndarray:
    """Grey plane of the same depth; equal channels give exactly that channel."""
    if picture.shape[2] == 1:
        return picture[..., 0]
    weighted = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return np.rint(weighted).astype(picture.dtype)
