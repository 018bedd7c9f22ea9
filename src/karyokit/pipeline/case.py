"""The cells of one person: from the annotations of a batch to clones and a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karyokit.exchange.coco import CellRecord, read_coco
from karyokit.exchange.tables import write_table
from karyokit.files import atomic_path, make_folder, write_text
from karyokit.karyotype.case_pages import case_pages
from karyokit.karyotype.cases import Case, CellOfCase, weigh_case
from karyokit.karyotype.copies import copies_of
from karyokit.karyotype.karyogram import pages_pdf
from karyokit.pictures import read_picture
from karyokit.pipeline.karyotype_objects import class_is_certain, karyotype_objects

ANNOTATIONS = "annotations.json"
_SETTLED = ("reviewed", "signed")


@dataclass(frozen=True, eq=False)
class ReadCase:
    """A case with its name, what stands in the way of some of its cells, and its karyogram pictures by cell."""

    name: str
    case: Case
    left_out: Mapping[str, str]
    karyograms: Mapping[str, Path]


def read_case(source: str | Path) -> ReadCase:
    """The case of a folder that `karyokit karyotype` wrote, or of an annotation file, weighed.

    Cells without chromosomes or whose chromosomes were not named are left out with the reason. Chromosomes that a person has
    checked or named count as certain; cells that a person has reviewed count as they are. Raises ``FileNotFoundError`` where
    there are no annotations, ``ValueError`` for other files and where no cell can be used.
    """
    path = Path(source) / ANNOTATIONS if Path(source).is_dir() else Path(source)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there are no annotations. Run `karyokit karyotype` on the pictures of the person first.")
    records, document = read_coco(path), json.loads(path.read_text(encoding="utf-8"))
    left_out = {str(one["file_name"]): str(one["reason"]) for one in document.get("info", {}).get("failed", ())}
    left_out |= {record.name: reason for record in records if (reason := _unusable(record))}
    reviews = _reviews(document)
    usable = [record for record in records if record.name not in left_out]
    if not usable:
        raise ValueError(f"{path}: holds no cell with named chromosomes. Run `karyokit karyotype` (not `separate`) on the pictures.")
    case = weigh_case([_cell(record, *reviews[record.name]) for record in usable])
    name = path.parent.resolve().name if path.name == ANNOTATIONS else path.stem
    return ReadCase(name, case, left_out, _karyograms(path.parent, usable))


def save_case(read: ReadCase, folder: str | Path) -> None:
    """Write case.pdf, cells.csv, clones.csv and case.json, each aside and then renamed."""
    target = make_folder(folder)
    write_table(target / "cells.csv", cell_rows(read))
    columns = ("iscn", "cells", "changes", "names")
    write_table(target / "clones.csv", clone_rows(read.case), columns)
    write_text(target / "case.json", json.dumps(as_document(read), indent=1) + "\n")
    pictures = {name: read_picture(path, min_side=1).pixels for name, path in read.karyograms.items() if name in _shown(read.case)}
    pages = case_pages(read.name, read.case, read.left_out, pictures)
    with atomic_path(target / "case.pdf") as aside:
        aside.write_bytes(pages_pdf(pages, title=f"Karyotypes of {read.name}"))


def cell_rows(read: ReadCase) -> list[dict[str, object]]:
    """One row per cell: whether and to which clone it counts, its karyotype and how sure that is."""
    clone_of = {name: clone.iscn for clone in read.case.table.clones for name in clone.cells}
    return [
        {
            "cell": cell.name,
            "counted": "yes" if cell.sure else "no, low confidence",
            "objects": cell.objects,
            "chromosomes": cell.number,
            "karyotype": ",".join((cell.iscn, *cell.structural)),
            "probability": cell.probability,
            "next_karyotype": cell.next_iscn,
            "next_probability": cell.next_probability,
            "by_hand": "yes" if cell.by_hand else "no",
            "clone": clone_of.get(cell.name, ""),
            "single_changes": read.case.table.single_changes.get(cell.name, ()),
        }
        for cell in read.case.cells
    ]


def clone_rows(case: Case) -> list[dict[str, object]]:
    """One row per clone: ISCN string, number of cells, its changes and the cells' names."""
    return [{"iscn": one.iscn, "cells": len(one.cells), "changes": one.changes, "names": one.cells} for one in case.table.clones]


def as_document(read: ReadCase) -> dict[str, Any]:
    """The case as JSON: composite karyotype, modal number and karyotype, clones, cells, what was left out."""
    case = read.case
    return {
        "about": "For research use only",
        "case": read.name,
        "iscn": case.table.iscn,
        "modal_number": case.modal_number,
        "modal_karyotype": case.modal_iscn,
        "cells_counted": len(case.sure),
        "low_confidence": [cell.name for cell in case.doubtful],
        "left_out": dict(read.left_out),
        "clones": clone_rows(case),
        "cells": cell_rows(read),
    }


def _shown(case: Case) -> set[str]:
    """Cells whose karyogram is printed: the surest of each clone; the surest of all where none counts."""
    surest = {cell.name: cell.probability for cell in case.cells}
    groups = [clone.cells for clone in case.table.clones] or [tuple(surest)]
    return {max(names, key=lambda name: surest[name]) for names in groups}


def _unusable(record: CellRecord) -> str:
    """Why a cell cannot be counted, empty where it can."""
    if not record.chromosomes:
        return "no chromosomes"
    named = any(one.category or one.probabilities for one in record.chromosomes)
    return "" if named else "chromosomes were not named"


def _reviews(document: Mapping[str, Any]) -> dict[str, tuple[bool, list[Mapping[str, Any]]]]:
    """By picture name: whether a person has settled the cell, and what was decided on each chromosome."""
    names = {image["id"]: str(image["file_name"]) for image in document["images"]}
    settled = {str(image["file_name"]): image.get("review", {}).get("value") in _SETTLED for image in document["images"]}
    decisions: dict[str, list[Mapping[str, Any]]] = {name: [] for name in names.values()}
    for annotation in document["annotations"]:
        decisions[names[annotation["image_id"]]].append((annotation.get("attributes") or {}).get("review", {}))
    return {name: (settled[name], decisions[name]) for name in decisions}


def _cell(record: CellRecord, settled: bool, decisions: list[Mapping[str, Any]]) -> CellOfCase:
    """A cell as it goes into the case."""
    certain = [
        class_is_certain(one, checked=bool(said.get("checked")), by_hand=said.get("by_hand", ()))
        for one, said in zip(record.chromosomes, decisions, strict=True)
    ]
    markers = [str(decision.get("marker", "")) for decision in decisions]
    structural = tuple(sorted(marker for marker in markers if marker))
    categories = [one.category for one in record.chromosomes]
    decided = copies_of(categories) if settled and (all(categories) or structural) else None
    return CellOfCase(record.name, karyotype_objects(record.chromosomes, certain), decided, structural)


def _karyograms(folder: Path, records: list[CellRecord]) -> dict[str, Path]:
    """The karyogram picture of each cell, where it lies beside the annotations."""
    found = {record.name: folder / Path(record.name).stem / "karyogram.png" for record in records}
    return {name: path for name, path in found.items() if path.is_file()}
