"""Other ways to take drawn chromosomes apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from karyokit.chromosomes import Alternative, Chromosome, Contact, Region, Separation
from karyokit.reconstruction.proposals import Proposal, held_together, propose, shape_signs
from karyokit.reconstruction.proposals.splits import possible_splits
from karyokit.regions import iou

SHAPE = (120, 120)
NOTHING = np.zeros(SHAPE, np.float32)
Draw = Callable[..., np.ndarray]
WIDTH = 9.0


def splits(mask: np.ndarray, *, overlap: np.ndarray = NOTHING, border: np.ndarray = NOTHING, step: np.ndarray | None = None) -> list:
    affinities = {} if step is None else {(0, 8): step}
    return possible_splits(Region.from_mask(mask), overlap=overlap, border=border, affinities=affinities, width=WIDTH)


def best(found: list[tuple[Region, Region]], parts: tuple[np.ndarray, np.ndarray]) -> float:
    """The least IoU of the two parts with the drawn ones, of the split that fits best."""
    one, two = (Region.from_mask(part) for part in parts)
    return max((max(min(iou(a, one), iou(b, two)), min(iou(b, one), iou(a, two))) for a, b in found), default=0.0)


def test_a_sharp_bend_is_cut(draw: Draw) -> None:
    one, two = draw([(20, 20), (90, 50)]), draw([(90, 50), (20, 85)])
    assert best(splits(one | two), (one & ~two, two & ~one)) > 0.75


def test_a_neck_is_cut(draw: Draw) -> None:
    one, two = draw([(60, 12), (60, 54)]), draw([(60, 66), (60, 108)])
    bridge = draw([(60, 50), (60, 70)], 4)
    assert best(splits(one | two | bridge), (one, two)) > 0.85


def test_the_weakest_place_of_the_maps_is_cut(draw: Draw) -> None:
    bar = draw([(60, 12), (60, 108)])
    step = np.full(SHAPE, 4.0, np.float32)
    step[:, 32:40] = -4
    halves = np.indices(SHAPE)[1] < 40
    assert best(splits(bar, step=step), (bar & halves, bar & ~halves)) > 0.9


def test_both_parts_keep_the_zone(draw: Draw) -> None:
    one, two = draw([(20, 20), (90, 50)]), draw([(90, 50), (20, 85)])
    zone = one & two
    pairs = [pair for pair in splits(one | two, overlap=zone.astype(np.float32)) if sum(part.area for part in pair) > (one | two).sum()]
    assert best(pairs, (one, two)) > 0.8


def test_a_straight_chromosome_that_holds_together_is_cut_at_most_across_its_axis(draw: Draw) -> None:
    found = splits(draw([(60, 12), (60, 108)]))
    assert len(found) == 1


def chromosomes(draw: Draw) -> tuple[Chromosome, ...]:
    """Two touching bars, and one that stands apart."""
    bars = [draw([(20, 12), (20, 50)]), draw([(20, 60), (20, 100)]), draw([(90, 12), (90, 100)])]
    one, two, three = (Region.from_mask(bar) for bar in bars)
    other = Alternative((1, 2), (Region.from_mask(bars[0] | bars[1]),), 0.4)
    kept = [Separation("touching", 1, 0.4, (Contact(0, (number,), "touching"),), other) for number in (2, 1)]
    return Chromosome(1, one, score=0.3, separation=kept[0]), Chromosome(2, two, score=0.3, separation=kept[1]), Chromosome(3, three)


def ways(draw: Draw, doubtful: list[bool]) -> list[Proposal]:
    return propose(chromosomes(draw), doubtful, overlap=NOTHING, border=NOTHING, affinities={}, width=WIDTH)


def test_nothing_doubtful_gives_no_proposal(draw: Draw) -> None:
    assert ways(draw, [False, False, False]) == []


def test_proposals_replace_what_is_doubtful(draw: Draw) -> None:
    found = ways(draw, [True, False, False])
    assert [(one.way, one.replaces) for one in found if one.way != "split"] == [("drop", (0,)), ("join", (0, 1)), ("swap", (0, 1))]
    assert all(one.replaces == (0,) and len(one.regions) == 2 for one in found if one.way == "split")
    assert {one.way for one in ways(draw, [False, False, True])} == {"split"}


def test_a_second_best_of_two_is_proposed_once(draw: Draw) -> None:
    assert sum(one.way == "swap" for one in ways(draw, [True, True, False])) == 1


def test_joining_fills_the_line_between_and_loses_nothing(draw: Draw) -> None:
    joined = next(one.regions[0] for one in ways(draw, [True, False, False]) if one.way == "join").to_mask(SHAPE)
    first, second, _ = chromosomes(draw)
    both = first.region.to_mask(SHAPE) | second.region.to_mask(SHAPE)
    assert (joined >= both).all()


def test_what_holds_parts_together_is_the_mean_of_the_maps(draw: Draw) -> None:
    one, two = draw([(60, 12), (60, 55)]), draw([(60, 56), (60, 108)])
    two &= ~one
    parts = [Region.from_mask(one), Region.from_mask(two)]
    assert held_together(parts, {(0, 8): np.full(SHAPE, 3.0, np.float32)}) == pytest.approx(3.0, abs=0.5)
    assert held_together(parts, {(0, 8): np.full(SHAPE, -3.0, np.float32)}) == pytest.approx(-3.0, abs=0.5)
    assert held_together(parts, {}) == 0


def test_signs_of_a_bar(draw: Draw) -> None:
    bar = draw([(60, 20), (60, 100)])
    found = shape_signs(Region.from_mask(bar), foreground=bar.astype(np.float32), affinities={}, width=WIDTH)
    assert found.length == pytest.approx(89, abs=4)
    assert found.width == pytest.approx(WIDTH, abs=1.5)
    assert (found.beside, found.faint, found.cut) == (0, 0, 0)
