"""Chromosomes drawn as thick curves, with exact masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

SHAPE = (120, 120)
Curve = list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Scene:
    """(n, rows, columns) masks of drawn chromosomes, and the maps that follow from them."""

    masks: np.ndarray

    @property
    def foreground(self) -> np.ndarray:
        return self.masks.any(axis=0)

    @property
    def overlap(self) -> np.ndarray:
        return self.masks.sum(axis=0) > 1


def stroke(curve: Curve, width: float = 9.0) -> np.ndarray:
    """Pixels within half a width of a polyline of (row, column) points."""
    rows, columns = np.indices(SHAPE)
    distance = np.full(SHAPE, np.inf)
    for (r0, c0), (r1, c1) in pairwise(curve):
        dr, dc = r1 - r0, c1 - c0
        along = np.clip(((rows - r0) * dr + (columns - c0) * dc) / max(dr * dr + dc * dc, 1e-9), 0, 1)
        distance = np.minimum(distance, np.hypot(rows - r0 - along * dr, columns - c0 - along * dc))
    return distance <= width / 2


def arc(centre: tuple[float, float], radius: float, start: float, stop: float) -> Curve:
    """Points of a circular arc, angles in degrees from the column axis towards growing rows."""
    angles = np.deg2rad(np.linspace(start, stop, 40))
    return [(centre[0] + radius * float(np.sin(a)), centre[1] + radius * float(np.cos(a))) for a in angles]


CURVES: dict[str, list[Curve]] = {
    "X": [[(60, 15), (60, 105)], [(15, 60), (105, 60)]],
    "slanted X": [[(30, 15), (85, 105)], [(90, 20), (25, 95)]],
    "T": [[(40, 15), (40, 105)], [(42, 60), (100, 60)]],
    "L": [[(30, 30), (30, 90)], [(30, 30), (95, 30)]],
    "Y": [[(12, 44), (62, 58), (108, 62)], [(20, 105), (60, 60)]],
    "double X": [[(60, 10), (60, 110)], [(15, 49), (105, 49)], [(15, 70), (105, 70)]],
    "star": [[(60, 12), (60, 108)], [(18, 36), (102, 84)], [(18, 84), (102, 36)]],
    "curved": [arc((100, 60), 40, 190, 350), arc((60, 100), 40, 110, 250)],
    "offset star": [[(60, 12), (60, 108)], [(18, 40), (102, 76)], [(15, 78), (100, 44)]],
    "hooked": [[(60, 10), (60, 50), (75, 75), (105, 85)], [(20, 85), (45, 60), (75, 45), (105, 20)]],
    "comb": [[(40, 10), (40, 110)], [(40, 30), (100, 30)], [(42, 60), (100, 62)], [(15, 88), (100, 88)]],
    "self-loop": [[(15, 45), (60, 62), (85, 80), (95, 60), (85, 40), (60, 58), (15, 75)], [(5, 110), (110, 110)]],
}
"""Centre lines of the drawn scenes."""


@pytest.fixture(scope="session")
def scenes() -> dict[str, Scene]:
    """The drawn scenes by name."""
    return {name: Scene(np.stack([stroke(curve) for curve in curves])) for name, curves in CURVES.items()}


@pytest.fixture(scope="session")
def draw() -> Callable[..., np.ndarray]:
    """The function that draws one thick curve."""
    return stroke


@pytest.fixture(scope="session")
def worst_iou() -> Callable[[np.ndarray, np.ndarray], float]:
    """The function that gives the lowest IoU of the best one-to-one matching, 0 where the numbers differ."""

    def measure(truth: np.ndarray, found: np.ndarray) -> float:
        if len(truth) != len(found):
            return 0.0
        ious = np.array([[np.count_nonzero(t & f) / np.count_nonzero(t | f) for f in found] for t in truth])
        rows, columns = linear_sum_assignment(-ious)
        return float(ious[rows, columns].min())

    return measure
