from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.arms import cut_into_pieces
from karyokit.reconstruction.costs import N_END, N_PAIR, TERMS, WEIGHTS, strand_terms
from karyokit.reconstruction.graph import CLOSED, OVERUSED, Option, conflict, involutions, zone_options
from karyokit.reconstruction.ports import find_ports


@pytest.mark.parametrize(("ports", "ways"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 10), (6, 76), (8, 764)])
def test_number_of_ways_to_pair(ports: int, ways: int) -> None:
    found = list(involutions(ports))
    assert len(found) == ways == len(set(found))


def test_every_term_has_a_weight() -> None:
    assert len(TERMS) == WEIGHTS.size == N_PAIR + N_END + strand_terms((), np.zeros((3, 2)), faint=False).size


def test_strand_terms_by_hand() -> None:
    square = np.array([[0, 5], [5, 10], [10, 5], [5, 0]], float)
    assert strand_terms(((0, 2), (1, 3)), square, faint=False).tolist() == [0, 0, 0, 0, 0]
    assert strand_terms(((0, 1), (2, 3)), square, faint=False).tolist() == [0, 0, 0, 0, 1]
    assert strand_terms((), square, faint=False).tolist() == [0, 0, 0, 1, 0]
    assert strand_terms(((0, 1),), square[:2], faint=True).tolist() == [1, 1, 0, 0, 0]


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
