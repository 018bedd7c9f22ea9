"""Which arms make one chromosome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from karyokit.reconstruction.arms import Pieces

Link = tuple[int, int, int, float]
"""Two arms that continue one another, the zone they meet in, and the margin of that decision."""


@dataclass(frozen=True)
class Group:
    """Arms of one chromosome, the zones it runs through, the margin of the weakest decision and the rule that made it."""

    arms: tuple[int, ...]
    zones: tuple[int, ...]
    margin: float
    method: str
    rival: Rival | None = None


@dataclass(frozen=True)
class Rival:
    """The second-best decision: the groups (by their arms) that it replaces, those it makes instead, and its margin."""

    replaces: tuple[tuple[int, ...], ...]
    groups: tuple[Group, ...]
    margin: float


Grouping = tuple[Group, ...]


def joined(pieces: Pieces, links: Iterable[Link], method: str, margins: dict[int, float] | None = None) -> Grouping:
    """Groups of arms connected by links, in the order of their first arm.

    ``margins`` gives the margin of the decision at each zone, which bounds that of every chromosome there.
    """
    zones_of: defaultdict[int, set[int]] = defaultdict(set)
    for zone, arms in pieces.touch.items():
        for arm in arms:
            zones_of[arm].add(zone)
    parent = list(range(pieces.arm_count + 1))
    weakest: defaultdict[int, float] = defaultdict(lambda: 1.0)
    for one, two, _, margin in links:
        parent[root(parent, two)] = root(parent, one)
        weakest[one] = min(weakest[one], margin)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for arm in range(1, pieces.arm_count + 1):
        members[root(parent, arm)].append(arm)
    groups = []
    for group in members.values():
        zones = sorted(set().union(*(zones_of[arm] for arm in group)))
        margin = min([weakest[arm] for arm in group] + [(margins or {}).get(zone, 1.0) for zone in zones])
        groups.append(Group(tuple(group), tuple(zones), margin, method if zones else "isolated"))
    return tuple(groups)


def with_alternatives(grouping: Grouping, others: Iterable[tuple[float, Grouping]]) -> Grouping:
    """Each group with the first of the ``others``, given with their margins, that makes different groups of its arms."""
    own = {group.arms for group in grouping}
    rivals: dict[tuple[int, ...], Rival] = {}
    for margin, other in others:
        made = tuple(group for group in other if group.arms not in own)
        kept = {group.arms for group in other}
        gone = tuple(group.arms for group in grouping if group.arms not in kept)
        for arms in gone:
            rivals.setdefault(arms, Rival(gone, made, margin))
    return tuple(replace(group, rival=rivals.get(group.arms)) for group in grouping)


def root(parent: list[int], index: int) -> int:
    """Representative of ``index`` in a union-find forest given by its parents."""
    while parent[index] != index:
        index = parent[index]
    return index
