"""Which chromosomes are separated rightly: by size and by how they meet others; and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from karyokit.chromosomes import Cell
from karyokit.data.gband_boxes import as_annotated
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.reliability import right_pairs
from karyokit.metrics.bootstrap import Interval, bootstrap_interval, ratio_of_sums
from karyokit.regions import contacts_of, within

Fault = Literal["joined", "piece", "outline", "nothing"]

SIZES: dict[str, tuple[int, ...]] = {
    "groups_A_B": (1, 2, 3, 4, 5),
    "group_C_X": (6, 7, 8, 9, 10, 11, 12, 23),
    "groups_D_E": (13, 14, 15, 16, 17, 18),
    "groups_F_G_Y": (19, 20, 21, 22, 24),
}
"""Classes from large to small; a chromosome without a class counts in none."""
MEETINGS = ("alone", "touching", "crossing_one", "crossing_several", "box_apart", "box_meets_others")
"""How a true chromosome meets others: seen in masks, or, where there are none, in boxes."""
BOX_MEETS = 0.05
"""Share of a box that another one covers from which they meet."""
COVERED, INSIDE = 0.6, 0.6
"""Share of a true chromosome that an object covers to hold it, and of an object that lies in a true one to be a piece of it."""


@dataclass(frozen=True, eq=False)
class Matching:
    """A cell held against its truth: ``found`` (true,) bool, which true chromosomes are rightly separated; ``faults``: what is
    wrong with the other objects, by their index."""

    found: np.ndarray
    faults: dict[int, Fault]


def held_against(truth: AnnotatedCell, cell: Cell) -> Matching:
    """Match one to one as ``right_objects`` does, and say what is wrong with the rest."""
    found = np.zeros(len(truth.boxes), bool)
    if not cell.chromosomes:
        return Matching(found, {})
    rows, columns = right_pairs(truth, cell)
    found[rows] = True
    covered, inside = _shares(truth, cell)
    wrong = sorted(set(range(len(cell.chromosomes))) - set(columns.tolist()))
    return Matching(found, {index: _fault(covered[:, index], inside[:, index]) for index in wrong})


def breakdown_figures(pairs: Sequence[tuple[AnnotatedCell, Cell]], rng: np.random.Generator) -> dict[str, Interval]:
    """Share of true chromosomes rightly separated, by size (classes) and by meeting, with intervals over cells; empty kinds left out."""
    columns: dict[str, list[tuple[float, float]]] = {f"right_{name}": [] for name in (*SIZES, *MEETINGS)}
    for truth, cell in pairs:
        found, meetings = held_against(truth, cell).found, _meetings(truth)
        kinds = {name: np.isin(truth.categories, classes) for name, classes in SIZES.items()}
        kinds |= {name: np.array([met == name for met in meetings], bool) for name in MEETINGS}
        for name, own in kinds.items():
            columns[f"right_{name}"].append((float(found[own].sum()), float(own.sum())))
    return {name: bootstrap_interval(rows, ratio_of_sums, rng=rng) for name, rows in columns.items() if sum(total for _, total in rows) > 0}


def _fault(covered: np.ndarray, inside: np.ndarray) -> Fault:
    """What is wrong with an object that covers these shares of the true chromosomes, and of which these shares lie in them."""
    if (covered >= COVERED).sum() >= 2:
        return "joined"
    if inside.max(initial=0.0) < 1 - INSIDE:
        return "nothing"
    best = int(inside.argmax())
    return "piece" if inside[best] >= INSIDE and covered[best] < COVERED else "outline"


def _shares(truth: AnnotatedCell, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """(true, found) shares of the true chromosomes' area and of the objects' area that both have, in pixels or, without masks, boxes."""
    regions = [one.region for one in cell.chromosomes]
    if truth.regions:
        both = np.array([[within(region, true)[region.crop].sum() for region in regions] for true in truth.regions], float)
        areas = np.array([true.area for true in truth.regions], float), np.array([region.area for region in regions], float)
    else:
        found = as_annotated(np.array([region.bbox for region in regions], float), truth.boxes)
        both = _shared_boxes(truth.boxes, found)
        areas = truth.boxes[:, 2] * truth.boxes[:, 3], found[:, 2] * found[:, 3]
    return both / np.maximum(areas[0][:, None], 1), both / np.maximum(areas[1][None], 1)


def _shared_boxes(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """(n, m) area shared by boxes in COCO's order."""
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, :2] + one[:, None, 2:], two[None, :, :2] + two[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2))


def _meetings(truth: AnnotatedCell) -> list[str]:
    """The name among ``MEETINGS`` of each true chromosome."""
    if truth.regions:
        return [_meeting_of([kind for _, kind in met]) for met in contacts_of(truth.regions)]
    boxes = np.asarray(truth.boxes, float)
    shared = _shared_boxes(boxes, boxes) * (1 - np.eye(len(boxes)))
    meets = shared.max(axis=1, initial=0.0) > BOX_MEETS * boxes[:, 2] * boxes[:, 3]
    return ["box_meets_others" if one else "box_apart" for one in meets]


def _meeting_of(kinds: Sequence[str]) -> str:
    crossings = sum(kind == "crossing" for kind in kinds)
    if crossings:
        return "crossing_one" if crossings == 1 else "crossing_several"
    return "touching" if kinds else "alone"
