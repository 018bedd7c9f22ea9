"""COCO annotations of cells: the native, complete format, in which masks of different chromosomes may overlap.

Layout: ``images``, ``annotations`` (compressed run lengths), ``categories`` and ``info.failed``, all keys sorted, no times,
so that the same cells give the same bytes. What COCO has no field for is kept under ``attributes``. Objects that were found but
not taken for chromosomes are kept with their image under ``set_aside`` (``segmentation``, ``bbox``, ``area``, ``reason``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES, Cell, Chromosome, Region, stack_masks
from karyokit.exchange.class_labels import category_of, unknown_labels_note
from karyokit.exchange.fields import CellFields, cell_fields, chromosome_fields, chromosome_from
from karyokit.exchange.reading import UnreadableFile, load_json, reason_of, require_size
from karyokit.exchange.segmentations import region_of
from karyokit.files import atomic_path

CATEGORIES: tuple[dict[str, Any], ...] = tuple(
    {"id": number, "name": name, "supercategory": "chromosome"} for number, name in enumerate(("not classified", *CLASS_NAMES))
)
"""COCO's categories: 0 = not classified, 1..22, 23 = X, 24 = Y."""


@dataclass(frozen=True, eq=False)
class ObjectSetAside:
    """An object that was found but not taken for a chromosome, and why."""

    region: Region
    reason: str


@dataclass(frozen=True, eq=False)
class CellRecord:
    """A cell as an annotation file holds it: everything of ``Cell`` except the pixels, and what was set aside.

    ``shape`` is (rows, columns); ``notes`` says what was done to the picture and found doubtful.
    """

    name: str
    shape: tuple[int, int]
    stain: str
    chromosomes: tuple[Chromosome, ...] = ()
    models: dict[str, str] = field(default_factory=dict)
    set_aside: tuple[ObjectSetAside, ...] = ()
    notes: tuple[str, ...] = ()

    def masks(self) -> np.ndarray:
        """(n, rows, columns) bool; masks may overlap."""
        return stack_masks((chromosome.region for chromosome in self.chromosomes), self.shape)

    def with_image(self, image: np.ndarray) -> Cell:
        """The cell with its (rows, columns) picture; raises ``ValueError`` where the picture has another size."""
        if image.shape != self.shape:
            raise ValueError(problem("image", f"have shape {self.shape}", image.shape, f"Pass the picture {self.name} was made from."))
        return Cell(self.name, image, self.stain, self.chromosomes, dict(self.models))


def cells_to_coco(cells: Iterable[Cell | CellRecord]) -> dict[str, Any]:
    """COCO's dictionary of the cells, numbered from 1 in their order; no cells give empty lists.

    ``set_aside`` (each with ``region`` and ``reason``) and ``notes`` are kept of cells that have them.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for cell in cells:
        images.append(_image_of(cell, len(images) + 1))
        first = len(annotations) + 1
        annotations.extend(_annotation_of(item, cell, len(images), first + i) for i, item in enumerate(cell.chromosomes))
    return {"info": _info([]), "images": images, "annotations": annotations, "categories": list(CATEGORIES)}


def write_coco(path: str | Path, cells: Iterable[Cell | CellRecord]) -> None:
    """Write the cells as one COCO file, aside and then renamed; ``files.OutputError`` where that fails."""
    document = cells_to_coco(cells)
    join_coco(path, lambda: (document,))


def read_coco(path: str | Path) -> list[CellRecord]:
    """Cells of a COCO file with masks (run lengths or polygons); what KaryoKit wrote comes back without loss.

    Boxes of regions are tight after reading. Classes of other programs are taken by the names of their categories; names that
    are none are said in the cell's notes. Missing ``attributes`` take the defaults of ``Chromosome``. Raises
    ``FileNotFoundError``, or ``ValueError`` where the file is no such COCO file.
    """
    return cells_from_coco(_load(Path(path)), source=str(path))


def cells_from_coco(document: dict[str, Any], *, source: str = "the document") -> list[CellRecord]:
    """Cells of COCO's dictionary, as ``read_coco`` gives them of a file; ``source`` names it in the ``ValueError`` for what is none."""
    try:
        found: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in document["images"]}
        for annotation in document["annotations"]:
            found[annotation["image_id"]].append(annotation)
        classes = {category["id"]: str(category["name"]) for category in document.get("categories", ())}
        return [_record_of(image, found[image["id"]], classes) for image in document["images"]]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        do = "Give a COCO file with masks: run lengths or polygons."
        raise UnreadableFile(problem("path", "be a COCO file with masks", f"{source} ({reason_of(error)})", do)) from error


