"""Weighing and carrying out proposals for a drawn cell."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from karyokit.chromosomes import Alternative, Chromosome, Contact, Region, Separation
from karyokit.inference import Maps
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look import EARLY_SIGNS, SIGNS, SecondLook, WayWeights, Weighed, fitted, looking, weighed_proposals
from karyokit.pipeline.second_look.looking import chosen, look_again
from karyokit.pipeline.second_look.objects import Looking, Measured, SeenObjects
from karyokit.pipeline.second_look.rebuilding import rebuilt
from karyokit.pipeline.second_look.weighing import Known, early_signs, late_signs
from karyokit.reconstruction.proposals import Proposal, ShapeSigns

SHAPE = (60, 200)


def box(row: int, column: int, height: int = 10, width: int = 30) -> Region:
    return Region(row, column, np.ones((height, width), bool))


def cell() -> AnalysedCell:
    """Three chromosomes in a row, the first two touching, and one below that crosses the third."""
    regions = [box(5, 10), box(5, 40), box(5, 100), box(3, 110, 40, 8)]
    first = Alternative((1, 2), (box(5, 10, 10, 60),), 0.3)
    contacts = [
        ((Contact(0, (2,), "touching"),), first),
        ((Contact(0, (1,), "touching"),), first),
        ((Contact(1, (4,), "crossing"),), None),
        ((Contact(1, (3,), "crossing"),), None),
    ]
    chromosomes = tuple(
        Chromosome(number, region, separation=Separation("graph", 1, 0.5, met, other, score=0.2))
        for number, (region, (met, other)) in enumerate(zip(regions, contacts, strict=True), start=1)
    )
    image = np.full(SHAPE, 10, np.uint8)
    for region in regions:
        image[region.window][region.crop] = 200
    density = (image > 100).astype(np.float32)
    return AnalysedCell("cell", image, "fluorescence", chromosomes, density=density, width_px=10.0)


def named() -> AnalysedCell:
    """The cell with every chromosome in doubt, all classes equally likely."""
    given = cell()
    chromosomes = tuple(replace(one, score=0.2, probabilities=(1 / 24,) * 24) for one in given.chromosomes)
    return replace(given, chromosomes=chromosomes, evidence=SimpleNamespace(kinds=("chromosome",) * 4))  # type: ignore[arg-type]


def maps() -> Maps:
    plane = (cell().density > 0).astype(np.float32)
    return Maps(plane, np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32), {(0, 8): np.full(SHAPE, 4.0, np.float32)})


def weighed(way: str, replaces: tuple[int, ...], *regions: Region, log_odds: float = 2.0) -> Weighed:
    return Weighed(Proposal(way, replaces, regions), dict.fromkeys(SIGNS, 0.0), log_odds)  # type: ignore[arg-type]


def test_what_is_done_is_numbered_in_reading_order_and_can_be_undone() -> None:
    found = rebuilt(cell(), maps(), [weighed("split", (2,), box(5, 100, 10, 14), box(5, 114, 10, 16))])
    assert [one.number for one in found.chromosomes] == [1, 2, 3, 4, 5]
    assert [one.region.column for one in found.chromosomes] == [110, 10, 40, 100, 114]
    new = [one for one in found.chromosomes if one.separation.method == "second look, split"]
    assert [one.number for one in new] == [4, 5]
    assert all(one.separation.alternative and one.separation.alternative.replaces == (4, 5) for one in new)
    assert new[0].separation.alternative.regions[0].bbox == (100, 5, 30, 10)  # type: ignore[union-attr]


def test_contacts_and_alternatives_get_the_new_numbers() -> None:
    found = rebuilt(cell(), maps(), [weighed("split", (2,), box(5, 100, 10, 14), box(5, 114, 10, 16))]).chromosomes
    assert [(contact.others, contact.kind) for contact in found[1].separation.contacts] == [((3,), "touching")]
    assert found[1].separation.alternative is not None
    assert found[1].separation.alternative.replaces == (2, 3)
    assert {(contact.others, contact.kind) for contact in found[0].separation.contacts} == {((4,), "crossing"), ((5,), "crossing")}
    assert {(contact.others, contact.kind) for contact in found[3].separation.contacts} == {((1,), "crossing"), ((5,), "touching")}


def test_an_alternative_of_chromosomes_that_are_no_more_is_dropped() -> None:
    found = rebuilt(cell(), maps(), [weighed("drop", (0,))])
    assert len(found.chromosomes) == 3
    assert [one.reason for one in found.set_aside] == ["no whole chromosome"]
    assert next(one for one in found.chromosomes if one.region.column == 40).separation.alternative is None


def test_scores_are_those_of_the_new_cell() -> None:
    found = rebuilt(cell(), maps(), [weighed("join", (0, 1), box(5, 10, 10, 60))])
    assert all(one.separation.score is None for one in found.chromosomes)
    assert found.evidence is None


def test_proposals_that_replace_the_same_chromosome_exclude_one_another() -> None:
    better, worse, other, weak = (
        weighed("join", (0, 1), log_odds=3.0),
        weighed("drop", (1,), log_odds=2.5),
        weighed("drop", (2,), log_odds=2.0),
        weighed("drop", (3,), log_odds=1.0),
    )
    levels = {"join": 1.5, "drop": 1.5}
    assert chosen([weak, worse, better, other], levels) == [better, other]


def test_each_way_is_taken_from_odds_of_its_own() -> None:
    split, drop = weighed("split", (0,), log_odds=0.2), weighed("drop", (0,), log_odds=1.0)
    assert chosen([split, drop], {"split": 0.0, "drop": 1.5}) == [split]
    assert chosen([split, drop], {"split": 0.5, "drop": 0.5}) == [drop]
    assert chosen([split, drop], {"split": 0.0, "drop": 0.0}) == [drop]
    assert chosen([split, drop], {"split": 0.5, "drop": 1.5}) == []


def test_a_cell_without_maps_stays_as_it_is() -> None:
    given = cell()
    assert look_again(given, None, named_once_more) is given  # type: ignore[arg-type]
    bare = replace(given, maps=replace(maps(), affinities={}))
    assert look_again(bare, None, named_once_more) is bare  # type: ignore[arg-type]


def named_once_more(_: AnalysedCell) -> AnalysedCell:
    raise AssertionError("nothing was changed")


def test_looks_go_on_until_nothing_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [[weighed("join", (0, 1), box(5, 10, 10, 60))], [weighed("drop", (0,))], []]
    looked: list[list[int]] = []

    def proposals(given: AnalysedCell, *_: object, **__: object) -> list[Weighed]:
        looked.append([one.region.column for one in given.chromosomes])
        return wanted[len(looked) - 1]

    monkeypatch.setattr(looking, "weighed_proposals", proposals)
    names: list[int] = []

    def name(given: AnalysedCell) -> AnalysedCell:
        names.append(len(given.chromosomes))
        return given

    found = look_again(replace(cell(), maps=maps()), None, name)  # type: ignore[arg-type]
    assert looked == [[10, 40, 100, 110], [110, 10, 100], [10, 100]]
    assert [one.region.column for one in found.chromosomes] == [10, 100]
    assert names == [3, 2]


def test_regions_measured_at_one_look_are_not_measured_at_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def classified(_: object, pictures: np.ndarray) -> tuple[np.ndarray]:
        asked.append(len(pictures))
        return (np.full((len(pictures), 24), 1 / 24, np.float32),)

    monkeypatch.setattr("karyokit.pipeline.second_look.objects.classify_pictures", classified)
    measured = Measured()
    first = Looking(named(), maps(), None, measured).proposed([box(5, 10), box(5, 40)])  # type: ignore[arg-type]
    second = Looking(named(), maps(), None, measured).proposed([box(5, 40), box(5, 100), box(5, 10)])  # type: ignore[arg-type]
    assert asked == [2, 1]
    np.testing.assert_array_equal(second.classes[[2, 0]], first.classes)
    assert second.shapes[2] is first.shapes[0]


def test_every_weight_is_of_a_known_sign() -> None:
    for stain in ("brightfield", "fluorescence"):
        ways = fitted().weights[stain]
        assert set(ways) == {"split", "join", "swap", "drop"}
        assert all(set(one.signs) <= set(SIGNS) for one in ways.values())
        assert all(set(one.signs) <= set(EARLY_SIGNS) for one in fitted().glances[stain].values())


def test_log_odds_add_up() -> None:
    assert WayWeights(intercept=-1.0, signs={SIGNS[2]: 0.5, SIGNS[3]: 2.0}).log_odds({SIGNS[2]: 2.0, SIGNS[3]: 3.0}) == pytest.approx(6.0)


def model(glances: dict[str, WayWeights]) -> SecondLook:
    """Every way is certain to be better, whatever its signs; a glance is worth it from log odds of 0."""
    sure = WayWeights(intercept=5.0, signs={})
    weights = dict.fromkeys(("split", "join", "swap", "drop"), sure)
    stain = "fluorescence"
    return SecondLook(
        command="",
        take_from={stain: dict.fromkeys(weights, 0)},
        measure_from={stain: 0},
        weights={stain: weights},
        glances={stain: glances},
    )


def test_a_way_without_a_glance_is_always_measured() -> None:
    glancing = model({"join": WayWeights(intercept=-1.0, signs={"joined": 2.0})})
    assert glancing.for_stain("fluorescence").worth_measuring("drop", {"joined": 0.0})
    assert glancing.for_stain("fluorescence").worth_measuring("join", {"joined": 1.0})
    assert not glancing.for_stain("fluorescence").worth_measuring("join", {"joined": 0.0})


def test_only_what_is_worth_it_at_a_glance_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    never = WayWeights(intercept=-1.0, signs={})
    monkeypatch.setattr(looking, "fitted", lambda: model({"split": never, "join": never}))
    measured: list[Region] = []

    def proposed(_: Looking, regions: list[Region]) -> SeenObjects:
        measured.extend(regions)
        return seen([0] * len(regions))

    monkeypatch.setattr(Looking, "proposed", proposed)
    everyone = weighed_proposals(named(), maps(), None, measure_all=True)  # type: ignore[arg-type]
    assert {one.proposal.way for one in everyone} >= {"join", "swap", "drop"}
    assert all(set(one.signs) == set(SIGNS) for one in everyone)
    assert len(measured) == sum(len(one.proposal.regions) for one in everyone)
    measured.clear()
    found = weighed_proposals(named(), maps(), None)  # type: ignore[arg-type]
    assert [one.proposal.way for one in found] == [one.proposal.way for one in everyone if one.proposal.way in ("swap", "drop")]
    assert len(measured) == sum(len(one.proposal.regions) for one in found) > 0


def seen(classes: list[int], *, length: float = 30.0) -> SeenObjects:
    rows = np.full((len(classes), 24), 0.001)
    rows[np.arange(len(classes)), np.array(classes, int)] = 1 - 0.023
    shapes = tuple(ShapeSigns(length, 10.0, 0.1, 0.2, 0.3) for _ in classes)
    return SeenObjects(rows, np.ones(len(classes)), shapes)


def test_copies_that_a_cell_lacks_speak_for_a_proposal() -> None:
    everyone = seen([0, 0, 1])
    known = Known(np.full(3, 0.5), ["chromosome", "chromosome", "joined"], everyone.classes, 30.0, 10.0)
    split = Proposal("split", (2,), (box(5, 100, 10, 14), box(5, 114, 10, 16)))
    signs = early_signs(split, known, everyone[2:], -2.0) | late_signs(split, known, everyone[2:], seen([1, 1], length=15.0))
    assert signs["copies lacking after"] == pytest.approx(2, abs=0.1)
    assert signs["copies lacking before"] == pytest.approx(1, abs=0.1)
    assert signs["joined"] == 1
    assert signs["held together"] == 2
    assert signs["short after"] == pytest.approx(np.log(2) - 0.5)
    assert signs["fewer than usual"] == 4


def test_signs_of_dropping_a_chromosome() -> None:
    known = Known(np.full(1, 0.5), ["no chromosome"], seen([0]).classes, 30.0, 10.0)
    drop = Proposal("drop", (0,), ())
    signs = early_signs(drop, known, seen([0]), 0.0) | late_signs(drop, known, seen([0]), seen([]))
    assert (signs["entropy after"], signs["sureness after"], signs["copies lacking after"], signs["no chromosome"]) == (0, 0, 0, 1)
