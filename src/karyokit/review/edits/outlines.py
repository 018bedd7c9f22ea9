"""Edits of outlines: cut, merge, split, brush, add, take back, and what models propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from karyokit.chromosomes import Region, Separation
from karyokit.regions import iou, shared, union, without
from karyokit.review.commands import Add, Brush, Cut, Found, Merge, Outcome, Rerun, Split, TakeAlternative, TakeBack
from karyokit.review.crossings import find_crossing, grouped
from karyokit.review.edits.drawing import drawn, redrawn
from karyokit.review.shapes import cut, polygon_region, stroke_region
from karyokit.review.state import CellState, Refused, ReviewedChromosome

_THE_SAME = 0.9
"""IoU from which what a model found anew is the chromosome that is there already."""


def apply_cut(state: CellState, arguments: Cut, outcome: Outcome) -> CellState:
    """Part a chromosome along a line; the largest part keeps the number."""
    item = state.item(arguments.chromosome)
    return _replaced(state, [item], cut(item.region, arguments.line), outcome.first)


def apply_merge(state: CellState, arguments: Merge, outcome: Outcome) -> CellState:
    """One chromosome of several; the largest keeps its number."""
    items = _distinct(state, arguments.chromosomes)
    return _replaced(state, items, [union([item.region for item in items])], outcome.first)


def apply_split(state: CellState, arguments: Split, outcome: Outcome) -> CellState:
    """Take a crossing apart into groups of arms, each with the zone."""
    items = _distinct(state, arguments.chromosomes)
    crossing = find_crossing([item.region for item in items], arguments.zone, state.shape)
    return _replaced(state, items, list(grouped(crossing, arguments.groups)), outcome.first)


def apply_alternative(state: CellState, arguments: TakeAlternative, outcome: Outcome) -> CellState:
    """Take the way of separation that was second best."""
    item = state.item(arguments.chromosome)
    if arguments.index >= len(item.alternatives):
        raise Refused(f"chromosome {item.number} has {len(item.alternatives)} alternatives. Pick one that is offered.")
    chosen = item.alternatives[arguments.index]
    items = _distinct(state, chosen.replaces)
    return _replaced(state, items, list(chosen.regions), outcome.first, method="alternative")


def apply_brush(state: CellState, arguments: Brush, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Add a stroke to a chromosome or erase it from it."""
    item = state.item(arguments.chromosome)
    stroke = stroke_region(arguments.line, arguments.radius, state.shape)
    region = union([item.region, stroke]) if arguments.mode == "add" else without(item.region, stroke)
    return state.with_items([redrawn(item, region)])


def apply_add(state: CellState, arguments: Add, outcome: Outcome) -> CellState:
    """A new chromosome from an outline."""
    return state.with_items([drawn(outcome.first, polygon_region(arguments.outline, state.shape))])


def apply_take_back(state: CellState, arguments: TakeBack, outcome: Outcome) -> CellState:
    """An object that was set aside becomes a chromosome."""
    if arguments.object not in state.aside:
        raise Refused(f"there is no object {arguments.object} set aside in this cell. Pick one that is shown.")
    left = {number: one for number, one in state.aside.items() if number != arguments.object}
    taken = drawn(outcome.first, state.aside[arguments.object].region)
    return replace(state.with_items([taken]), aside=left)


def apply_rerun(state: CellState, arguments: Rerun, outcome: Outcome) -> CellState:
    """What a model found in an area takes the place of the chromosomes there; those that it found alike stay as they are."""
    old = lying_in(state, polygon_region(arguments.area, state.shape))
    found = [(one, Region.from_rle(one.rle)) for one in outcome.found]
    alike = {i: item for i, (_, region) in enumerate(found) for item in old if iou(region, item.region) >= _THE_SAME}
    kept = {item.number for item in alike.values()}
    fresh = [pair for i, pair in enumerate(found) if i not in alike]
    new = [_from_model(outcome.first + i, one, region) for i, (one, region) in enumerate(fresh)]
    return state.with_items(new, without=[item.number for item in old if item.number not in kept])


def lying_in(state: CellState, area: Region) -> list[ReviewedChromosome]:
    """Present, unlocked chromosomes of which more than half lies in an area."""
    return [item for item in state.present if not item.locked and shared(item.region, area).area > item.region.area / 2]


def _from_model(number: int, one: Found, region: Region) -> ReviewedChromosome:
    item = drawn(number, region, score=one.score, separation=Separation(one.method, margin=one.margin))
    return item.with_changes(doubts=one.doubts, by_hand=frozenset())


def _distinct(state: CellState, numbers: Sequence[int]) -> list[ReviewedChromosome]:
    """The present, unlocked chromosomes of these numbers, each once."""
    return [state.item(number) for number in dict.fromkeys(numbers)]


def _replaced(
    state: CellState, items: Sequence[ReviewedChromosome], regions: Sequence[Region], first: int, *, method: str = "by hand"
) -> CellState:
    """``regions`` in place of chromosomes: each number goes to the region that holds most of it, further regions get new ones."""
    if len(items) + len(regions) == 2:
        raise Refused("one chromosome is one already. Pick several to merge.")
    overlaps = np.array([[shared(item.region, region).area for region in regions] for item in items], float)
    heirs: dict[int, ReviewedChromosome] = {}
    for item, row in sorted(zip(items, overlaps, strict=True), key=lambda pair: -pair[0].region.area):
        free = [i for i in np.argsort(-row, kind="stable") if int(i) not in heirs]
        if free and row[free[0]] > 0:
            heirs[int(free[0])] = item
    new = iter(range(first, first + len(regions)))
    made = [redrawn(heirs[i], one, method=method) if i in heirs else drawn(next(new), one) for i, one in enumerate(regions)]
    inherited = {item.number for item in heirs.values()}
    return state.with_items(made, without=[item.number for item in items if item.number not in inherited])
