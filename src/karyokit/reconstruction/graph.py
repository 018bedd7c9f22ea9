"""Pairing the ports of all zones jointly: which arm continues which through every overlap zone.

Every way to pair the ports of a zone (pairs and ends) has a cost; zones that share arms are decided together by beam
search, so that no chromosome closes on itself or uses an arm more than twice. Source: spec 10.4, steps 4, 5 and 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from karyokit.reconstruction.arms import Pieces
from karyokit.reconstruction.costs import N_END, N_PAIR, WEIGHTS, Pairing, end_terms, pair_terms, strand_terms
from karyokit.reconstruction.grouping import Grouping, joined, root, with_alternatives
from karyokit.reconstruction.options import ReconstructionOptions
from karyokit.reconstruction.ports import Port, find_ports
from karyokit.reconstruction.stubs import absorb_stubs

CLOSED = 8.0
"""Cost of a chromosome that closes to a ring."""
RUNNERS_UP = 4
"""Next-best joint choices of connected zones among which a chromosome's alternative is sought."""
OVERUSED = 4.0
"""Cost of each port beyond the second by which an arm is continued."""


@dataclass(frozen=True)
class Option:
    """One way to pair the ports of a zone: the arms that it joins, and its cost."""

    zone: int
    links: tuple[tuple[int, int], ...]
    cost: float


@dataclass(frozen=True)
class State:
    """A joint choice for the zones decided so far."""

    cost: float
    chosen: tuple[Option, ...] = ()


def assign_ports(pieces: Pieces, options: ReconstructionOptions) -> Grouping:
    """Join arms by the cheapest joint pairing of ports; the margin of a zone is p(best) - p(second best).

    Groups keep the cheapest joint choice that would have made other chromosomes of them.
    """
    ports = find_ports(pieces)
    choices = {zone: zone_options(members, pieces, zone in pieces.faint, options) for zone, members in ports.items()}
    best: dict[int, Option] = {}
    margins: dict[int, float] = {}
    rivals: list[tuple[float, dict[int, Option]]] = []
    for zones in _coupled(pieces):
        first, *others = _beam([choices[zone] for zone in zones], options.beam)
        best |= {option.zone: option for option in first.chosen}
        for option in first.chosen:
            margins[option.zone] = next((_margin(first, state) for state in others if option not in state.chosen), 1.0)
        rivals += [(_margin(first, state), {option.zone: option for option in state.chosen}) for state in others[:RUNNERS_UP]]

    def grouped(chosen: dict[int, Option]) -> Grouping:
        links = [(one, two, zone, margins[zone]) for zone, option in chosen.items() for one, two in option.links]
        return absorb_stubs(pieces, joined(pieces, links, "port-assignment", margins), ports, options)

    rivals.sort(key=lambda rival: rival[0])
    return with_alternatives(grouped(best), ((margin, grouped(best | chosen)) for margin, chosen in rivals))


def _margin(best: State, other: State) -> float:
    """p(best) - p(other) of two joint choices, 0 for a toss-up."""
    return float(np.tanh((other.cost - best.cost) / 2))


def zone_options(ports: list[Port], pieces: Pieces, faint: bool, options: ReconstructionOptions) -> list[Option]:
    """The ways to pair the ports of one zone, cheapest first, at most ``options.beam`` of them."""
    if not ports:
        return []
    pairs, ends = zone_terms(ports, pieces, faint)
    pair_costs, end_costs = pairs @ WEIGHTS[:N_PAIR], ends @ WEIGHTS[N_PAIR : N_PAIR + N_END]
    pairings = involutions(len(ports)) if len(ports) <= options.max_ports else _greedy(pair_costs, end_costs)
    found = []
    for pairing in pairings:
        used = {port for pair in pairing for port in pair}
        cost = sum(pair_costs[i, j] for i, j in pairing) + sum(end_costs[i] for i in range(len(ports)) if i not in used)
        cost += strand_terms(pairing, ports, faint) @ WEIGHTS[N_PAIR + N_END :]
        found.append(Option(ports[0].zone, tuple((ports[i].arm, ports[j].arm) for i, j in pairing), float(cost)))
    return sorted(found, key=lambda option: option.cost)[: options.beam]


