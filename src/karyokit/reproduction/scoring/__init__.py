"""What scoring a finished run gives: figures by metric, and pictures of good and bad cases.

Each kind of system has a module here with a function ``score(run: FinishedRun, metrics: Collection[str]) -> Scored``. It computes
at least the metrics asked for; figures are in the metrics' own unit (shares in 0..1, pixels), not times 100.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from karyokit.checks import lookup

if TYPE_CHECKING:
    from karyokit.training.recipe import Recipe

SCORING: dict[str, str] = {
    "pairs": "karyokit.reproduction.scoring.pairs",
    "clusters": "karyokit.reproduction.scoring.clusters",
    "instances": "karyokit.reproduction.scoring.instances",
}


@dataclass(frozen=True)
class FinishedRun:
    """A trained run: its recipe and folder, the folder of the data sets, and the device to score on."""

    recipe: Recipe
    folder: Path
    data: Path
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class Case:
    """One picture for the page: ``group`` (crossing, tiny ...), ``rank`` (best, median, worst), figures in words, and panels.

    A panel is a caption and a (rows, columns, 3) uint8 picture; all panels of a case have one size.
    """

    group: str
    rank: str
    figures: str
    panels: tuple[tuple[str, np.ndarray], ...]


@dataclass(frozen=True, eq=False)
class Scored:
    """``figures`` by metric and the ``cases`` to look at."""

    figures: Mapping[str, float]
    cases: tuple[Case, ...] = ()


Score = Callable[[FinishedRun, Collection[str]], Scored]


def score_of(kind: str) -> Score:
    """The scoring function of a kind of system."""
    found: Score = import_module(lookup(SCORING, kind, "kind")).score
    return found


def ranked(values: np.ndarray) -> list[tuple[str, int]]:
    """Positions of the best, the median and the worst of (n,) values, NaN left out; fewer where there are fewer.

    >>> ranked(np.array([0.2, 0.9, 0.5]))
    [('best', 1), ('median', 2), ('worst', 0)]
    """
    order = [int(place) for place in np.argsort(-values, kind="stable") if not np.isnan(values[place])]
    if not order:
        return []
    places = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    return [(rank, place) for number, (rank, place) in enumerate(places.items()) if place not in list(places.values())[:number]]
