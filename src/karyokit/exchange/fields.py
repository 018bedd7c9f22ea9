"""Everything of a chromosome and of a cell but the pixels, as plain JSON: one spelling for every file format.

COCO keeps these fields in its annotations and images; formats without a place for them carry them beside each object.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from karyokit.chromosomes import Alternative, Cell, Chromosome, Contact, ContactKind, Polarity, Region, Separation

SECOND_BEST = "second-best reconstruction"


class _Zone(BaseModel):
    zone: int
    others: tuple[int, ...] = Field(alias="with")
    kind: ContactKind


class _Alternative(BaseModel):
    """``replaces`` nothing stands for the chromosome itself alone."""

    title: str = SECOND_BEST
    margin: float = 0.0
    replaces: tuple[int, ...] = ()
    segmentations: tuple[dict[str, Any], ...]


class _Attributes(BaseModel):
    """Missing ones take the defaults of ``Chromosome``; attributes of other programs are left out."""

    model_config = ConfigDict(allow_inf_nan=False)
    number: int | None = None
    zones: tuple[_Zone, ...] = ()
    method: str = "isolated"
    parts: int = 1
    margin: float = 1.0
    class_probabilities: tuple[float, ...] = ()
    polarity: Polarity = "unknown"
    polarity_probability: float = 0.5
    angle: float = 0.0
    doubts: tuple[str, ...] = ()
    alternatives: tuple[_Alternative, ...] = ()
    separation_score: float | None = None


class ChromosomeFields(BaseModel):
    """A chromosome's stored fields, checked."""

    model_config = ConfigDict(allow_inf_nan=False)
    category_id: int = Field(0, ge=0, le=24)
    score: float = 1.0
    attributes: _Attributes = _Attributes()


class CellFields(BaseModel):
    """A cell's stored fields, checked; ``height`` and ``width`` in pixels."""

    file_name: str
    height: int
    width: int
    stain: str = ""
    models: dict[str, str] = {}
    notes: tuple[str, ...] = ()


def chromosome_fields(item: Chromosome) -> dict[str, Any]:
    """Class, score and what COCO has no field for, without number types of numpy."""
    contacts = item.separation.contacts
    attributes = {
        "number": int(item.number),
        "zones": [{"zone": int(meet.zone), "with": [int(other) for other in meet.others], "kind": meet.kind} for meet in contacts],
        "method": item.separation.method,
        "parts": int(item.separation.parts),
        "margin": float(item.separation.margin),
        "class_probabilities": [float(value) for value in item.probabilities],
        "polarity": item.polarity,
        "polarity_probability": float(item.polarity_probability),
        "angle": float(item.angle),
        "doubts": list(item.doubts),
    }
    if item.separation.alternative:
        attributes["alternatives"] = [_alternative_fields(item.separation.alternative)]
    if item.separation.score is not None:
        attributes["separation_score"] = float(item.separation.score)
    return {"category_id": int(item.category), "score": float(item.score), "attributes": attributes}


def chromosome_from(fields: dict[str, Any], region: Region, *, number: int) -> Chromosome:
    """The chromosome of ``chromosome_fields`` and its pixels; ``number`` holds where the fields have none.

    Raises ``pydantic.ValidationError`` for fields of the wrong kind.
    """
    known = ChromosomeFields.model_validate(fields)
    kept = known.attributes
    contacts = tuple(Contact(zone.zone, zone.others, zone.kind) for zone in kept.zones)
    return Chromosome(
        number=number if kept.number is None else kept.number,
        region=region,
        score=known.score,
        category=known.category_id,
        probabilities=kept.class_probabilities,
        polarity=kept.polarity,
        polarity_probability=kept.polarity_probability,
        angle=kept.angle,
        separation=Separation(kept.method, kept.parts, kept.margin, contacts, _alternative_from(kept, number), kept.separation_score),
        doubts=kept.doubts,
    )


def _alternative_fields(alternative: Alternative) -> dict[str, Any]:
    """Run lengths over the least canvas from the picture's corner that holds each region."""
    regions = alternative.regions
    rles = [one.to_rle((one.row + one.crop.shape[0], one.column + one.crop.shape[1])) for one in regions]
    numbers = [int(number) for number in alternative.replaces]
    return {"title": SECOND_BEST, "margin": float(alternative.margin), "replaces": numbers, "segmentations": rles}


def _alternative_from(kept: _Attributes, number: int) -> Alternative | None:
    if not kept.alternatives:
        return None
    first = kept.alternatives[0]
    return Alternative(first.replaces or (kept.number or number,), tuple(Region.from_rle(rle) for rle in first.segmentations), first.margin)


def cell_fields(cell: Cell | Any) -> dict[str, Any]:
    """Name, size, stain, models and notes of a ``Cell`` or ``CellRecord``; doubts, where it has any, go with the notes."""
    rows, columns = cell.shape
    return {
        "file_name": cell.name,
        "width": columns,
        "height": rows,
        "stain": cell.stain,
        "models": dict(cell.models),
        "notes": [*getattr(cell, "notes", ()), *getattr(cell, "doubts", ())],
    }
