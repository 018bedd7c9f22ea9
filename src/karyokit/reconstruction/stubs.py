"""Arms too small to be a chromosome join the chromosome they fit best."""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.arms import Pieces
from karyokit.reconstruction.costs import WEIGHTS, pair_terms
from karyokit.reconstruction.grouping import Group, Grouping
from karyokit.reconstruction.options import ReconstructionOptions
from karyokit.reconstruction.ports import Port


def absorb_stubs(pieces: Pieces, grouping: Grouping, ports: dict[int, list[Port]], options: ReconstructionOptions) -> Grouping:
    """Groups of one arm below ``options.min_arm`` that touch a zone join the group whose port continues theirs best."""
    sizes = pieces.arm_sizes
    stubs = {g.arms[0] for g in grouping if len(g.arms) == 1 and g.zones and sizes[g.arms[0]] < options.min_arm * pieces.width**2}
    homes = {arm: home for arm in sorted(stubs) if (home := _home(arm, stubs, ports, pieces))}
    if not homes:
        return grouping
    absorbed = [group for group in grouping if group.arms[0] in homes]
    return tuple(_enlarged(group, homes, absorbed) for group in grouping if group.arms[0] not in homes)


def _home(stub: int, stubs: set[int], ports: dict[int, list[Port]], pieces: Pieces) -> int:
    """The arm whose port continues the stub at least cost, 0 where there is none."""
    best, home = np.inf, 0
    for members in ports.values():
        for port in (p for p in members if p.arm == stub):
            for other in (p for p in members if p.arm not in stubs):
                terms = pair_terms(port, other, pieces, False)
                cost = float(terms @ WEIGHTS[: terms.size])
                if cost < best:
                    best, home = cost, other.arm
    return home


def _enlarged(group: Group, homes: dict[int, int], absorbed: list[Group]) -> Group:
    added = [g for g in absorbed if homes[g.arms[0]] in group.arms]
    arms = group.arms + tuple(g.arms[0] for g in added)
    zones = tuple(sorted(set(group.zones).union(*(g.zones for g in added))))
    return Group(arms, zones, group.margin, group.method)
