"""What the chromosomes of a case say about its karyotype while it is reviewed."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.chromosomes import Chromosome, Region
from karyokit.human import RELATIVE_LENGTHS
from karyokit.review import evidence
from karyokit.review.commands import Command, parse_arguments
from karyokit.review.edits import apply
from karyokit.review.evidence import CellEvidence, Evidences
from karyokit.review.state import CellState, ReviewedChromosome

XX = [*range(1, 23)] * 2 + [23, 23]


def bar(category: int) -> Region:
    return Region(3, 3, np.ones((round(30 * RELATIVE_LENGTHS[category - 1]), 10), bool))


def a_cell(categories: list[int], *, unsure: int = 0) -> CellState:
    """Bars as long as their classes; number ``unsure`` may be a 20 as well as a 21, a little rather."""
    items = {}
    for number, category in enumerate(categories, start=1):
        given = np.full(24, 1e-5)
        given[category - 1] = 1 - 23e-5
        if number == unsure:
            given[[19, 20]] = 0.55, 0.45
        one = Chromosome(number, bar(category), score=0.98, category=category, probabilities=tuple(given / given.sum()))
        items[number] = ReviewedChromosome(one, order=number)
    return CellState("cell.png", (900, 900), "brightfield", items)


def done(state: CellState, kind: str, **arguments: object) -> CellState:
    return apply(state, Command(kind, parse_arguments(kind, arguments)))


def found(state: CellState) -> CellEvidence:
    weighed = Evidences().of(state)
    assert weighed is not None
    return weighed


def test_a_cell_without_classes_says_nothing() -> None:
    nameless = {1: ReviewedChromosome(Chromosome(1, bar(5)))}
    assert Evidences().of(CellState("a", (900, 900), "brightfield", {})) is None
    assert Evidences().of(CellState("a", (900, 900), "brightfield", nameless)) is None


def test_what_a_person_has_said_is_certain() -> None:
    cell = a_cell([*XX, 21], unsure=47)
    by_model = found(cell).karyotypes
    by_hand = found(done(cell, "class", chromosomes=[47], category=21)).karyotypes
    checked = found(done(cell, "check", chromosomes=[47], checked=True)).karyotypes
    otherwise = found(done(cell, "class", chromosomes=[47], category=20)).karyotypes
    assert by_hand.best.iscn == checked.best.iscn == "47,XX,+21"
    assert by_hand.best.probability > 0.8
    assert by_model.best.iscn == "46,XX"
    assert otherwise.best.iscn == "47,XX,+20"


def test_deleted_chromosomes_do_not_count() -> None:
    cell = a_cell([*XX, 21])
    assert found(cell).karyotypes.best.iscn == "47,XX,+21"
    assert found(done(cell, "delete", chromosomes=[47])).karyotypes.best.iscn == "46,XX"


def test_opinions_are_of_chromosomes_that_nobody_has_decided_on() -> None:
    cell = a_cell(XX)
    wrong = cell.with_items([cell.items[21].with_changes(category=20)])
    (opinion,) = found(wrong).opinions
    assert (opinion.number, opinion.category, opinion.words) == (21, 21, "rather class 21")
    assert opinion.probability > 0.9
    assert found(done(wrong, "check", chromosomes=[21])).opinions == ()
    assert found(cell).opinions == ()


def test_edits_that_change_nothing_of_it_are_not_weighed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    weigh = evidence.weigh_karyotypes
    monkeypatch.setattr(evidence, "weigh_karyotypes", lambda objects: (asked.append(1), weigh(objects))[1])
    kept, cell = Evidences(), a_cell(XX)
    for state in (cell, done(cell, "flip", chromosomes=[4]), done(cell, "marker", chromosome=5, text="mar")):
        assert kept.of(state) is not None
    assert len(asked) == 1
    kept.of(done(cell, "delete", chromosomes=[4]))
    assert len(asked) == 2
