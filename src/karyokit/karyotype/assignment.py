"""Give every chromosome of a cell a class, knowing that a cell normally has two of each autosome and XX or XY.

A minimum-cost assignment of objects to numbered places of the classes. An object in class c costs ``-log p(c)``; a
place beyond the expected copies costs ``extra_penalty``, an expected place left empty ``missing_penalty``. Every class
has a place for every object, so no abnormal cell is forbidden: the penalties only decide what weak evidence is worth.
The expectation itself is chosen among sex complements and ploidy levels by the same total cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES

CLASSES = len(CLASS_NAMES)


@dataclass(frozen=True, eq=False)
class Assignment:
    """Classes of the n chromosomes of a cell.

    ``categories`` (n,) int in 1..24; ``probabilities`` (n,) the classifier's probability of the class given;
    ``margins`` (n,) how much dearer the whole cell would be if this object had another class (0: a toss-up);
    ``notes`` say which counts differ from a normal cell and which objects (numbered from 1) the constraint moved.
    """

    categories: np.ndarray
    probabilities: np.ndarray
    margins: np.ndarray
    notes: tuple[str, ...]


def assign_classes(
    probabilities: np.ndarray,
    *,
    extra_penalty: float = 2.5,
    missing_penalty: float = 2.5,
    floor: float = 1e-4,
) -> Assignment:
    """Assign classes 1..24 to n objects from their class probabilities (n, 24).

    A pair of errors (one class a copy too many, another one too few) costs ``extra_penalty + missing_penalty``. The
    defaults, 5 together, ask for odds of about 150 to 1 before a cell of 46 is called abnormal, which suits a
    classifier right in about 95 % of chromosomes; raise them for a worse one, set both to 0 to take each object's
    most probable class. A cell of 47 has an extra copy somewhere whatever is done, so there the evidence alone
    decides which. ``floor`` bounds the weight of a single overconfident probability. An empty cell gives an empty
    assignment. Raises ``ValueError`` for a wrong shape, numbers outside 0..1, rows without any probability, and
    negative penalties.
    """
    given = _checked(probabilities, extra_penalty, missing_penalty, floor)
    if len(given) == 0:
        return Assignment(np.zeros(0, int), np.zeros(0), np.zeros(0), ())
    costs = -np.log(np.maximum(given / given.sum(axis=1, keepdims=True), floor))
    penalties = extra_penalty, missing_penalty
    solutions = [(*_solve(costs, _place_costs(copies, len(costs), *penalties)), copies) for copies in _expectations(len(costs))]
    _, chosen, copies = min(solutions, key=lambda solution: solution[0])
    margins = _margins(costs, chosen, _place_costs(copies, len(costs), *penalties)[1])
    notes = (*_count_notes(chosen, copies), *_moved_notes(given, chosen))
    return Assignment(chosen + 1, given[np.arange(len(given)), chosen], margins, notes)


def _checked(probabilities: np.ndarray, extra: float, missing: float, floor: float) -> np.ndarray:
    """The probabilities as float64, or an error that says what is wrong."""
    given = np.asarray(probabilities, float)
    if given.ndim != 2 or given.shape[1] != CLASSES:
        raise ValueError(problem("probabilities", f"have shape (n, {CLASSES})", given.shape, "Pass one row per chromosome."))
    if not (np.isfinite(given).all() and (given >= 0).all() and (given <= 1 + 1e-6).all()):
        raise ValueError(problem("probabilities", "lie in 0..1", "other values", "Apply softmax to the classifier's output."))
    if len(given) and not (given.sum(axis=1) > 0).all():
        raise ValueError(problem("probabilities", "have a positive sum in each row", "a row of zeros", "Leave that object out."))
    if not (extra >= 0 and missing >= 0):
        raise ValueError(problem("extra_penalty and missing_penalty", "be at least 0", (extra, missing), "Pass 0 for no constraint."))
    if not 0 < floor < 1:
        raise ValueError(problem("floor", "lie between 0 and 1", floor, "Keep the default of 1e-4."))
    return given


def _expectations(count: int) -> Iterator[np.ndarray]:
    """Expected copies (24,) of every sex complement at ploidy 2 and at the level nearest to ``count`` chromosomes."""
    for ploidy in sorted({2, max(2, round(count / 23))}):
        for males in range(ploidy // 2 + 1):
            copies = np.full(CLASSES, ploidy)
            copies[22:] = ploidy - males, males
            yield copies


def _place_costs(copies: np.ndarray, count: int, extra: float, missing: float) -> tuple[float, np.ndarray]:
    """Cost of an empty cell, and cost (24, count) of filling each class's next place; it never falls along a row."""
    expected = np.arange(count)[None, :] < copies[:, None]
    return float(copies.sum() * missing), np.where(expected, -missing, extra)


def _solve(costs: np.ndarray, places: tuple[float, np.ndarray]) -> tuple[float, np.ndarray]:
    """Total cost and class index (n,) of the cheapest assignment."""
    empty, fill = places
    per_place = (costs[:, :, None] + fill[None]).reshape(len(costs), -1)
    rows, columns = linear_sum_assignment(per_place)
    return empty + float(per_place[rows, columns].sum()), columns // fill.shape[1]


def _margins(costs: np.ndarray, chosen: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """(n,) least extra cost of any assignment in which the object has another class, the expectation unchanged.

    Cheapest chains of moves between classes: an object's move is an edge, a class growing or shrinking by one is an
    edge to or from a 25th node; shortest paths by Floyd-Warshall. The optimum has no negative cycle.
    """
    count, own = len(costs), costs[np.arange(len(costs)), chosen]
    change = costs - own[:, None]
    step = np.full((CLASSES + 1, CLASSES + 1), np.inf)
    filled = np.bincount(chosen, minlength=CLASSES)
    for klass in np.flatnonzero(filled):
        step[klass, :CLASSES] = change[chosen == klass].min(axis=0)
        step[CLASSES, klass] = -fill[klass, filled[klass] - 1]
    room = filled < count
    step[:CLASSES, CLASSES][room] = fill[np.flatnonzero(room), filled[room]]
    np.fill_diagonal(step, 0.0)
    for middle in range(CLASSES + 1):
        step = np.minimum(step, step[:, middle, None] + step[None, middle, :])
    forced = change + step[:CLASSES, chosen].T
    forced[np.arange(count), chosen] = np.inf
    return np.maximum(forced.min(axis=1), 0.0)


def _count_notes(chosen: np.ndarray, copies: np.ndarray) -> list[str]:
    """One note per class whose count differs from the expectation chosen."""
    difference = np.bincount(chosen, minlength=CLASSES) - copies
    words = {True: "more", False: "fewer"}
    return [f"class {CLASS_NAMES[k]}: {abs(d)} {words[bool(d > 0)]} than {copies[k]} copies" for k, d in enumerate(difference) if d]


def _moved_notes(given: np.ndarray, chosen: np.ndarray) -> list[str]:
    """One note per object that did not get its most probable class."""
    best = given.argmax(axis=1)
    moved = np.flatnonzero(given[np.arange(len(given)), chosen] < given[np.arange(len(given)), best])
    return [f"chromosome {i + 1}: class {CLASS_NAMES[chosen[i]]} instead of {CLASS_NAMES[best[i]]} by the count of copies" for i in moved]
