"""Weights of the second look: how likely another way to take doubtful chromosomes apart is better than the first.

    python benchmarks/fit_second_look.py DATA FOLDER

Separates and names cells, keeps the signs of every proposal in FOLDER, one file per cell, with what it would change: twice
the rightly separated chromosomes gained, less the chromosomes added. Fits on the 120 G-band training cells held back, which
only early stages of the classifier have seen, and on the 102 M-FISH training cells; writes FOLDER/weights.json
and prints what the second look does to those cells (cross-validated) and to the validation cells, at several levels from
which proposals are taken and at several levels of the glance from which their regions are measured. A rerun measures only
what FOLDER lacks. Copy FOLDER/weights.json into `src/karyokit/pipeline/second_look/` to ship it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize
from scipy.special import expit

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data import gband_cells, mfish
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.reliability import iou_with_truth, right_from
from karyokit.files import write_text
from karyokit.inference import default_model
from karyokit.pipeline import separate
from karyokit.pipeline.naming import name_as_separated
from karyokit.pipeline.second_look import EARLY_SIGNS, SIGNS, SecondLook, WayWeights, weighed_proposals
from karyokit.pipeline.second_look.looking import compatible

FOLDS = 8
RIDGE = 8.0
WAYS = ("split", "join", "swap", "drop")
GLANCED_WAYS = ("split", "join")
"""Ways with a glance: they have about nine of ten proposed regions."""
TAKE_FROM = {
    "brightfield": {"split": -0.25, "join": 0.5, "swap": 0.0, "drop": 1.5},
    "fluorescence": {"split": -0.25, "join": 0.5, "swap": 0.5, "drop": 2.0},
}
"""Log odds from which proposals are taken, chosen on cross-validated training cells and validation cells: a split that is right gains
one or two chromosomes and one that is wrong loses at most one, so that about even odds are enough."""
OFFSETS = (-0.5, 0.0, 0.5, 1.0, 1.5)
"""What is tried beside: all these levels raised by so much."""
GLANCE_LEVELS = (-np.inf, -3.0, -2.5, -2.0, -1.5)
"""Log odds of the glance tried for measuring the regions of a proposal."""
MEASURE_FROM = -2.0
COMMAND = "python benchmarks/fit_second_look.py DATA FOLDER"


@dataclass(frozen=True, eq=False)
class Example:
    """One cell: chromosomes true, found and right; of each proposal way, signs, chromosomes replaced, gain of right ones and of all."""

    kind: str
    counts: tuple[int, int, int]
    ways: np.ndarray
    signs: np.ndarray
    replaces: list[tuple[int, ...]]
    right: np.ndarray
    more: np.ndarray

    @property
    def better(self) -> np.ndarray:
        """(n,) bool: proposals worth taking."""
        return 2 * self.right - self.more > 0


def cells(data: Path) -> Iterator[tuple[str, AnnotatedCell]]:
    """The cells measured, each with the name of its part."""
    for cell in gband_cells.cells(data / "gband_cells", "val"):
        yield "gband_val", cell
    for cell in mfish.cells(data / "mfish", "val"):
        yield "mfish_val", cell
    for cell in gband_cells.held_back_cells(data / "gband_cells"):
        yield "gband_train", cell
    for cell in mfish.cells(data / "mfish", "train"):
        yield "mfish_train", cell


def measured(kind: str, truth: AnnotatedCell) -> Example:
    """The proposals for a cell, held against its truth."""
    cell = separate(truth.image, name=truth.name)
    classifier = default_model("classification", cell.stain)
    cell = name_as_separated(cell, classifier)
    weighed = weighed_proposals(cell, cell.maps, classifier, measure_all=True) if cell.maps else []
    least = right_from(truth)
    before = iou_with_truth(truth, cell)
    regions = [region for one in weighed for region in one.proposal.regions]
    after = iou_with_truth(truth, _cell_of(cell, regions)) if regions else np.zeros((len(before), 0))
    own, right, more, start = _matched(before, least), [], [], 0
    for one in weighed:
        proposal = one.proposal
        kept = np.delete(before, list(proposal.replaces), axis=1)
        columns = after[:, start : start + len(proposal.regions)]
        start += len(proposal.regions)
        right.append(_matched(np.hstack([kept, columns]), least) - own)
        more.append(len(proposal.regions) - len(proposal.replaces))
    signs = np.array([[one.signs[name] for name in SIGNS] for one in weighed]).reshape(-1, len(SIGNS))
    ways = np.array([one.proposal.way for one in weighed], str)
    replaces = [one.proposal.replaces for one in weighed]
    return Example(kind, (len(truth.boxes), len(cell.chromosomes), own), ways, signs, replaces, np.array(right, int), np.array(more, int))


def _cell_of(cell: Cell, regions: Sequence[Region]) -> Cell:
    return replace(cell, chromosomes=tuple(Chromosome(number, region) for number, region in enumerate(regions, start=1)))


def _matched(iou: np.ndarray, least: float) -> int:
    rows, columns = linear_sum_assignment(iou, maximize=True)
    return int((iou[rows, columns] >= least).sum())


def keep(kind: str, truth: AnnotatedCell, folder: Path) -> None:
    """Write what is measured of a cell to the folder, unless it is there."""
    path = folder / f"{kind}_{truth.name}.npz"
    if path.is_file():
        return
    found = measured(kind, truth)
    places = np.array([[*replaced, -1, -1, -1, -1][:4] for replaced in found.replaces], int).reshape(-1, 4)
    np.savez(path, kind=kind, counts=found.counts, ways=found.ways, signs=found.signs, replaces=places, right=found.right, more=found.more)


def kept(path: Path) -> Example:
    """What an earlier run kept of a cell."""
    with np.load(path) as stored:
        replaces = [tuple(int(place) for place in row if place >= 0) for row in stored["replaces"]]
        true, found, right = (int(count) for count in stored["counts"])
        return Example(
            str(stored["kind"]), (true, found, right), stored["ways"], stored["signs"], replaces, stored["right"], stored["more"]
        )


def fit(examples: Sequence[Example]) -> dict[str, WayWeights]:
    """Logistic regression with a ridge on standardised signs, for each way."""
    return _fitted_ways(examples, WAYS, SIGNS)


def fit_glances(examples: Sequence[Example]) -> dict[str, WayWeights]:
    """The same on early signs alone, for the ways with many proposals."""
    return _fitted_ways(examples, GLANCED_WAYS, EARLY_SIGNS)


def _fitted_ways(examples: Sequence[Example], wanted: Sequence[str], names: Sequence[str]) -> dict[str, WayWeights]:
    ways = np.concatenate([one.ways for one in examples])
    columns = [SIGNS.index(name) for name in names]
    signs, better = np.concatenate([one.signs[:, columns] for one in examples]), np.concatenate([one.better for one in examples])
    return {way: _fitted(names, signs[ways == way], better[ways == way]) for way in wanted}


def _fitted(names: Sequence[str], signs: np.ndarray, better: np.ndarray) -> WayWeights:
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    table = (signs - middle) / spread

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        odds = table @ given[:-1] + given[-1]
        gap = expit(odds) - better
        value = (np.logaddexp(0, odds) - better * odds).sum() + RIDGE / 2 * given[:-1] @ given[:-1]
        return float(value), np.append(table.T @ gap + RIDGE * given[:-1], gap.sum())

    found = minimize(loss, np.zeros(table.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = np.where(signs.std(axis=0) > 0, found[:-1] / spread, 0.0)
    named = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    return WayWeights(intercept=round(float(found[-1] - weights @ middle), 4), signs=named)


def odds_of(example: Example, weights: dict[str, WayWeights]) -> np.ndarray:
    """(n,) log odds of a cell's proposals, infinite for ways without weights."""
    rows = [dict(zip(SIGNS, row, strict=True)) for row in example.signs.tolist()]
    return np.array([weights[way].log_odds(row) if way in weights else np.inf for way, row in zip(example.ways, rows, strict=True)])


