"""COCO annotations of cells: the native, complete format, in which masks of different chromosomes may overlap.

Layout: ``images``, ``annotations`` (compressed run lengths), ``categories`` and ``info.failed``, all keys sorted, no times,
so that the same cells give the same bytes. What COCO has no field for is kept under ``attributes``. Objects that were found but
not taken for chromosomes are kept with their image under ``set_aside`` (``segmentation``, ``bbox``, ``area``, ``reason``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES, Cell, Chromosome, Contact, Region, Separation, stack_masks
from karyokit.files import write_text

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
    write_text(path, _document([_line(item) for item in document["images"]], [_line(item) for item in document["annotations"]], []))


def read_coco(path: str | Path) -> list[CellRecord]:
    """Cells of a COCO file with compressed run lengths; what KaryoKit wrote comes back without loss.

    Boxes of regions are tight after reading. Missing ``attributes`` take the defaults of ``Chromosome``. Raises
    ``FileNotFoundError``, or ``ValueError`` where the file is no such COCO file.
    """
    document = _load(Path(path))
    try:
        found: dict[int, list[Chromosome]] = {image["id"]: [] for image in document["images"]}
        for annotation in document["annotations"]:
            found[annotation["image_id"]].append(_chromosome_of(annotation, len(found[annotation["image_id"]]) + 1))
        return [_record_of(image, found[image["id"]]) for image in document["images"]]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        must = "be a COCO file with compressed run lengths (`counts` a string)"
        got = f"{path} without {error}" if isinstance(error, KeyError) else f"{path} ({error})"
        raise ValueError(problem("path", must, got, "Give an annotations.json that KaryoKit wrote.")) from error


class CocoBatch:
    """Annotations of a batch, kept on disk while it runs.

    Use as a context manager: ``add`` each finished cell, ``fail`` each picture that could not be done. The file is rewritten
    (aside, then renamed) after every cell, in long batches after every hundredth part of what is there, and always on leaving,
    an error or interrupt included; a file of an earlier batch stays until then. ``resume=True`` goes on with the file that is
    there; ``finished`` names its pictures.
    """

    def __init__(self, path: str | Path, *, resume: bool = False) -> None:
        self.path = Path(path)
        self._images: list[str] = []
        self._annotations: list[str] = []
        self._names: dict[str, None] = {}
        self._failed: dict[str, str] = {}
        self._pending = 0
        if resume and self.path.exists():
            self._take(_load(self.path))

    @property
    def finished(self) -> tuple[str, ...]:
        """Names of the cells added so far, in their order."""
        return tuple(self._names)

    @property
    def failed(self) -> dict[str, str]:
        """Reason of failure by picture name."""
        return dict(self._failed)

    def add(self, cell: Cell | CellRecord) -> None:
        """Append a finished cell; raises ``ValueError`` for a name that is in the batch already."""
        if cell.name in self._names:
            raise ValueError(problem("cell", "have a name of its own in the batch", repr(cell.name), "Rename one of the pictures."))
        number, first = len(self._images) + 1, len(self._annotations) + 1
        lines = [_line(_annotation_of(item, cell, number, first + i)) for i, item in enumerate(cell.chromosomes)]
        self._images.append(_line(_image_of(cell, number)))
        self._annotations.extend(lines)
        self._names[cell.name] = None
        self._failed.pop(cell.name, None)
        self._changed()

    def fail(self, name: str, reason: str) -> None:
        """Note that the picture ``name`` could not be done; it appears under ``info.failed`` only."""
        self._failed[name] = reason
        self._changed()

    def write(self) -> None:
        """Write the file as it stands."""
        failed = [{"file_name": name, "reason": reason} for name, reason in self._failed.items()]
        write_text(self.path, _document(self._images, self._annotations, failed))
        self._pending = 0

    def __enter__(self) -> Self:
        if not self.path.exists():
            self.write()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pending:
            self.write()

    def _changed(self) -> None:
        self._pending += 1
        if self._pending > len(self._images) // 100:
            self.write()

    def _take(self, document: dict[str, Any]) -> None:
        self._images = [_line(image) for image in document["images"]]
        self._annotations = [_line(annotation) for annotation in document["annotations"]]
        self._names = dict.fromkeys(str(image["file_name"]) for image in document["images"])
        self._failed = {item["file_name"]: item["reason"] for item in document.get("info", {}).get("failed", [])}


def _image_of(cell: Cell | CellRecord, number: int) -> dict[str, Any]:
    rows, columns = cell.shape
    return {
        "id": number,
        "file_name": cell.name,
        "width": columns,
        "height": rows,
        "stain": cell.stain,
        "models": dict(cell.models),
        "set_aside": [{**_mask_of(one.region, cell.shape), "reason": one.reason} for one in getattr(cell, "set_aside", ())],
        "notes": [*getattr(cell, "notes", ()), *getattr(cell, "doubts", ())],
    }


def _mask_of(region: Region, shape: tuple[int, int]) -> dict[str, Any]:
    return {"segmentation": region.to_rle(shape), "bbox": [int(side) for side in region.bbox], "area": region.area}


def _annotation_of(item: Chromosome, cell: Cell | CellRecord, image_id: int, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image_id,
        "category_id": int(item.category),
        **_mask_of(item.region, cell.shape),
        "iscrowd": 0,
        "score": float(item.score),
        "attributes": _attributes_of(item),
    }


def _attributes_of(item: Chromosome) -> dict[str, Any]:
    contacts = item.separation.contacts
    return {
        "number": int(item.number),
        "zones": [{"zone": int(meet.zone), "with": [int(other) for other in meet.others], "kind": meet.kind} for meet in contacts],
        "method": item.separation.method,
        "parts": int(item.separation.parts),
        "margin": float(item.separation.margin),
        "class_probabilities": [float(value) for value in item.probabilities],
        "polarity": item.polarity,
        "polarity_probability": float(item.polarity_probability),
        "angle": float(item.angle),
    }


def _chromosome_of(annotation: dict[str, Any], number: int) -> Chromosome:
    kept = annotation.get("attributes", {})
    contacts = tuple(Contact(zone["zone"], tuple(zone["with"]), zone["kind"]) for zone in kept.get("zones", ()))
    return Chromosome(
        number=kept.get("number", number),
        region=Region.from_rle(annotation["segmentation"]),
        score=annotation.get("score", 1.0),
        category=annotation["category_id"],
        probabilities=tuple(kept.get("class_probabilities", ())),
        polarity=kept.get("polarity", "unknown"),
        polarity_probability=kept.get("polarity_probability", 0.5),
        angle=kept.get("angle", 0.0),
        separation=Separation(kept.get("method", "isolated"), kept.get("parts", 1), kept.get("margin", 1.0), contacts),
    )


def _record_of(image: dict[str, Any], chromosomes: list[Chromosome]) -> CellRecord:
    shape = int(image["height"]), int(image["width"])
    set_aside = tuple(ObjectSetAside(Region.from_rle(one["segmentation"]), one["reason"]) for one in image.get("set_aside", ()))
    stain, models, notes = image.get("stain", ""), dict(image.get("models", {})), tuple(image.get("notes", ()))
    return CellRecord(image["file_name"], shape, stain, tuple(chromosomes), models, set_aside, notes)


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such annotation file. Check the name and the folder.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: is not a JSON file ({error}). Give an annotations.json that KaryoKit wrote.") from error
    if not isinstance(document, dict) or not {"images", "annotations"} <= document.keys():
        raise ValueError(f"{path}: is not a COCO file (`images` and `annotations` are missing). Give one that KaryoKit wrote.")
    return document


def _info(failed: list[dict[str, str]]) -> dict[str, Any]:
    return {"description": "Chromosomes separated by KaryoKit; for research use only", "failed": failed}


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, allow_nan=False, ensure_ascii=False)


def _document(images: Sequence[str], annotations: Sequence[str], failed: list[dict[str, str]]) -> str:
    """The file's text: one record a line, sections in the order of their names."""
    categories = [_line(category) for category in CATEGORIES]
    sections = {"annotations": annotations, "categories": categories, "images": images}
    body = [f'"{name}": [\n' + ",\n".join(lines) + "\n]" for name, lines in sections.items()]
    return "{" + ",\n".join([*body, f'"info": {_line(_info(failed))}']) + "}\n"
