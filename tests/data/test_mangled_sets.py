"""Damaged files of every data set: read, or refused in one line that names the file; nothing else."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mangling import Damage, damages, read_or_refuse

from karyokit.chromosomes import Region
from karyokit.data import autokary, chromseg, cluster_crops, corrected_cells, gband_cells, mfish, pairs_h5, pommier, singles
from karyokit.data.gband_predicted import read_predicted
from karyokit.files import write_text
from karyokit.pictures import write_png

SHAPE = (40, 60)


@dataclass(frozen=True)
class Set:
    """How to write a small sound set into a folder, its files that come damaged, and how to read it."""

    write: Callable[[Path], object]
    files: tuple[str, ...]
    read: Callable[[Path], object]


def bar() -> Region:
    return Region(5, 8, np.ones((20, 6), bool))


def grey() -> np.ndarray:
    picture = np.full(SHAPE, 20, np.uint8)
    picture[bar().window] = 200
    return picture


def coco() -> str:
    image = {"id": 1, "file_name": "a.png", "height": SHAPE[0], "width": SHAPE[1], "stain": "fluorescence"}
    annotation = {"id": 1, "image_id": 1, "category_id": 3, "bbox": [8, 5, 6, 20], "segmentation": bar().to_rle(SHAPE)}
    return json.dumps({"images": [image], "annotations": [annotation]})


def write_gband(root: Path) -> None:
    (root / "images").mkdir()
    write_png(root / "images" / "a.png", grey())
    write_text(root / "train.json", coco())


def write_voc(root: Path) -> None:
    for name in ("annotations", "images"):
        (root / "24_chromosomes_object" / name).mkdir(parents=True)
    box = "<bndbox><xmin>8</xmin><ymin>5</ymin><xmax>14</xmax><ymax>25</ymax></bndbox>"
    write_text(root / "24_chromosomes_object" / "annotations" / "1.xml", f"<annotation><object><name>A3</name>{box}</object></annotation>")
    write_png(root / "24_chromosomes_object" / "images" / "1.png", grey())


def write_export(root: Path) -> None:
    write_text(root / "annotations.json", coco())
    write_png(root / "a.png", grey())


def write_labelme(root: Path) -> None:
    shape = {"label": "3", "points": [[8, 5], [14, 5], [14, 25], [8, 25]]}
    write_text(root / "a.json", json.dumps({"imagePath": "a.png", "imageData": None, "shapes": [shape]}))
    write_png(root / "a.png", grey())


def write_mfish(root: Path) -> None:
    for name, picture in (("dapi", grey()), ("classes", bar().to_mask(SHAPE).astype(np.uint8) * 3)):
        (root / name).mkdir()
        write_png(root / name / "V13.png", picture)
    write_text(root / "splits.json", json.dumps({"train": ["V13"]}))


def write_chromseg(root: Path) -> None:
    (root / "val").mkdir()
    mask = bar().to_mask(SHAPE)
    chromseg.write_clusters([chromseg.ClusterPicture("1", np.dstack([grey()] * 3), mask, mask & False, (bar(),))], root / "train")


def write_h5(root: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(root / "pairs.h5", "w") as file:
        file["pairs"] = np.ones((3, 8, 9, 2), np.int64)


def write_pairs(root: Path) -> None:
    stack = np.zeros((2, 5, 6), np.int16)
    few = np.zeros((2, 2), np.int64)
    pommier.save_pairs(
        root / "pairs.npz", pommier.PairSet(stack, stack.astype(np.uint8), stack.astype(np.uint8), few[:, 0], few, few, few, 2)
    )


def write_singles(root: Path) -> None:
    arrays = {"pixels": np.arange(12, dtype=np.uint8), "offset": np.array([0, 12]), "height": np.array([4]), "width": np.array([3])}
    np.savez(root / "gband_singles.npz", **arrays, label=np.array([2]), cell=np.array(["c"]), case=np.array(["k"]))


def write_folder(root: Path) -> None:
    (root / "qband" / "cell1").mkdir(parents=True)
    write_png(root / "qband" / "cell1" / "03_1.png", grey())


def read_singles(path: Path) -> list[np.ndarray]:
    found = singles.load_singles(path)
    return [found.read(index) for index in range(len(found))]


SETS = {
    "gband_cells": Set(write_gband, ("train.json", "images/a.png"), lambda root: list(gband_cells.cells(root, "train"))),
    "gband_published": Set(
        write_voc,
        ("24_chromosomes_object/annotations/1.xml", "24_chromosomes_object/images/1.png"),
        lambda root: [list(gband_cells.cells(root, split)) for split in ("train", "val", "test")],
    ),
    "gband_predicted": Set(write_export, ("annotations.json",), lambda root: read_predicted(root / "annotations.json")),
    "corrected": Set(
        write_export, ("annotations.json", "a.png"), lambda root: list(corrected_cells.corrected_cells(root, "val", divide=False))
    ),
    "autokary": Set(write_labelme, ("a.json", "a.png"), lambda root: autokary.read_labelme(root / "a.json")),
    "mfish": Set(write_mfish, ("splits.json", "dapi/V13.png", "classes/V13.png"), lambda root: list(mfish.cells(root, "train"))),
    "mfish clusters": Set(write_mfish, ("classes/V13.png",), lambda root: cluster_crops.read_clusters(root, ["train"], every=True)),
    "chromseg": Set(
        write_chromseg,
        ("train/image_1.png", "train/binary_label1_1.png", "train/instances_1.json"),
        lambda root: list(chromseg.clusters(root, "train")),
    ),
    "pairs": Set(write_h5, ("pairs.h5",), lambda root: pairs_h5.read_pairs_h5(root / "pairs.h5")),
    "pommier": Set(write_pairs, ("pairs.npz",), lambda root: pommier.load_pairs(root / "pairs.npz")),
    "singles": Set(write_singles, ("gband_singles.npz",), lambda root: read_singles(root / "gband_singles.npz")),
    "singles folder": Set(write_folder, ("qband/cell1/03_1.png",), lambda root: read_singles(root / "qband")),
}
FILES = [(name, file) for name, entry in SETS.items() for file in entry.files]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All sets, whole."""
    place = tmp_path_factory.mktemp("sets")
    for name, entry in SETS.items():
        (place / name).mkdir()
        entry.write(place / name)
    return place


@pytest.mark.parametrize("name", SETS)
def test_sound_sets_are_read(sound: Path, name: str) -> None:
    found = SETS[name].read(sound / name)
    assert found is not None
    assert found != []


@pytest.mark.parametrize(("name", "file"), FILES)
@settings(max_examples=25)
@given(damage=damages)
def test_damaged_files_are_read_or_refused(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, name: str, file: str, damage: Damage
) -> None:
    root = Path(shutil.copytree(sound / name, tmp_path_factory.mktemp("damaged") / name))
    path = root / file
    path.write_bytes(damage(path.read_bytes()))
    read_or_refuse(lambda: SETS[name].read(root), path)