def report(name: str, examples: Sequence[Example], odds: Sequence[np.ndarray], glances: Sequence[np.ndarray]) -> None:
    """Print what the second look does to cells at several levels, all proposals measured, and what the glance changes."""
    true, found, right = (np.array(column) for column in zip(*(one.counts for one in examples), strict=True))
    print(f"{name} ({len(examples)} cells, {true.sum()} chromosomes): right {right.sum()}, count error {np.abs(found - true).mean():.3f}")
    leads = [leads_of(one, own) for one, own in zip(examples, odds, strict=True)]
    for offset in OFFSETS:
        chosen = [compatible(own - offset, one.replaces) for one, own in zip(examples, leads, strict=True)]
        gained = np.array([one.right[list(picked)].sum() for one, picked in zip(examples, chosen, strict=True)])
        more = np.array([one.more[list(picked)].sum() for one, picked in zip(examples, chosen, strict=True)])
        worse = sum(int((~one.better[list(picked)]).sum()) for one, picked in zip(examples, chosen, strict=True))
        error = np.abs(found + more - true)
        carried = sum(map(len, chosen))
        print(
            f"  raised by {offset}: {carried} taken, {worse} of them wrongly, right {right.sum() + gained.sum():.0f},"
            f" found {(found + more).sum():.0f}, count error {error.mean():.3f}, count right {(error == 0).mean():.2f}"
        )
    report_glance(examples, leads, glances)


