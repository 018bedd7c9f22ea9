"""AutoKary2022: 612 G-banded metaphase cells with a labelme polygon and a class per chromosome (ICME 2023).

Folders ``train`` and ``test`` (or ``train_labelme`` and ``test_labelme``, with or without ``val``) of labelme JSON,
each beside its picture. The labels ``-1`` and ``119`` are errors of the set (systems.md 1.6): such shapes are dropped
and named in ``notes["dropped"]``. Polygons cover overlap pixels, so masks of crossing chromosomes share them.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
from skimage.draw import polygon2mask

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.data.gband_cells import category_of
from karyokit.data.records import AnnotatedCell
from karyokit.data.sources import read_plane, require_folder
from karyokit.data.splits import HELD_OUT_SHARES, require_split_name, split_of_group
from karyokit.pictures import picture_from_array

REMEDY = "Download AutoKary2022 (see `karyokit data list`) and pass the folder that holds train/ and test/."


def cells(root: Path, split: str) -> Iterator[AnnotatedCell]:
    """Cells of ``split`` (``train``, ``val``, ``test``), one at a time, in the order of their names.

    Where the folder has no ``val``, 15 % of the training pictures are held out, chosen by the hash of their names.
    """
    require_split_name("split", split)
    folder = require_folder(root, REMEDY)
    published = _split_folder(folder, split)
    if published is None and split == "test":
        raise FileNotFoundError(f"{folder} holds neither test nor test_labelme. {REMEDY}")
    if published is not None and (split == "test" or _split_folder(folder, "val") is not None):
        return (read_labelme(path) for path in _annotations(published))
    training = _split_folder(folder, "train")
    if training is None:
        raise FileNotFoundError(f"{folder} holds neither train nor train_labelme. {REMEDY}")
    return (read_labelme(path) for path in _annotations(training) if split_of_group(path.stem, shares=HELD_OUT_SHARES) == split)


def _split_folder(root: Path, split: str) -> Path | None:
    return next((root / name for name in (split, f"{split}_labelme") if (root / name).is_dir()), None)


def _annotations(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.json"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no labelme .json file. {REMEDY}")
    return found


def read_labelme(path: Path) -> AnnotatedCell:
    """One labelme file as a cell; polygons with fewer than three corners and labels that name no class are dropped."""
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        shapes = [(str(shape["label"]).strip(), np.array(shape["points"], float)) for shape in record["shapes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            problem("file", "be a labelme annotation (JSON with shapes, label, points)", path, "Download it again.")
        ) from error
    image = _image(Path(path), record)
    kept, dropped = [], []
    for label, points in shapes:
        region = _region(points, (image.shape[0], image.shape[1]))
        if _category(label) and region.area:
            kept.append((region, _category(label)))
        else:
            dropped.append(label)
    name = Path(path).stem
    return AnnotatedCell.of_chromosomes(name, image, kept, stain="brightfield", group=name, notes={"dropped": tuple(dropped)})


_FARTHEST = 1e6
"""Corners farther out, or that are no numbers, make no polygon."""


def _category(label: str) -> int:
    return int(label) if label in ("23", "24") else category_of(label)


def _region(points: np.ndarray, shape: tuple[int, int]) -> Region:
    """Pixels whose centre lies inside a polygon of (column, row) corners; labelme puts (0, 0) at a pixel's corner."""
    if points.shape != (len(points), 2) or len(points) < 3 or not (np.abs(points) < _FARTHEST).all():
        return Region.from_mask(np.zeros((1, 1), bool))
    corners = points[:, ::-1] - 0.5
    top, left = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, shape)
    bottom, right = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, shape)
    if bottom <= top or right <= left:
        return Region.from_mask(np.zeros((1, 1), bool))
    region = Region.from_mask(polygon2mask((bottom - top, right - left), corners - np.array([top, left])))
    return Region(region.row + int(top), region.column + int(left), region.crop)


def _image(path: Path, record: dict[str, Any]) -> np.ndarray:
    """The picture named in the file and lying beside it, else the picture inside the file."""
    name = Path(str(record.get("imagePath", "")).replace("\\", "/")).name
    candidates = [path.with_name(name)] if name else []
    candidates += [path.with_suffix(suffix) for suffix in (".png", ".jpg", ".bmp", ".tif")]
    for candidate in candidates:
        if candidate.is_file():
            return read_plane(candidate)
    if record.get("imageData"):
        try:
            picture = iio.imread(io.BytesIO(base64.b64decode(record["imageData"])), plugin="pillow")
        except (OSError, ValueError, binascii.Error) as error:
            raise ValueError(problem("imageData", "hold a picture", path, "Download the file again.")) from error
        return picture_from_array(picture, str(path), min_side=1).pixels
    raise FileNotFoundError(f"the picture {name or path.stem} of {path} is not beside it. {REMEDY}")
