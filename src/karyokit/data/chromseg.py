"""ChromSeg-345: RGB crops of crossing chromosomes with a foreground and an overlap mask each (Cao et al., BIBM 2020).

Files (systems.md 1.6): ``image_<id>``, ``binary_label1_<id>`` = overlap, ``binary_label2_<id>`` = foreground; 230 for
training, 115 for testing. Published folders ``train`` and ``test`` are used where they are there; in one flat folder
the 345 are divided here, in the order of the SHA-256 of their ids. No validation part was published: 15 % of the
training part are held out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from karyokit.checks import PictureError
from karyokit.data.sources import read_stored, require_file, require_folder
from karyokit.data.splits import HELD_OUT_SHARES, require_split_name, split_of_group
from karyokit.pictures import read_mask

REMEDY = "Download the 345 annotated pictures from the address in the ChromSeg paper (see `karyokit data list`) and pass their folder."
TRAIN_SHARE = 230 / 345


@dataclass(frozen=True, eq=False)
class ClusterPicture:
    """One crop of a cluster.

    ``image`` is (rows, columns, 3) uint8, dark on white; ``foreground`` and ``overlap`` are (rows, columns) bool, the
    overlap being part of the foreground.
    """

    name: str
    image: np.ndarray
    foreground: np.ndarray
    overlap: np.ndarray


def clusters(root: Path, split: str) -> Iterator[ClusterPicture]:
    """Crops of ``split`` (``train`` about 195, ``val`` about 35, ``test`` 115), sorted by id, one at a time."""
    require_split_name("split", split)
    return (_read(path) for path in _pictures(require_folder(root, REMEDY), split))


def _pictures(root: Path, split: str) -> list[Path]:
    if (root / "train").is_dir() or (root / "test").is_dir():
        training, testing = (_images(require_folder(root / name, REMEDY)) for name in ("train", "test"))
    else:
        found = sorted(_images(root), key=lambda path: hashlib.sha256(_id(path).encode()).hexdigest())
        training, testing = found[: round(TRAIN_SHARE * len(found))], found[round(TRAIN_SHARE * len(found)) :]
    chosen = testing if split == "test" else [path for path in training if split_of_group(_id(path), shares=HELD_OUT_SHARES) == split]
    return sorted(chosen, key=_order)


def _images(folder: Path) -> list[Path]:
    found = sorted(folder.glob("image_*"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no image_<id> files. {REMEDY}")
    return found


def _id(path: Path) -> str:
    return path.stem.removeprefix("image_")


def _order(path: Path) -> tuple[int, str]:
    digits = re.sub(r"\D", "", _id(path))
    return (int(digits) if digits else -1, _id(path))


def _read(path: Path) -> ClusterPicture:
    overlap = _mask(path, "binary_label1_")
    foreground = _mask(path, "binary_label2_") | overlap
    image = read_stored(path, "RGB")
    if image.shape[:2] != foreground.shape:
        raise PictureError(f"{path} has shape {image.shape[:2]}, its masks {foreground.shape}. Download the three files again.")
    return ClusterPicture(_id(path), image, foreground, overlap)


def _mask(path: Path, prefix: str) -> np.ndarray:
    """Bool mask beside a picture."""
    name = path.name.removeprefix("image_")
    beside = path.with_name(prefix + name)
    found = beside if beside.is_file() else next(iter(sorted(path.parent.glob(f"{prefix}{_id(path)}.*"))), beside)
    return read_mask(require_file(found, f"{path} needs it. {REMEDY}"))
