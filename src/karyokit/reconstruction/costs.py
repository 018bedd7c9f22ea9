"""What it costs to join two ports of a zone, or to let a chromosome end there.

A way to pair the ports of a zone has the sum of its terms, weighted by ``WEIGHTS``; the weights make
``exp(-cost)`` its relative probability. They were fitted by maximum likelihood on the true zones of the M-FISH training
cells (``benchmarks/fit_pair_costs.py``). Source of the terms: spec 10.4, step 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from karyokit.reconstruction.arms import Pieces
from karyokit.reconstruction.ports import Port

Pairing = tuple[tuple[int, int], ...]
"""Which ports of a zone continue one another; the others end there."""

PAIR_TERMS = (
    "pair",
    "turn",
    "swerve",
    "width",
    "close",
    "outside",
    "faint pair",
    "long",
    "affinity",
    "sliver",
    "offset",
    "thin contact",
    "turns back",
    "span",
)
END_TERMS = ("end", "deep end", "small end", "sliver end", "thin end", "odd width end")
STRAND_TERMS = ("one strand", "faint one strand", "three strands", "more strands", "side by side", "one body", "more bodies")
TERMS = PAIR_TERMS + END_TERMS + STRAND_TERMS
"""Names of the terms, in the order of the weights."""

N_PAIR, N_END = len(PAIR_TERMS), len(END_TERMS)
SLIVER = 0.2
"""Squared widths below which an arm is rather the ragged edge of a zone than part of a chromosome."""


def pair_terms(one: Port, two: Port, pieces: Pieces, faint: bool) -> np.ndarray:
    """(14,) terms of joining two ports: bends of the curve between them, widths, gap, share outside the zone, affinity."""
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
            float(min(one.size, two.size) < SLIVER),
            min(max(_offset(one, chord), _offset(two, chord)) / pieces.width, 3.0),
            float(np.exp(-3 * min(one.contact, two.contact))),
            max(float(one.tangent @ two.tangent), 0.0) * trust,
            min(length / pieces.width, 4.0) / 4,
        ]
    )


def _offset(port: Port, chord: np.ndarray) -> float:
    """Pixels by which the straight continuation of a port passes the other end of ``chord``."""
    return float(abs(port.tangent[0] * chord[1] - port.tangent[1] * chord[0]))


def end_terms(port: Port, pieces: Pieces) -> np.ndarray:
    """(6,) terms of a chromosome that ends in the zone: how deep the zone is ahead, how small, wide and close the arm is."""
    depth = min(_depth_ahead(port, pieces) / pieces.width, 3.0)
    small = -np.log(np.clip(port.size, 0.05, 3.0) / 3.0)
    thin, odd = np.exp(-3 * port.contact), abs(np.log(port.width / pieces.width))
    return np.array([1.0, depth, small, float(port.size < SLIVER), thin, odd])


def strand_terms(pairing: Pairing, ports: Sequence[Port], faint: bool) -> np.ndarray:
    """(7,) terms of the strands that run through or end in a zone, and of those of them that are more than slivers.

    Chromosomes that cross interleave round the zone; pairs that do not interleave lie side by side.
    """
    strands = len(ports) - len(pairing)
    paired = {index for pair in pairing for index in pair}
    bodies = strands - sum(port.size < SLIVER for index, port in enumerate(ports) if index not in paired)
    centres = np.array([port.centre for port in ports])
    beside = sum(not _interleave(one, two, centres) for number, one in enumerate(pairing) for two in pairing[:number])
    counts = [strands == 1, strands == 1 and faint, strands == 3, max(strands - 3, 0), beside, bodies <= 1, max(bodies - 2, 0)]
    return np.array(counts, float)


def _interleave(one: tuple[int, int], two: tuple[int, int], centres: np.ndarray) -> bool:
    """Whether two pairs of ports cross, in their order round the middle of all four."""
    four = centres[[*one, *two]]
    angles = np.arctan2(*(four - four.mean(axis=0)).T)
    order = np.argsort(angles, kind="stable")
    return bool((order[0] < 2) == (order[2] < 2))


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


WEIGHTS = np.array(
    [
        *(-0.27, 0.67, 0.58, 0.74, 0.24, 0.23, 0.36, 0.58, 1.02, 0.60, 0.13, 1.02, -0.50, -1.59),
        *(0.54, 0.32, -0.47, -0.60, -0.89, -0.47),
        *(0.35, 0.27, 0.44, -0.22, 1.95, 0.46, 1.32),
    ]
)
"""Weight of each of ``TERMS``."""
