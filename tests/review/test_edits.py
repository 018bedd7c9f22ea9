"""Each command on the drawn cell, and the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from drawn_case import REGIONS, SHAPE, box

from karyokit.chromosomes import Alternative, Region
from karyokit.review.commands import ARGUMENTS, Command, Found, Named, Outcome, parse_arguments
from karyokit.review.edits import EDITS, apply
from karyokit.review.edits.decisions import in_slot
from karyokit.review.records import document_of
from karyokit.review.state import CellState, Refused, touched

EXAMPLES: dict[str, dict[str, Any]] = {
    "cut": {"chromosome": 1, "line": [[35, 10], [35, 30]]},
    "merge": {"chromosomes": [1, 2]},
    "split": {"chromosomes": [7, 8], "groups": [[1, 2], [3, 4]]},
    "alternative": {"chromosome": 1, "index": 0},
    "brush": {"chromosome": 1, "line": [[30, 25], [40, 25]], "radius": 3, "mode": "add"},
    "rotate": {"chromosome": 1, "degrees": 30},
    "flip": {"chromosomes": [1]},
    "polarity": {"chromosome": 1, "polarity": "down"},
    "class": {"chromosomes": [1], "category": 23},
    "marker": {"chromosome": 1, "text": "der(9)"},
    "move": {"chromosome": 1, "category": 2, "position": 1},
    "delete": {"chromosomes": [1]},
    "restore": {"chromosomes": [1]},
    "lock": {"chromosomes": [1]},
    "unlock": {"chromosomes": [1]},
    "add": {"outline": [[60, 200], [60, 212], [95, 212], [95, 200]]},
    "take_back": {"object": 1},
    "rerun": {"area": [[10, 10], [10, 28], [55, 28], [55, 10]]},
    "status": {"status": "signed", "name": "A. Person"},
    "check": {"chromosomes": [1]},
}
BEFOREHAND = {"restore": "delete", "unlock": "lock"}


def do(state: CellState, kind: str, outcome: Outcome | None = None, **arguments: Any) -> CellState:
    """The state after one command; new chromosomes are numbered from 101."""
    given = arguments or EXAMPLES[kind]
    return apply(state, Command(kind, parse_arguments(kind, given), outcome or Outcome(first=101)))


def mask(state: CellState, number: int) -> np.ndarray:
    return state.items[number].region.to_mask(SHAPE)


def ready(state: CellState, kind: str) -> CellState:
    """A state on which the example of a kind makes sense."""
    if kind == "alternative":
        second = Alternative((1,), (box(20, 15, 30, 25), box(30, 15, 50, 25)), 0.1)
        item = state.items[1]
        return state.with_items([item.with_changes(separation=replace(item.chromosome.separation, alternative=second))])
    return do(state, BEFOREHAND[kind]) if kind in BEFOREHAND else state


def outcome_of(kind: str) -> Outcome:
    found = (Found(box(20, 15, 45, 25).to_rle(SHAPE), 0.8, 0.5, "touching"),) if kind == "rerun" else ()
    return Outcome(first=101, found=found, when="2026-01-01T00:00:00+00:00")


def test_every_kind_has_arguments_an_edit_and_an_example() -> None:
    assert set(ARGUMENTS) == set(EDITS) == set(EXAMPLES)


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_an_edit_changes_something_else_than_its_input_and_always_the_same(state: CellState, kind: str) -> None:
    before = ready(state, kind)
    kept = document_of([before])
    after = do(before, kind, outcome_of(kind))
    again = do(before, kind, outcome_of(kind))
    assert document_of([before]) == kept
    assert document_of([after]) == document_of([again])
    assert after is not before
    assert touched(before, after) or after.status != before.status


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_an_edit_touches_only_what_it_names_makes_or_replaces(state: CellState, kind: str) -> None:
    before = ready(state, kind)
    after = do(before, kind, outcome_of(kind))
    named = set(parse_arguments(kind, EXAMPLES[kind]).named) | ({1} if kind == "rerun" else set())
    changed = {number for what, number in touched(before, after) if what == "chromosome"}
    assert changed <= named | set(after.items) - set(before.items)


@pytest.mark.parametrize("kind", sorted(set(EDITS) - {"status", "lock", "unlock"}))
def test_a_signed_cell_becomes_new_by_an_edit(state: CellState, kind: str) -> None:
    signed = do(ready(state, kind), "status", outcome_of("status"))
    assert signed.status.value == "signed"
    assert do(signed, kind, outcome_of(kind)).status.value == "new"
    assert do(do(state, "status", outcome_of("status")), "lock").status.who == "A. Person"


@pytest.mark.parametrize("kind", sorted(k for k in EDITS if k not in ("restore", "unlock") and parse_arguments(k, EXAMPLES[k]).named))
def test_locked_deleted_and_unknown_chromosomes_are_left_alone(state: CellState, kind: str) -> None:
    before = ready(state, kind)
    number = parse_arguments(kind, EXAMPLES[kind]).named[0]
    for how, words in (("lock", "is locked"), ("delete", "is deleted")):
        with pytest.raises(Refused, match=words):
            do(do(before, how, chromosomes=[number]), kind, outcome_of(kind))
    with pytest.raises(Refused, match="there is no chromosome"):
        do(before.with_items([], without=[number]), kind, outcome_of(kind))


def test_cut_and_merge_give_the_pixels_back(state: CellState) -> None:
    after = do(state, "cut", chromosome=4, line=[[40, 100], [44, 120]])
    assert set(after.items) - set(state.items) == {101}
    assert after.items[4].region.area > after.items[101].region.area
    assert not (mask(after, 4) & mask(after, 101)).any()
    back = do(after, "merge", chromosomes=[4, 101])
    assert set(back.items) == set(state.items)
    assert (mask(back, 4) == mask(state, 4)).all()


def test_merge_keeps_the_number_of_the_largest(state: CellState) -> None:
    after = do(state, "merge", chromosomes=[1, 5])
    assert 1 not in after.items
    assert (mask(after, 5) == (mask(state, 1) | mask(state, 5))).all()
    with pytest.raises(Refused, match="is one already"):
        do(state, "merge", chromosomes=[1, 1])


def test_split_repairs_a_wrong_pairing_and_keeps_the_overlap(state: CellState) -> None:
    wrong = do(state, "split", chromosomes=[7, 8], groups=[[1, 2], [3, 4]])
    assert (mask(wrong, 7) & mask(wrong, 8)).sum() == 100
    right = do(wrong, "split", chromosomes=[7, 8], groups=[[1, 4], [2, 3]])
    assert (mask(right, 7) == mask(state, 7)).all() or (mask(right, 7) == mask(state, 8)).all()
    assert {101} & set(right.items) == set()


def test_one_clump_is_split_into_two_that_share_the_zone(state: CellState) -> None:
    clump = do(state, "merge", chromosomes=[7, 8])
    zone = [[115, 55], [115, 65], [125, 65], [125, 55]]
    after = do(clump, "split", chromosomes=[7], zone=zone, groups=[[1, 4], [2, 3]])
    found = [mask(after, number) for number in (7, 101)]
    for region in REGIONS[6:]:
        assert any((region.to_mask(SHAPE) == one).all() for one in found)


def test_the_brush_adds_and_erases_on_one_chromosome_alone(state: CellState) -> None:
    stroke = {"line": [[115, 60], [125, 60]], "radius": 6}
    after = do(state, "brush", chromosome=7, mode="erase", **stroke)
    assert mask(after, 7).sum() < mask(state, 7).sum()
    assert after.items[8] is state.items[8]
    more = do(state, "brush", chromosome=1, mode="add", **stroke)
    assert (mask(more, 1) & mask(more, 8)).any()
    with pytest.raises(Refused, match="0 pixels"):
        do(state, "brush", chromosome=1, mode="erase", line=[[35, 20]], radius=60)


def test_turns_and_flips(state: CellState) -> None:
    turned = do(do(state, "rotate", chromosome=1, degrees=170), "rotate", chromosome=1, degrees=20)
    assert turned.items[1].chromosome.angle == pytest.approx(-170)
    flipped = do(do(state, "polarity", chromosome=1, polarity="up"), "flip", chromosomes=[1])
    assert flipped.items[1].chromosome.polarity == "down"
    redrawn = do(turned, "brush", chromosome=1, line=[[30, 25]], radius=3, mode="add")
    assert redrawn.items[1].chromosome.angle == pytest.approx(-170), "a turn by hand outlives the brush"


def test_a_class_by_hand_outlives_the_classifier(state: CellState) -> None:
    by_hand = do(state, "class", chromosomes=[1], category=23)
    answer = Outcome(101, named={n: Named(9, (1 / 24,) * 24, "up", 0.9) for n in (1, 101)})
    after = do(by_hand, "cut", answer, **EXAMPLES["cut"])
    assert [after.items[n].chromosome.category for n in (1, 101)] == [23, 9]
    assert after.items[101].chromosome.polarity == "up"


def test_moving_within_and_between_slots(state: CellState) -> None:
    row = do(state, "class", chromosomes=[1, 2, 3, 4], category=5)
    assert [item.number for item in in_slot(row, 5)] == [1, 2, 3, 4, 5]
    assert [item.number for item in in_slot(do(row, "move", chromosome=5, category=5, position=0), 5)] == [5, 1, 2, 3, 4]
    assert [item.number for item in in_slot(do(row, "move", chromosome=1, category=5, position=2), 5)] == [2, 3, 1, 4, 5]
    assert [item.number for item in in_slot(do(row, "move", chromosome=1, category=5, position=99), 5)] == [2, 3, 4, 5, 1]
    gone = do(row, "move", chromosome=1, category=24, position=0)
    assert gone.items[1].chromosome.class_name == "Y"


def test_a_slot_is_numbered_anew_when_places_are_used_up(state: CellState) -> None:
    row = do(state, "class", chromosomes=[1, 2, 3], category=5)
    for i in range(120):
        first, second, *_ = (item.number for item in in_slot(row, 5))
        row = do(row, "move", chromosome=second, category=5, position=0)
        assert [item.number for item in in_slot(row, 5)][:2] == [second, first], i
        third = in_slot(row, 5)[2].number
        row = do(row, "move", chromosome=third, category=5, position=1)
        assert in_slot(row, 5)[1].number == third


def test_running_an_area_again_keeps_what_was_found_alike(state: CellState) -> None:
    alike = Found(box(20, 15, 50, 25).to_rle(SHAPE), 0.8, 0.5, "touching")
    other = Found(box(20, 45, 40, 55).to_rle(SHAPE), 0.7, 0.4, "touching")
    area = [[10, 10], [10, 60], [60, 60], [60, 10]]
    after = do(state, "rerun", Outcome(101, found=(alike, other)), area=area)
    assert after.items[1] is state.items[1]
    assert 2 not in after.items
    assert (after.items[101].chromosome.score, after.items[101].by_hand) == (0.7, frozenset())
    locked = do(do(state, "lock", chromosomes=[2]), "rerun", Outcome(101, found=(alike,)), area=area)
    assert 2 in locked.items


def test_objects_come_back_and_chromosomes_are_restored(state: CellState) -> None:
    after = do(state, "take_back", object=1)
    assert after.aside == {}
    assert after.items[101].region.area == 400
    with pytest.raises(Refused, match="no object 1 set aside"):
        do(after, "take_back", object=1)
    gone = do(state, "delete", chromosomes=[1, 2])
    assert len(gone.present) == 6
    back = do(gone, "restore", chromosomes=[2])
    assert [item.number for item in back.present] == [2, 3, 4, 5, 6, 7, 8]
    with pytest.raises(Refused, match="is not deleted"):
        do(back, "restore", chromosomes=[2])
    with pytest.raises(Refused, match="is not locked"):
        do(back, "unlock", chromosomes=[2])


def test_an_alternative_replaces_what_it_names(state: CellState) -> None:
    after = do(ready(state, "alternative"), "alternative")
    assert [after.items[n].region.area for n in (1, 101)] == [200, 100]
    assert after.items[1].alternatives == ()
    with pytest.raises(Refused, match="has 0 alternatives"):
        do(after, "alternative")


def test_nobody_signs_without_a_name_and_nothing_is_drawn_too_small(state: CellState) -> None:
    with pytest.raises(Refused, match="Give your name"):
        do(state, "status", status="signed", name=" ")
    with pytest.raises(Refused, match="at least 12"):
        do(state, "add", outline=[[1, 1], [1, 4], [4, 4]])
    assert do(do(state, "status"), "status", status="new").status.value == "new"


def test_masks_may_still_overlap_after_every_edit(state: CellState) -> None:
    shared = (mask(state, 7) & mask(state, 8)).sum()
    for kind in sorted(set(EDITS) - {"split"}):
        after = do(ready(state, kind), kind, outcome_of(kind))
        assert (mask(after, 7) & mask(after, 8)).sum() == shared, kind


def test_an_empty_outline_by_brush_cannot_be_reached(state: CellState) -> None:
    assert all(isinstance(item.region, Region) and item.region.area >= 12 for item in state.present)
