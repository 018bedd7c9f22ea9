"""What it costs to join two ports of a zone, or to let a chromosome end there.

A way to pair the ports of a zone has the sum of its terms, weighted by ``WEIGHTS``; the weights make
``exp(-cost)`` its relative probability. They were fitted by maximum likelihood on the true zones of the M-FISH training
cells (``benchmarks/fit_pair_costs.py``). Source of the terms: spec 10.4, step 3.
"""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.arms import Pieces
from karyokit.reconstruction.ports import Port

Pairing = tuple[tuple[int, int], ...]
"""Which ports of a zone continue one another; the others end there."""

TERMS = (
    "pair",
    "turn",
    "swerve",
    "width",
    "close",
    "outside",
    "faint pair",
    "long",
    "affinity",
    "end",
    "deep end",
    "faces arm",
    "small end",
    "one strand",
    "faint one strand",
    "three strands",
    "more strands",
    "side by side",
)
"""Names of the terms, in the order of the weights."""

N_PAIR, N_END = 9, 4


def pair_terms(one: Port, two: Port, pieces: Pieces, faint: bool) -> np.ndarray:
    """(9,) terms of joining two ports: bends of the curve between them, widths, gap, share outside the zone, affinity."""
    chord = two.centre - one.centre
    length = float(np.hypot(*chord))
    first, second = _angle(one.tangent, chord), _angle(chord, -two.tangent)
    turn = _angle(one.tangent, -two.tangent)
    straightness = min(length / (0.5 * pieces.width), 1.0)
    trust = min(one.trust, two.trust)
    swerve = 0.5 * ((1 - np.cos(first)) + (1 - np.cos(second)))
    outside = _share_outside(one, two, pieces)
    return np.array(
        [
            1.0,
            (1 - np.cos(turn)) * trust,
            swerve * straightness,
            abs(np.log(one.width / two.width)),
            max(1.0 - length / pieces.width, 0.0),
            outside,
            float(faint),
            min(max(one.size + two.size - 5.0, 0.0) / 3.0, 3.0),
            -pieces.evidence.mean(one.arm, two.arm),
        ]
    )


def end_terms(port: Port, others: list[Port], pieces: Pieces) -> np.ndarray:
    """(4,) terms of a chromosome that ends in the zone: how deep the zone is ahead, and whether an arm lies ahead."""
    ahead = [other for other in others if other is not port and other.arm != port.arm and _faces(port, other)]
    depth = min(_depth_ahead(port, pieces) / pieces.width, 3.0)
    return np.array([1.0, depth, float(bool(ahead)), -np.log(np.clip(port.size, 0.05, 3.0) / 3.0)])


def strand_terms(pairing: Pairing, centres: np.ndarray, faint: bool) -> np.ndarray:
    """(5,) terms of the strands that run through or end in a zone; ``centres`` (k, 2) of its ports.

    Chromosomes that cross interleave round the zone; pairs that do not interleave lie side by side.
    """
    strands = len(centres) - len(pairing)
    beside = sum(not _interleave(one, two, centres) for number, one in enumerate(pairing) for two in pairing[:number])
    return np.array([strands == 1, strands == 1 and faint, strands == 3, max(strands - 3, 0), beside], float)


def _interleave(one: tuple[int, int], two: tuple[int, int], centres: np.ndarray) -> bool:
    """Whether two pairs of ports cross, in their order round the middle of all four."""
    four = centres[[*one, *two]]
    angles = np.arctan2(*(four - four.mean(axis=0)).T)
    order = np.argsort(angles, kind="stable")
    return bool((order[0] < 2) == (order[2] < 2))


def _faces(port: Port, other: Port) -> bool:
    """Whether another port lies straight ahead and looks back."""
    chord = other.centre - port.centre
    return abs(_angle(port.tangent, chord)) < np.pi / 6 and abs(_angle(port.tangent, -other.tangent)) < np.pi / 4


def _angle(one: np.ndarray, two: np.ndarray) -> float:
    """Signed angle in radians from one direction to another."""
    return float(np.arctan2(one[0] * two[1] - one[1] * two[0], one @ two))


def _share_outside(one: Port, two: Port, pieces: Pieces) -> float:
    """Share of the straight line between two ports that leaves the zone and the two arms."""
    points = np.rint(np.linspace(one.centre, two.centre, 15)).astype(int)
    rows, columns = points[:, 0], points[:, 1]
    arms, zones = pieces.arms[rows, columns], pieces.zones[rows, columns]
    inside = (zones == one.zone) | (arms == one.arm) | (arms == two.arm)
    return float(1 - inside.mean())


def _depth_ahead(port: Port, pieces: Pieces) -> float:
    """Pixels a straight continuation of the port runs inside the zone."""
    distance = np.arange(0.0, 4 * pieces.width)
    points = np.rint(port.centre + distance[:, None] * port.tangent).astype(int)
    rows, columns = points.T
    inside = (rows >= 0) & (columns >= 0) & (rows < pieces.zones.shape[0]) & (columns < pieces.zones.shape[1])
    hits = distance[inside][pieces.zones[rows[inside], columns[inside]] == port.zone]
    return float(hits.max(initial=0.0))


WEIGHTS = np.array([-0.11, 1.32, 2.46, 1.06, 3.71, 1.96, 1.09, 0.45, 1.00, 0.21, 0.74, 0.38, 0.24, 1.39, 0.82, 1.23, 0.36, 2.65])
"""Weight of each of ``TERMS``."""