def join_coco(path: str | Path, documents: Callable[[], Iterable[dict[str, Any]]], *, failed: Mapping[str, str] | None = None) -> None:
    """Write many documents of ``cells_to_coco`` as one file, numbered anew in their order, with one of them in memory at a time.

    ``documents`` is called twice, since annotations come before images, and must give the same both times. ``failed`` holds
    the reason by picture name; it appears under ``info.failed``. Written aside and renamed; ``files.OutputError`` where that fails.
    """
    info = _info([{"file_name": name, "reason": reason} for name, reason in (failed or {}).items()])
    sections = {"annotations": _annotation_lines(documents()), "categories": map(_line, CATEGORIES), "images": _image_lines(documents())}
    with atomic_path(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as stream:
        for before, (name, lines) in zip(("{", ",\n", ",\n"), sections.items(), strict=True):
            stream.write(f'{before}"{name}": [\n')
            for place, line in enumerate(lines):
                stream.write(f",\n{line}" if place else line)
            stream.write("\n]")
        stream.write(f',\n"info": {_line(info)}}}\n')


def _annotation_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    number, images = 0, 0
    for document in documents:
        for annotation in document["annotations"]:
            number += 1
            yield _line({**annotation, "id": number, "image_id": images + annotation["image_id"]})
        images += len(document["images"])


def _image_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    every = (image for document in documents for image in document["images"])
    return (_line({**image, "id": number}) for number, image in enumerate(every, start=1))


def _image_of(cell: Cell | CellRecord, number: int) -> dict[str, Any]:
    return {
        "id": number,
        **cell_fields(cell),
        "set_aside": [{**_mask_of(one.region, cell.shape), "reason": one.reason} for one in getattr(cell, "set_aside", ())],
    }


def _mask_of(region: Region, shape: tuple[int, int]) -> dict[str, Any]:
    return {"segmentation": region.to_rle(shape), "bbox": [int(side) for side in region.bbox], "area": region.area}


def _annotation_of(item: Chromosome, cell: Cell | CellRecord, image_id: int, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image_id,
        **_mask_of(item.region, cell.shape),
        "iscrowd": 0,
        **chromosome_fields(item),
    }


def _record_of(image: dict[str, Any], annotations: list[dict[str, Any]], classes: dict[int, str]) -> CellRecord:
    """One cell; classes are known by the names of the file's own categories, by COCO number where it has none."""
    fields = CellFields.model_validate(image)
    shape = fields.height, fields.width
    require_size(*shape, planes=len(annotations))
    labels = {number: category_of(name) for number, name in classes.items()}
    chromosomes: list[Chromosome] = []
    for annotation in annotations:
        category = labels[annotation["category_id"]] if classes else annotation["category_id"]
        region = region_of(annotation["segmentation"], shape)
        chromosomes.append(chromosome_from({**annotation, "category_id": category or 0}, region, number=len(chromosomes) + 1))
    unknown = [classes[one["category_id"]] for one in annotations if labels.get(one["category_id"], 0) is None]
    set_aside = tuple(ObjectSetAside(region_of(one["segmentation"], shape), str(one["reason"])) for one in image.get("set_aside", ()))
    notes = (*fields.notes, *unknown_labels_note(unknown))
    return CellRecord(fields.file_name, shape, fields.stain, tuple(chromosomes), fields.models, set_aside, notes)


def _load(path: Path) -> dict[str, Any]:
    document = load_json(path)
    if not {"images", "annotations"} <= document.keys():
        raise UnreadableFile(f"{path}: is not a COCO file (`images` and `annotations` are missing). Give one that KaryoKit wrote.")
    return document


def _info(failed: list[dict[str, str]]) -> dict[str, Any]:
    return {"description": "Chromosomes separated by KaryoKit; for research use only", "failed": failed}


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, allow_nan=False, ensure_ascii=False)
