from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from karyokit.chromosomes import stack_masks
from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.arms import cut_into_pieces
from karyokit.reconstruction.costs import N_END, N_PAIR, SLIVER, TERMS, WEIGHTS, strand_terms
from karyokit.reconstruction.graph import CLOSED, OVERUSED, Option, conflict, involutions, zone_options
from karyokit.reconstruction.grouping import Group, with_alternatives
from karyokit.reconstruction.ports import Port, find_ports


@pytest.mark.parametrize(("ports", "ways"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 10), (6, 76), (8, 764)])
def test_number_of_ways_to_pair(ports: int, ways: int) -> None:
    found = list(involutions(ports))
    assert len(found) == ways == len(set(found))


def ports_at(*centres: tuple[float, float], size: float = 3.0) -> list[Port]:
    """Ports of arms 1, 2, ... of one zone, alike but for their places."""
    ahead = np.array([0.0, 1.0])
    return [Port(n, 1, np.array(centre), ahead, 9.0, 1.0, size, 1.0) for n, centre in enumerate(centres, start=1)]


def test_every_term_has_a_weight() -> None:
    assert len(TERMS) == WEIGHTS.size == N_PAIR + N_END + strand_terms((), ports_at((0, 5), (5, 10)), faint=False).size


def test_strand_terms_by_hand() -> None:
    square = ports_at((0, 5), (5, 10), (10, 5), (5, 0))
    assert strand_terms(((0, 2), (1, 3)), square, faint=False).tolist() == [0, 0, 0, 0, 0, 0, 0]
    assert strand_terms(((0, 1), (2, 3)), square, faint=False).tolist() == [0, 0, 0, 0, 1, 0, 0]
    assert strand_terms((), square, faint=False).tolist() == [0, 0, 0, 1, 0, 0, 2]
    assert strand_terms(((0, 1),), square[:2], faint=True).tolist() == [1, 1, 0, 0, 0, 1, 0]


def test_slivers_are_no_bodies() -> None:
    ports = [*ports_at((0, 5), (5, 10)), *ports_at((10, 5), (5, 0), size=0.5 * SLIVER)]
    assert strand_terms(((0, 1),), ports, faint=False).tolist() == [0, 0, 1, 0, 0, 1, 0]


def test_the_alternative_is_the_next_best_way_through_the_zone(scenes: dict) -> None:
    scene = scenes["slanted X"]
    found = reconstruct(scene.foreground, scene.overlap)
    other = found[0].separation.alternative
    assert other is not None
    assert found[1].separation.alternative is not None
    assert 1 in other.replaces
    assert other.margin >= found[0].separation.margin > 0
    taken = [one.region for number, one in enumerate(found, start=1) if number in other.replaces]
    before, after = (stack_masks(regions, scene.foreground.shape) for regions in (taken, other.regions))
    assert np.array_equal(before.any(axis=0), after.any(axis=0))
    assert {region.bbox for region in taken}.isdisjoint(region.bbox for region in other.regions)


def test_without_a_choice_there_is_no_alternative(scenes: dict, draw: Callable[..., np.ndarray]) -> None:
    bar = draw([(60, 10), (60, 110)])
    (found,) = reconstruct(bar, np.zeros_like(bar))
    assert found.separation.alternative is None
    scene = scenes["X"]
    assert all(one.separation.alternative is None for one in reconstruct(scene.foreground, scene.overlap, mode="legacy"))


def test_an_alternative_replaces_only_what_it_changes() -> None:
    groups = tuple(Group((arm,), (1,), 1.0, "rule") for arm in (1, 2, 3))
    merged = (Group((1, 2), (1,), 1.0, "rule"), groups[2])
    found = with_alternatives(groups, [(0.2, groups), (0.5, merged)])
    assert [group.rival and group.rival.replaces for group in found] == [((1,), (2,)), ((1,), (2,)), None]
    rival = found[0].rival
    assert rival is not None
    assert rival.groups == (merged[0],)
    assert rival.margin == 0.5


def test_straight_pairs_are_cheapest_in_a_crossing(scenes: dict) -> None:
    scene = scenes["X"]
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=ReconstructionOptions())
    ports = find_ports(pieces)[1]
    best, *rest = zone_options(ports, pieces, faint=False, options=ReconstructionOptions())
    tangent = {port.arm: port.tangent for port in ports}
    assert len(best.links) == 2
    assert all(tangent[one] @ tangent[two] < -0.99 for one, two in best.links)
    assert rest[0].cost > best.cost + 2


def test_rings_and_overused_arms_cost() -> None:
    chosen = (Option(1, ((1, 2),), 0.0),)
    assert conflict(chosen, Option(2, ((1, 2),), 0.0)) == CLOSED
    assert conflict(chosen, Option(2, ((2, 3),), 0.0)) == 0
    twice = (*chosen, Option(2, ((2, 3),), 0.0))
    assert conflict(twice, Option(3, ((2, 4),), 0.0)) == OVERUSED


def test_a_star_of_more_arms_than_are_paired_exhaustively(scenes: dict) -> None:
    scene = scenes["star"]
    options = ReconstructionOptions(max_ports=4)
    assert len(reconstruct(scene.foreground, scene.overlap, options=options)) == 3