def leads_of(example: Example, odds: np.ndarray) -> np.ndarray:
    """(n,) by how much the log odds of a cell's proposals are above the level of their way."""
    levels = TAKE_FROM["brightfield" if example.kind.startswith("gband") else "fluorescence"]
    return odds - np.array([levels[way] for way in example.ways])


def report_glance(examples: Sequence[Example], leads: Sequence[np.ndarray], glances: Sequence[np.ndarray]) -> None:
    """Print what measuring only what looks worth it at a glance loses and saves."""
    for level in GLANCE_LEVELS:
        right = better = regions = 0
        for one, own, glance in zip(examples, leads, glances, strict=True):
            measured = glance >= level
            carried = compatible(np.where(measured, own, -np.inf), one.replaces)
            right += one.counts[2] + one.right[carried].sum()
            better += sum(one.better[index] for index in compatible(own, one.replaces) if measured[index])
            regions += sum(one.more[index] + len(one.replaces[index]) for index in np.flatnonzero(measured))
        print(f"  glance from {level}: right {right}, better ones that stay {better}, regions {regions / len(examples):.1f} a cell")


def cross_validated(examples: Sequence[Example], fit_to: Callable[[Sequence[Example]], dict[str, WayWeights]]) -> list[np.ndarray]:
    """Log odds of each cell's proposals by weights fitted without the cell."""
    place = np.random.default_rng(0).permutation(len(examples)) % FOLDS
    models = [fit_to([one for one, own in zip(examples, place, strict=True) if own != fold]) for fold in range(FOLDS)]
    return [odds_of(one, models[own]) for one, own in zip(examples, place, strict=True)]


def main() -> None:
    """Measure, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only-fit", action="store_true", help="fit what FOLDER holds, measure nothing")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for kind, truth in () if chosen.only_fit else cells(chosen.data):
        keep(kind, truth, chosen.folder)
    examples = [kept(path) for path in sorted(chosen.folder.glob("*.npz"))]
    weights, glances = {}, {}
    for stain, prefix in (("brightfield", "gband"), ("fluorescence", "mfish")):
        train = [one for one in examples if one.kind == f"{prefix}_train"]
        val = [one for one in examples if one.kind == f"{prefix}_val"]
        weights[stain], glances[stain] = fit(train), fit_glances(train)
        report(f"{prefix} train, cross-validated", train, cross_validated(train, fit), cross_validated(train, fit_glances))
        report(f"{prefix} val", val, *([odds_of(one, own[stain]) for one in val] for own in (weights, glances)))
    model = SecondLook(
        command=COMMAND,
        take_from=TAKE_FROM,
        measure_from=dict.fromkeys(weights, MEASURE_FROM),
        weights=weights,
        glances=glances,
    )
    write_text(chosen.folder / "weights.json", model.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    main()
