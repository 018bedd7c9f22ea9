"""From COCO records of cells to states under review and back; nothing of a review is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from karyokit.exchange.coco import CellRecord, ObjectSetAside, cells_from_coco, cells_to_coco
from karyokit.review.state import AsideObject, CellState, ReviewedChromosome


def documents_by_cell(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A COCO dictionary of many cells as one dictionary a cell, by picture name; ``ValueError`` where names repeat."""
    named = {"categories": document["categories"]} if "categories" in document else {}
    found: dict[int, dict[str, Any]] = {image["id"]: {"images": [image], "annotations": [], **named} for image in document["images"]}
    for annotation in document["annotations"]:
        found[annotation["image_id"]]["annotations"].append(annotation)
    by_name = {str(one["images"][0]["file_name"]): one for one in found.values()}
    if len(by_name) < len(found):
        raise ValueError("two pictures have one file name")
    return by_name


def state_of(document: dict[str, Any]) -> CellState:
    """The state of the one cell of a COCO dictionary; chromosomes are numbered anew where numbers repeat."""
    (record,) = cells_from_coco(document)
    kept = [annotation.get("attributes") or {} for annotation in document["annotations"]]
    numbers = [one.number for one in record.chromosomes]
    if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
        numbers = list(range(1, len(numbers) + 1))
    items = {
        number: _item(one.with_changes(number=number), attributes)
        for number, one, attributes in zip(numbers, record.chromosomes, kept, strict=True)
        if one.region.area
    }
    aside = {number: AsideObject(number, one.region, one.reason) for number, one in enumerate(record.set_aside, start=1)}
    return CellState(record.name, record.shape, record.stain, items, aside, notes=record.notes, models=record.models)


def document_of(states: Iterable[CellState]) -> dict[str, Any]:
    """COCO's dictionary of reviewed cells: present chromosomes, with what people decided under ``attributes.review``.

    Deleted chromosomes are among the objects set aside, with the reason ``deleted in review``.
    """
    states = list(states)
    document = cells_to_coco(_record(state) for state in states)
    items = [item for state in states for item in state.present]
    for annotation, item in zip(document["annotations"], items, strict=True):
        annotation["attributes"]["review"] = _review(item)
    for image, state in zip(document["images"], states, strict=True):
        image["review"] = vars(state.status) | {}
    return document


def _item(chromosome: Any, attributes: dict[str, Any]) -> ReviewedChromosome:
    review = attributes.get("review", {})
    return ReviewedChromosome(
        chromosome,
        order=float(review.get("order", chromosome.number)),
        by_hand=frozenset(review.get("by_hand", ())),
        marker=str(review.get("marker", "")),
        locked=bool(review.get("locked", False)),
        checked=bool(review.get("checked", False)),
    )


def _review(item: ReviewedChromosome) -> dict[str, Any]:
    kept = {"order": item.order, "marker": item.marker, "locked": item.locked, "checked": item.checked}
    return {**kept, "by_hand": sorted(item.by_hand)}


def _record(state: CellState) -> CellRecord:
    deleted = [ObjectSetAside(item.region, "deleted in review") for _, item in sorted(state.items.items()) if item.deleted]
    aside = [ObjectSetAside(one.region, one.reason) for _, one in sorted(state.aside.items())]
    chromosomes = tuple(item.chromosome for item in state.present)
    return CellRecord(state.name, state.shape, state.stain, chromosomes, dict(state.models), (*aside, *deleted), state.notes)
