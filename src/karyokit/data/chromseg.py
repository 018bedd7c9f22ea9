"""ChromSeg-345: RGB crops of crossing chromosomes with a foreground and an overlap mask each (Cao et al., BIBM 2020).

Files (systems.md 1.6): ``image_<id>``, ``binary_label1_<id>`` = overlap, ``binary_label2_<id>`` = foreground; 230 for
training, 115 for testing. Published folders ``train`` and ``test`` are used where they are there; in one flat folder
the 345 are divided here, in the order of the SHA-256 of their ids. No validation part was published: 15 % of the
training part are held out, unless there is a folder ``val``.

The cluster sets built here have the same layout, a folder ``val``, and beside each picture ``instances_<id>.json`` with the whole
chromosomes, which ChromSeg does not publish.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from karyokit.checks import PictureError
from karyokit.chromosomes import Region
from karyokit.data.sources import damaged, read_json, read_stored, require_file, require_folder
from karyokit.data.splits import HELD_OUT_SHARES, require_split_name, split_of_group
from karyokit.files import make_folder, write_text
from karyokit.pictures import read_mask, write_png

REMEDY = "Download the 345 annotated pictures from the address in the ChromSeg paper (see `karyokit data list`) and pass their folder."
TRAIN_SHARE = 230 / 345


@dataclass(frozen=True, eq=False)
class ClusterPicture:
    """One crop of a cluster.

    ``image`` is (rows, columns, 3) uint8, dark on white; ``foreground`` and ``overlap`` are (rows, columns) bool, the
    overlap being part of the foreground. ``instances`` are the whole chromosomes, overlaps included; none where they are not known.
    """

    name: str
    image: np.ndarray
    foreground: np.ndarray
    overlap: np.ndarray
    instances: tuple[Region, ...] = ()


def clusters(root: Path, split: str) -> Iterator[ClusterPicture]:
    """Crops of ``split`` (``train`` about 195, ``val`` about 35, ``test`` 115), sorted by id, one at a time."""
    require_split_name("split", split)
    return (_read(path) for path in _pictures(require_folder(root, REMEDY), split))


def write_clusters(pictures: Iterable[ClusterPicture], folder: Path) -> int:
    """Write pictures in ChromSeg's layout into ``folder`` (made where missing) and return their number; masks hold 0 and 255."""
    make_folder(folder)
    written = 0
    for picture in pictures:
        write_png(folder / f"image_{picture.name}.png", picture.image)
        for label, mask in (("binary_label1", picture.overlap), ("binary_label2", picture.foreground)):
            write_png(folder / f"{label}_{picture.name}.png", mask.astype(np.uint8) * 255)
        if picture.instances:
            shape = picture.foreground.shape
            write_text(folder / f"instances_{picture.name}.json", json.dumps([region.to_rle(shape) for region in picture.instances]) + "\n")
        written += 1
    return written


def _pictures(root: Path, split: str) -> list[Path]:
    if (root / "val").is_dir():
        return sorted(_images(require_folder(root / split, REMEDY)), key=_order)
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
    return ClusterPicture(_id(path), image, foreground, overlap, _instances(path))


def _instances(path: Path) -> tuple[Region, ...]:
    beside = path.with_name(f"instances_{_id(path)}.json")
    if not beside.is_file():
        return ()
    kind = "a list of compressed run lengths"
    try:
        return tuple(Region.from_rle(rle) for rle in read_json(beside, kind))
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise damaged(beside, kind, error) from error


def _mask(path: Path, prefix: str) -> np.ndarray:
    """Bool mask beside a picture."""
    name = path.name.removeprefix("image_")
    beside = path.with_name(prefix + name)
    found = beside if beside.is_file() else next(iter(sorted(path.parent.glob(f"{prefix}{_id(path)}.*"))), beside)
    return read_mask(require_file(found, f"{path} needs it. {REMEDY}"))
