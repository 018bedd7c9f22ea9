"""A cell as a list of labelled objects: what every format other than COCO holds, chromosomes first, then what was set aside.

Pixels and label are in the format's own fields, where other programs show and edit them; the rest travels beside each object
as ``fields``. On reading, pixels and label win: a class that somebody corrected elsewhere is taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.exchange.class_labels import UNCLASSIFIED, category_of, unknown_labels_note
from karyokit.exchange.coco import CellRecord, ObjectSetAside
from karyokit.exchange.fields import CellFields, cell_fields, chromosome_fields, chromosome_from
from karyokit.exchange.reading import require_size

SET_ASIDE = "set aside"
"""How the labels of objects begin that were not taken for chromosomes."""


@dataclass(frozen=True, eq=False)
class LabelledObject:
    """One object of a file: its label as other programs show it, its pixels, its number where it has one, and our fields."""

    label: str
    region: Region
    number: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def objects_of(cell: Cell | CellRecord) -> list[LabelledObject]:
    """The cell's chromosomes and then its objects set aside, in their order."""
    chromosomes = [
        LabelledObject(one.class_name if one.category else UNCLASSIFIED, one.region, int(one.number), chromosome_fields(one))
        for one in cell.chromosomes
    ]
    return chromosomes + [
        LabelledObject(f"{SET_ASIDE} {one.reason}", one.region, None, {"set_aside": one.reason}) for one in getattr(cell, "set_aside", ())
    ]


def record_of(fields: Mapping[str, Any], objects: Iterable[LabelledObject]) -> CellRecord:
    """The cell of ``cell_fields`` and its objects; objects without our fields take the defaults of ``Chromosome``.

    Labels that name no class give unclassified chromosomes and a note. Numbers that come twice are replaced by free ones.
    Raises ``ValueError`` for fields of the wrong kind.
    """
    known = CellFields.model_validate(dict(fields))
    listed = list(objects)
    require_size(known.height, known.width, planes=len(listed))
    aside = [_set_aside(one) for one in listed]
    chromosomes = [_chromosome(one) for one, reason in zip(listed, aside, strict=True) if reason is None]
    unknown = [one.label for one, reason in zip(listed, aside, strict=True) if reason is None and category_of(one.label) is None]
    return CellRecord(
        known.file_name,
        (known.height, known.width),
        known.stain,
        tuple(_numbered(chromosomes)),
        known.models,
        tuple(ObjectSetAside(one.region, reason) for one, reason in zip(listed, aside, strict=True) if reason is not None),
        (*known.notes, *unknown_labels_note(unknown)),
    )


def fields_for(name: str, shape: tuple[int, int]) -> dict[str, Any]:
    """Cell fields of a file that holds none: the name and the size of its picture."""
    return cell_fields(CellRecord(name, shape, ""))


def _set_aside(one: LabelledObject) -> str | None:
    """Why an object was set aside; None for a chromosome, also for one that was given a class since."""
    if "set_aside" in one.fields and category_of(one.label) is None:
        return str(one.fields["set_aside"])
    return one.label[len(SET_ASIDE) :].strip() if not one.fields and one.label.startswith(SET_ASIDE) else None


def _chromosome(one: LabelledObject) -> Chromosome:
    fields = {**one.fields, "category_id": category_of(one.label) or 0}
    return chromosome_from(fields, one.region, number=one.number or 0)


def _numbered(chromosomes: Sequence[Chromosome]) -> list[Chromosome]:
    taken: set[int] = set()
    free = max((one.number for one in chromosomes), default=0)
    numbered = []
    for one in chromosomes:
        number = one.number
        if number < 1 or number in taken:
            free = number = max(free, 0) + 1
        taken.add(number)
        numbered.append(one if number == one.number else one.with_changes(number=number))
    return numbered
