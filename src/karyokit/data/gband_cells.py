"""Whole G-banded metaphase cells with a box and a class per chromosome (Tseng et al., Sci Data 10:104, 2023).

Two layouts are read. The shared one: ``images/`` and COCO files ``train.json``, ``val.json``, ``test.json`` split by
case. The publisher's one (Cell Image Library 54816): ``24_chromosomes_object/`` and ``single_chromosomes_object/``,
each with ``JEPG/`` (spelt so) and ``annotations/`` in Pascal-VOC XML, ``train.txt`` and ``test.txt`` in places.
The set has no masks; `gband_isolated` derives those that can be had by thresholding.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.data.records import AnnotatedCell
from karyokit.data.sources import damaged, first_folder, read_json, read_plane, require_file, require_folder
from karyokit.data.splits import require_split_name, split_by_group

REMEDY = (
    "Point --data (or KARYOKIT_DATA) at the folder that holds gband_cells/, or download the set of Tseng et al., "
    "Sci Data 10:104 (2023), and pass the folder that holds 24_chromosomes_object/."
)
PUBLISHED_FOLDERS = ("24_chromosomes_object", "single_chromosomes_object")
_PICTURE_FOLDERS = ("JEPG", "JPEG", "JPEGImages", "images")
_ANNOTATION_FOLDERS = ("annotations", "anntations", "Annotations")


def case_of(file_name: str) -> str:
    """Case of a picture: its name without the last digit and without a trailing ``_1``.

    >>> case_of("1091714.jpg"), case_of("1050302_1.jpg")
    ('109171', '105030')
    """
    stem = re.sub(r"_\d+$", "", Path(file_name).stem)
    return stem[:-1] if stem[-1:].isdigit() else stem


_SHARED = "a COCO file with a box per chromosome"

HELD_BACK = "held_back"
"""A fourth split beside the usual three: the last training cells."""
HELD_BACK_FROM = 480
"""Place of the first training cell that is held back from the trainings of the shipped networks (but for the classifier's early
stages), so that what depends on their answers can be fitted on training cells."""


def cells(root: Path, split: str) -> Iterator[AnnotatedCell]:
    """Cells of ``split`` (``train``, ``val``, ``test`` or ``held_back``), one at a time, boxes and classes but no regions.

    The shared layout brings its own split by case; the publisher's layout is split here by case with seed 0, 70/15/15.
    Its ``root`` is the folder that holds ``24_chromosomes_object`` (24 classes), ``single_chromosomes_object`` (one class:
    categories 0), or one of these two itself; an object whose class is unknown gets category 0 and is named in
    ``notes["unknown_classes"]``; a picture without annotation is left out. ``notes["count_abnormality"]`` is the
    published remark on the count, or None where there is none.
    """
    if split == HELD_BACK:
        return held_back_cells(root)
    require_split_name("split", split)
    folder = require_folder(root, REMEDY)
    if any((folder / name).is_dir() for name in (*PUBLISHED_FOLDERS, *_ANNOTATION_FOLDERS)):
        return _published_split(folder, split)
    return _shared_cells(folder, require_file(folder / f"{split}.json", REMEDY))


def held_back_cells(root: Path) -> Iterator[AnnotatedCell]:
    """The training cells from ``HELD_BACK_FROM`` on; ``root`` as for ``cells``."""
    return islice(cells(root, "train"), HELD_BACK_FROM, None)


def _shared_cells(folder: Path, path: Path) -> Iterator[AnnotatedCell]:
    coco = read_json(path, _SHARED)
    try:
        found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for annotation in coco["annotations"]:
            found[annotation["image_id"]].append(annotation)
        records = [_shared_record(picture, found[picture["id"]]) for picture in coco["images"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(path, _SHARED, error) from error
    for name, record in records:
        yield replace(record, image=read_plane(require_file(folder / "images" / name, REMEDY)))


def _shared_record(picture: dict[str, Any], chromosomes: list[dict[str, Any]]) -> tuple[str, AnnotatedCell]:
    """File name and record of a cell whose picture is not yet read."""
    name = str(picture["file_name"])
    record = AnnotatedCell(
        name=Path(name).stem,
        image=np.zeros((0, 0), np.uint8),
        stain="brightfield",
        categories=tuple(int(item["category_id"]) for item in chromosomes),
        boxes=np.array([item["bbox"] for item in chromosomes], float).reshape(-1, 4),
        group=str(picture.get("case", case_of(name))),
        notes={"count_abnormality": picture.get("count_abnormality")},
    )
    return name, record


def _published_split(root: Path, split: str) -> Iterator[AnnotatedCell]:
    files = _published_annotations(root)
    assigned = split_by_group([case_of(path.name) for path, _ in files])
    return (_published_cell(path, folder) for (path, folder), name in zip(files, assigned, strict=True) if name == split)


def _published_annotations(root: Path) -> list[tuple[Path, Path]]:
    """(annotation file, folder of pictures) of the first published folder found, sorted by name."""
    base = next((root / name for name in PUBLISHED_FOLDERS if (root / name).is_dir()), root)
    annotations = first_folder(base, _ANNOTATION_FOLDERS, REMEDY)
    pictures = first_folder(base, _PICTURE_FOLDERS, REMEDY)
    return [(path, pictures) for path in sorted(annotations.glob("*.xml"))]


def _published_cell(path: Path, pictures: Path) -> AnnotatedCell:
    try:
        objects = ElementTree.parse(path).getroot().findall("object")
        names = [(item.findtext("name") or "").strip() for item in objects]
        corners = [[float(item.findtext(f"bndbox/{key}", "")) for key in ("xmin", "ymin", "xmax", "ymax")] for item in objects]
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(problem("annotation", "be Pascal-VOC XML with four numbers per box", path, "Download it again.")) from error
    boxes = np.array(corners, float).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    categories = tuple(category_of(name) for name in names)
    return AnnotatedCell(
        name=path.stem,
        image=read_plane(_picture_of(path, pictures)),
        stain="brightfield",
        categories=categories,
        boxes=boxes,
        group=case_of(path.name),
        notes={
            "count_abnormality": None,
            "unknown_classes": tuple(name for name, category in zip(names, categories, strict=True) if not category),
        },
    )


def _picture_of(annotation: Path, pictures: Path) -> Path:
    for suffix in (".jpg", ".JPG", ".jpeg", ".png"):
        if (pictures / (annotation.stem + suffix)).is_file():
            return pictures / (annotation.stem + suffix)
    return require_file(pictures / f"{annotation.stem}.jpg", f"{annotation} describes it. {REMEDY}")


def category_of(name: str) -> int:
    """Category 1..24 of a published class name with or without its group letter, 0 where it names no class.

    >>> category_of("A1"), category_of("G22"), category_of("X"), category_of("7"), category_of("chromosome")
    (1, 22, 23, 7, 0)
    """
    bare = re.sub(r"^[A-G](?=\d)", "", name.strip().upper())
    return CLASS_NAMES.index(bare) + 1 if bare in CLASS_NAMES else 0
