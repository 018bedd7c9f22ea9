"""Edits that leave outlines alone: class, place and turn in the karyogram, marks, locks, status."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from karyokit.review.commands import Check, Mark, Move, Outcome, Rotate, SetClass, SetPolarity, SetStatus, Several
from karyokit.review.state import CellState, Refused, ReviewedChromosome, Status

_OPPOSITE = {"up": "down", "down": "up", "unknown": "down"}


def apply_rotate(state: CellState, arguments: Rotate, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Turn a chromosome in the karyogram."""
    item = state.item(arguments.chromosome)
    angle = round((item.chromosome.angle + arguments.degrees + 180) % 360 - 180, 6)
    return state.with_items([item.with_changes(angle=angle, by_hand=item.by_hand | {"angle"})])


def apply_flip(state: CellState, arguments: Several, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Half a turn: the p arm is at the other end."""
    items = [state.item(number) for number in dict.fromkeys(arguments.chromosomes)]
    return state.with_items(_turned(item, _OPPOSITE[item.chromosome.polarity]) for item in items)


def apply_polarity(state: CellState, arguments: SetPolarity, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Say where the p arm points."""
    return state.with_items([_turned(state.item(arguments.chromosome), arguments.polarity)])


def apply_class(state: CellState, arguments: SetClass, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Say which class chromosomes have."""
    items = [state.item(number) for number in dict.fromkeys(arguments.chromosomes)]
    return state.with_items(_classed(item, arguments.category) for item in items)


def apply_move(state: CellState, arguments: Move, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Put a chromosome into a slot of the karyogram, before the one that is at ``position`` among the others there."""
    item = state.item(arguments.chromosome)
    if item.chromosome.category != arguments.category:
        item = _classed(item, arguments.category)
    others = in_slot(state, arguments.category, without=item.number)
    place = min(arguments.position, len(others))
    before = others[place - 1].order if place else (others[0].order - 2 if others else item.order)
    after = others[place].order if place < len(others) else before + 2
    middle = (before + after) / 2
    if before < middle < after or not others:
        return state.with_items([item.with_changes(order=middle if others else item.order)])
    row = [*others[:place], item, *others[place:]]  # orders are used up: number the whole slot anew
    return state.with_items(one.with_changes(order=float(i)) for i, one in enumerate(row, start=1))


def in_slot(state: CellState, category: int, *, without: int = 0) -> list[ReviewedChromosome]:
    """The present chromosomes of a class, in the order of the karyogram."""
    members = [item for item in state.present if item.chromosome.category == category and item.number != without]
    return sorted(members, key=lambda item: (item.order, item.number))


def apply_marker(state: CellState, arguments: Mark, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Note a marker or derivative chromosome in free words."""
    return state.with_items([state.item(arguments.chromosome).with_changes(marker=arguments.text)])


def apply_delete(state: CellState, arguments: Several, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Take chromosomes out of the cell; they can be restored."""
    return state.with_items(state.item(number).with_changes(deleted=True) for number in dict.fromkeys(arguments.chromosomes))


def apply_restore(state: CellState, arguments: Several, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Bring deleted chromosomes back."""
    return _lifted(state, arguments, "deleted")


def apply_lock(state: CellState, arguments: Several, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Guard chromosomes against edits."""
    return state.with_items(state.item(number).with_changes(locked=True) for number in dict.fromkeys(arguments.chromosomes))


def apply_unlock(state: CellState, arguments: Several, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Allow edits again."""
    return _lifted(state, arguments, "locked")


def apply_check(state: CellState, arguments: Check, outcome: Outcome) -> CellState:  # noqa: ARG001
    """Note that a person looked at doubtful chromosomes and found them right."""
    items = [state.item(number) for number in dict.fromkeys(arguments.chromosomes)]
    return state.with_items(item.with_changes(checked=arguments.checked) for item in items)


def apply_status(state: CellState, arguments: SetStatus, outcome: Outcome) -> CellState:
    """Say how far the review is, and who says so."""
    if arguments.status != "new" and not arguments.name:
        raise Refused(f"a cell becomes {arguments.status} by a person. Give your name.")
    return replace(state, status=Status(arguments.status, arguments.name, outcome.when))


def _lifted(state: CellState, arguments: Several, flag: Literal["deleted", "locked"]) -> CellState:
    """The chromosomes without a flag that all of them must have."""
    items = [state.known(number) for number in dict.fromkeys(arguments.chromosomes)]
    if without := [item.number for item in items if not getattr(item, flag)]:
        raise Refused(f"chromosome {without[0]} is not {flag}. Pick a {flag} one.")
    return state.with_items(item.with_changes(**{flag: False}) for item in items)


def _turned(item: ReviewedChromosome, polarity: str) -> ReviewedChromosome:
    return item.with_changes(polarity=polarity, polarity_probability=0.5, by_hand=item.by_hand | {"polarity"})


def _classed(item: ReviewedChromosome, category: int) -> ReviewedChromosome:
    return item.with_changes(category=category, checked=True, by_hand=item.by_hand | {"class"})
