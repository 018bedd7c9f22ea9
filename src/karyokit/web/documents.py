"""What the page is told, as plain data: a case, a cell, its chromosomes, its karyogram and its history.

Points are [row, column] with the origin at the top left corner of the top left pixel. docs/review.md describes every field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from karyokit.chromosomes import CLASS_NAMES, Alternative, Region
from karyokit.exchange.fields import SECOND_BEST
from karyokit.karyotype.clones import change_words
from karyokit.karyotype.iscn import numerical_iscn, sex_complement
from karyokit.regions import contacts_of
from karyokit.review.case import Case
from karyokit.review.commands import title_of
from karyokit.review.contacts import crossing_regions
from karyokit.review.crossings import Crossing, Pairing
from karyokit.review.doubts import doubtful_first, doubts_of
from karyokit.review.evidence import CellEvidence, Evidences
from karyokit.review.history import Entry, History
from karyokit.review.karyograms import place_karyogram, slots_of
from karyokit.review.picture_files import CellPicture, PictureMissing
from karyokit.review.state import CellState, ReviewedChromosome, touched
from karyokit.review.views import ChromosomeView, Views

Document = dict[str, Any]
RESEARCH_ONLY = "For research use only"
_MOST_KARYOTYPES, _LEAST_PROBABILITY = 5, 0.005


def case_document(case: Case, version: str) -> Document:
    """The case and a summary of each cell."""
    cells = [summary(case, number) for number in case.cells]
    about = {"name": case.folder.resolve().name, "version": version, "research_only": RESEARCH_ONLY, "classes": list(CLASS_NAMES)}
    return {**about, "cells": cells}


def summary(case: Case, number: int) -> Document:
    """A line of the list of cells."""
    history = case.history(number)
    state = history.state
    sure = [item.chromosome.class_probability for item in state.present if item.chromosome.category and item.chromosome.probabilities]
    return {
        "id": number,
        "name": state.name,
        "status": state.status.value,
        "status_by": state.status.who,
        "count": len(state.present),
        "doubtful": len(doubtful_first(state)),
        "confidence": round(sum(sure) / len(sure), 3) if sure else None,
        "iscn": _iscn(state),
        "stain": state.stain,
        "rows": state.shape[0],
        "columns": state.shape[1],
        "revision": history.revision,
        "picture": case.picture_problem(number),
    }


def cell_document(case: Case, number: int, views: Views) -> Document:
    """Everything about a cell that the page shows."""
    history = case.history(number)
    state = history.state
    picture, missing = _picture(case, number)
    contacts = contacts_of([item.region for item in state.present])
    met = {item.number: contacts[i] for i, item in enumerate(state.present)}
    numbers, crossing = [item.number for item in state.present], crossing_regions(state)
    return {
        "id": number,
        "name": state.name,
        "revision": history.revision,
        "stain": state.stain,
        "rows": state.shape[0],
        "columns": state.shape[1],
        "picture": missing,
        "status": {"value": state.status.value, "who": state.status.who, "when": state.status.when},
        "undo": _step(history.to_undo),
        "redo": _step(history.to_redo),
        "count": len(state.present),
        "iscn": _iscn(state),
        "sex": sex_complement(item.chromosome.category for item in state.present),
        "notes": list(state.notes),
        "doubtful": doubtful_first(state),
        "chromosomes": [
            _chromosome(item, views, _view(item, views, picture, crossing), base=f"/api/cells/{number}")
            | {"contacts": [{"others": [numbers[other]], "kind": kind} for other, kind in met[item.number]]}
            for item in state.present
        ],
        "deleted": [_chromosome(item, views, None, base="") | {"contacts": []} for _, item in sorted(state.items.items()) if item.deleted],
        "set_aside": [
            {
                "id": one.number,
                "reason": one.reason,
                "area": one.region.area,
                "bbox": _box(one.region),
                "outlines": views.outlines(one.region),
            }
            for _, one in sorted(state.aside.items())
        ],
        "karyogram": karyogram_document(state, picture, views) if picture else None,
    }


def evidence_document(history: History, evidences: Evidences) -> Document:
    """What the chromosomes say about the karyotype: the likeliest ones, and what other than now they take chromosomes for."""
    found = evidences.of(history.state)
    return {"revision": history.revision, "evidence": None if found is None else _evidence(found)}


def _evidence(found: CellEvidence) -> Document:
    likely = [one for one in found.karyotypes.alternatives[:_MOST_KARYOTYPES] if one.probability >= _LEAST_PROBABILITY]
    return {
        "sure": found.karyotypes.sure,
        "karyotypes": [
            {"iscn": one.iscn, "probability": round(one.probability, 3), "changes": list(change_words(one.copies))} for one in likely
        ],
        "opinions": [
            {"chromosome": one.number, "words": one.words, "category": one.category, "probability": round(one.probability, 3)}
            for one in found.opinions
        ],
    }


def karyogram_document(state: CellState, picture: CellPicture, views: Views) -> Document:
    """Where everything lies in the karyogram, in page units."""
    placed = place_karyogram(state, picture, views)
    layout = placed.layout
    places = [{"chromosome": placed.items[one.index].number, **_rounded(asdict(one), leave="index")} for one in layout.places]
    classes = [{"category": number, **_rounded(asdict(span))} for number, span in enumerate(layout.classes, start=1)]
    slots = [
        {"category": category, **_rounded(dict(zip(("left", "right", "top", "bottom"), box, strict=True))), "chromosomes": list(members)}
        for category, box, members in slots_of(placed)
    ]
    return {
        "width": placed.width,
        "height": round(max(placed.height, slots[-1]["bottom"]), 1),
        "scale": layout.scale,
        "places": places,
        "classes": classes,
        "groups": [_rounded(asdict(span)) for span in layout.groups],
        "slots": slots,
        "unplaced": _rounded(asdict(layout.unplaced), leave="label") if layout.unplaced else None,
    }


def history_document(history: History) -> Document:
    """Every entry of the log, oldest first."""
    undone = history.undone
    return {"commands": [_entry(entry) | {"state": "undone" if entry.id in undone else "done"} for entry in history.entries]}


def preview_document(before: CellState, after: CellState, views: Views) -> Document:
    """The chromosomes that a command would change or make, and the numbers that would be gone."""
    numbers = sorted(number for kind, number in touched(before, after) if kind == "chromosome")
    changed = [after.items[number] for number in numbers if number in after.items]
    return {
        "chromosomes": [
            {
                "id": item.number if item.number in before.items else None,
                "outlines": views.outlines(item.region),
                "area": item.region.area,
            }
            for item in changed
        ],
        "removed": [number for number in numbers if number not in after.items],
    }


def pairings_document(crossing: Crossing, found: Sequence[Pairing], views: Views) -> Document:
    """Ways to take a crossing apart."""
    return {
        "pairings": [
            {"groups": [list(group) for group in one.groups], "outlines": [views.outlines(region) for region in one.regions]}
            for one in found
        ],
        "arms": [{"number": number, "outlines": views.outlines(arm)} for number, arm in enumerate(crossing.arms, start=1)],
        "zone": views.outlines(crossing.zone),
    }


def _view(
    item: ReviewedChromosome, views: Views, picture: CellPicture | None, crossing: dict[int, tuple[Region, ...]]
) -> ChromosomeView | None:
    return views.of(item.chromosome, picture, crossing.get(item.number, ())) if picture else None


def _chromosome(item: ReviewedChromosome, views: Views, view: ChromosomeView | None, *, base: str) -> Document:
    one = item.chromosome
    return {
        "id": item.number,
        "version": view.version if view else "",
        "outlines": views.outlines(one.region),
        "bbox": _box(one.region),
        "area": one.region.area,
        "category": one.category,
        "class": one.class_name,
        "class_probability": _probability(one.class_probability),
        "class_by": "human" if "class" in item.by_hand else "model",
        "likely": _likely(one.probabilities),
        "score": round(one.score, 3),
        "margin": round(one.separation.margin, 3),
        "method": one.separation.method,
        "polarity": one.polarity,
        "angle": round(one.angle, 2),
        "marker": item.marker,
        "locked": item.locked,
        "checked": item.checked,
        "doubts": list(doubts_of(item)),
        "alternatives": [_alternative(index, found, views) for index, found in enumerate(item.alternatives)],
        **_seen(view, f"{base}/chromosomes/{item.number}", one.region),
    }


def _seen(view: ChromosomeView | None, base: str, region: Region) -> Document:
    """What is known only with the picture at hand."""
    if view is None:
        middle = [round(region.row + region.crop.shape[0] / 2, 1), round(region.column + region.crop.shape[1] / 2, 1)]
        return {"centre": middle, "measurements": None, "upright": None, "straight": None}
    version = view.version
    rows, columns = view.upright.shape
    axis = view.straightened.axis
    found = view.measurements
    names = ("length_px", "width_px", "area_px", "centromeric_index", "arm_ratio", "centromere_share", "mean_density")
    return {
        "centre": [round(float(part) + 0.5, 1) for part in axis[len(axis) // 2]],
        "measurements": {name: round(float(getattr(found, name)), 3) for name in names},
        "upright": {
            "url": f"{base}/upright.png?v={version}",
            "rows": rows,
            "columns": columns,
            "centromere_row": round(view.centromere_row, 1),
        },
        "straight": {"url": f"{base}/straight.png?v={version}"},
    }


def _alternative(index: int, found: Alternative, views: Views) -> Document:
    kept = {"index": index, "title": SECOND_BEST, "margin": round(found.margin, 3), "chromosomes": list(found.replaces)}
    return {**kept, "outlines": [views.outlines(region) for region in found.regions]}


def _likely(probabilities: Sequence[float]) -> list[Document]:
    """The three likeliest classes."""
    order = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])[:3]
    return [{"category": i + 1, "class": CLASS_NAMES[i], "probability": round(probabilities[i], 3)} for i in order]


def _entry(entry: Entry) -> Document:
    command = entry.command
    arguments = command.arguments.model_dump(mode="json") if command else {}
    title = title_of(entry.kind, command.arguments) if command else entry.kind
    models = [{"name": name, "sha256": digest} for name, digest in entry.models]
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": title,
        "who": entry.who,
        "when": entry.when,
        "arguments": arguments,
        "models": models,
    }


def _step(entry: Entry | None) -> Document | None:
    if entry is None or entry.command is None:
        return None
    return {"id": entry.id, "kind": entry.kind, "title": title_of(entry.kind, entry.command.arguments)}


def _picture(case: Case, number: int) -> tuple[CellPicture | None, str]:
    """The picture of a cell, or why it cannot be had."""
    try:
        return case.picture(number), ""
    except PictureMissing as error:
        return None, str(error)


def _iscn(state: CellState) -> str | None:
    return numerical_iscn(item.chromosome.category for item in state.present)


def _box(region: Region) -> Document:
    return {"row": region.row, "column": region.column, "height": region.crop.shape[0], "width": region.crop.shape[1]}


def _probability(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def _rounded(values: dict[str, Any], *, leave: str = "") -> Document:
    """Numbers to a tenth of a page unit; the field ``leave`` is left out."""
    return {name: round(value, 1) if isinstance(value, float) else value for name, value in values.items() if name != leave}