def zone_terms(ports: list[Port], pieces: Pieces, faint: bool) -> tuple[np.ndarray, np.ndarray]:
    """(k, k, pair terms) and (k, end terms) of the k ports of a zone."""
    pairs = np.array([[pair_terms(one, two, pieces, faint) for two in ports] for one in ports])
    return pairs, np.array([end_terms(port, pieces) for port in ports])


def involutions(count: int) -> Iterator[Pairing]:
    """All ways to pair up some of ``count`` things: 1, 2, 4, 10, 26, 76, 232, 764 for 1 to 8.

    >>> list(involutions(3))
    [(), ((1, 2),), ((0, 1),), ((0, 2),)]
    """

    def choose(left: tuple[int, ...]) -> Iterator[Pairing]:
        if not left:
            yield ()
            return
        head, rest = left[0], left[1:]
        yield from choose(rest)
        for other in rest:
            for more in choose(tuple(i for i in rest if i != other)):
                yield ((head, other), *more)

    return choose(tuple(range(count)))


def _greedy(pair_costs: np.ndarray, end_costs: np.ndarray) -> list[Pairing]:
    """No pairs, then one more pair at a time, the most worthwhile first."""
    gain = pair_costs - end_costs[:, None] - end_costs[None, :]
    rows, columns = np.triu_indices(len(end_costs), 1)
    pairing: Pairing = ()
    found = [pairing]
    for index in np.argsort(gain[rows, columns]):
        i, j = int(rows[index]), int(columns[index])
        if all(i not in pair and j not in pair for pair in pairing):
            pairing = (*pairing, (i, j))
            found.append(pairing)
    return found


def _coupled(pieces: Pieces) -> list[list[int]]:
    """Zones that share arms, group by group, each zone after a neighbour where there is one."""
    zones_of: defaultdict[int, list[int]] = defaultdict(list)
    for zone, arms in pieces.touch.items():
        for arm in arms:
            zones_of[arm].append(zone)
    seen: set[int] = set()
    groups = []
    for start in pieces.touch:
        if start in seen:
            continue
        queue = [start]
        seen.add(start)
        for zone in queue:
            fresh = [other for arm in pieces.touch[zone] for other in zones_of[arm] if other not in seen]
            fresh = list(dict.fromkeys(fresh))
            seen.update(fresh)
            queue += fresh
        groups.append(queue)
    return groups


def _beam(choices: list[list[Option]], width: int) -> list[State]:
    """Joint choices for the zones in turn, cheapest first."""
    states = [State(0.0)]
    for options in choices:
        grown = [State(s.cost + o.cost + conflict(s.chosen, o), (*s.chosen, o)) for s in states for o in options]
        states = sorted(grown, key=lambda state: state.cost)[: max(width, len(options))]
    return states


def conflict(chosen: tuple[Option, ...], option: Option) -> float:
    """Cost of the rings and overused arms that an option adds to what was chosen before."""
    uses: defaultdict[int, int] = defaultdict(int)
    arms = sorted({arm for o in (*chosen, option) for link in o.links for arm in link})
    place = {arm: index for index, arm in enumerate(arms)}
    parent = list(range(len(arms)))
    cost = 0.0
    for number, o in enumerate((*chosen, option)):
        new = number == len(chosen)
        for one, two in o.links:
            a, b = root(parent, place[one]), root(parent, place[two])
            cost += CLOSED * (new and a == b and one != two)
            parent[b] = a
            for arm in (one, two):
                uses[arm] += 1
                cost += OVERUSED * (new and uses[arm] > 2)
    return cost
