"""Weights of the confidence that a chromosome is one whole, rightly separated chromosome.

    python benchmarks/fit_confidence.py DATA FOLDER

Analyses cells that the networks have not seen (the 50 G-band and 12 M-FISH validation cells, and the 120 G-band training cells held
back, which early stages of the classifier have), keeps what it measured in FOLDER, one file per cell, fits the two models of
`karyokit.reconstruction.confidence`, prints their figures by cross-validation over cells and writes the weights and
`reliability.png`, `reliability.csv` to FOLDER. A rerun measures only what FOLDER lacks. Copy FOLDER/weights.json into
`src/karyokit/reconstruction/confidence/` to ship it, and fit the second look anew: it takes scores for signs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from karyokit.data import gband_cells, mfish
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.reliability import draw_reliability, right_objects, write_reliability
from karyokit.files import write_text
from karyokit.inference import default_model, separation_maps
from karyokit.karyotype.evidence import weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.metrics.calibration import summarise_confidence, threshold_for
from karyokit.pictures import write_png
from karyokit.pipeline import analyse
from karyokit.reconstruction.confidence import class_signs, separation_signs
from karyokit.reconstruction.confidence.judging import CLASS_WORDS, SEPARATION_WORDS, SUREST, Confidence, Weight, Weights, scores

FLAGGED = 0.12
FOLDS = 10
RIDGE = 5.0
COMMAND = "python benchmarks/fit_confidence.py DATA FOLDER"


@dataclass(frozen=True, eq=False)
class Example:
    """One cell: signs before naming, the classifier's probabilities (n, 24), areas (n,) and which chromosomes are right (n,)."""

    stain: str
    signs: dict[str, np.ndarray]
    probabilities: np.ndarray
    areas: np.ndarray
    right: np.ndarray


def unseen_cells(data: Path) -> Iterator[AnnotatedCell]:
    """The cells fitted on."""
    yield from mfish.cells(data / "mfish", "val")
    yield from gband_cells.cells(data / "gband_cells", "val")
    yield from gband_cells.held_back_cells(data / "gband_cells")


def measured(truth: AnnotatedCell) -> Example:
    """The main job on a cell, and the signs of its chromosomes."""
    cell = analyse(truth.image, name=truth.name)
    maps = separation_maps(default_model("separation", cell.stain), cell.density, cell.width_px)
    signs = separation_signs(cell.chromosomes, density=cell.density, foreground=maps.foreground, affinities=maps.affinities)
    probabilities = np.array([one.probabilities for one in cell.chromosomes])
    areas = np.array([one.region.area for one in cell.chromosomes], float)
    return Example(cell.stain, signs, probabilities, areas, right_objects(truth, cell))


def keep(truth: AnnotatedCell, folder: Path) -> None:
    """Write what is measured of a cell to the folder, unless it is there."""
    path = folder / f"{truth.stain}_{truth.name}.npz"
    if path.is_file():
        return
    found = measured(truth)
    columns = {f"sign_{name}": values for name, values in found.signs.items()}
    np.savez(path, stain=found.stain, probabilities=found.probabilities, areas=found.areas, right=found.right, **columns)


def kept(path: Path) -> Example:
    """What an earlier run kept of a cell."""
    with np.load(path) as stored:
        signs = {name.removeprefix("sign_"): stored[name] for name in stored.files if name.startswith("sign_")}
        return Example(str(stored["stain"]), signs, stored["probabilities"], stored["areas"], stored["right"])


@dataclass(frozen=True, eq=False)
class Named:
    """One cell after naming: scores before it, signs of its classes, and which chromosomes are right."""

    before: np.ndarray
    signs: dict[str, np.ndarray]
    right: np.ndarray


def named(example: Example, before: np.ndarray) -> Named:
    """The cell with the classes it gets when its chromosomes have these scores before naming."""
    objects = CellObjects(example.probabilities.astype(float), example.areas, before, np.zeros(len(before), bool))
    return Named(before, class_signs(example.probabilities, weigh_karyotypes(objects).categories, example.areas), example.right)


def fit(columns: dict[str, np.ndarray], right: np.ndarray, before: np.ndarray | None = None) -> Weights:
    """Logistic regression with weights of 0 or more and a ridge on standardised signs."""
    raw = np.stack(list(columns.values()), axis=1)
    raw = raw if before is None else np.column_stack([raw, -logit(np.clip(before, 1 - SUREST, SUREST))])
    spread = raw.std(axis=0) + 1e-9
    table, wrong = raw / spread, ~right.astype(bool)

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        odds = table @ given[:-1] + given[-1]
        value = (np.logaddexp(0, odds) - wrong * odds).sum() + RIDGE / 2 * given[:-1] @ given[:-1]
        gap = expit(odds) - wrong
        return float(value), np.append(table.T @ gap + RIDGE * given[:-1], gap.sum())

    bounds = [(0, None)] * table.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(table.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000}).x
    weights = found[:-1] / spread
    usual = {name: float(np.quantile(values[~wrong], 0.95)) for name, values in columns.items()}
    signs = {name: Weight(weight=round(float(w), 5), usual=round(usual[name], 5)) for name, w in zip(columns, weights, strict=False)}
    return Weights(intercept=round(float(found[-1]), 5), before=0.0 if before is None else round(float(weights[-1]), 5), signs=signs)


def pooled(parts: list[dict[str, np.ndarray]], names: dict[str, str]) -> dict[str, np.ndarray]:
    """Signs of several cells as one table."""
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def fit_first(examples: list[Example]) -> Weights:
    """The model of the signs before naming."""
    return fit(pooled([one.signs for one in examples], SEPARATION_WORDS), rights(examples))


def rights(examples: list[Example]) -> np.ndarray:
    """Which chromosomes of the cells are right."""
    return np.concatenate([one.right for one in examples])


def folds(count: int) -> np.ndarray:
    """(count,) fold of each cell."""
    return np.random.default_rng(0).permutation(count) % FOLDS


def scores_before(examples: list[Example]) -> list[np.ndarray]:
    """Scores of each cell before naming, by a model fitted without it."""
    place = folds(len(examples))
    models = [fit_first([one for one, own in zip(examples, place, strict=True) if own != fold]) for fold in range(FOLDS)]
    return [scores(one.signs, models[own]) for one, own in zip(examples, place, strict=True)]


def fit_second(examples: list[Named]) -> Weights:
    """The model that hears the classes, too."""
    classes = pooled([one.signs for one in examples], CLASS_WORDS)
    return fit(classes, np.concatenate([one.right for one in examples]), np.concatenate([one.before for one in examples]))


def scores_named(examples: list[Named]) -> list[np.ndarray]:
    """Scores of each named cell, by a second model fitted without it."""
    place = folds(len(examples))
    models = [fit_second([one for one, own in zip(examples, place, strict=True) if own != fold]) for fold in range(FOLDS)]
    return [scores(one.signs, models[own], one.before.tolist()) for one, own in zip(examples, place, strict=True)]


def report(name: str, answers: list[np.ndarray], examples: list[Example], below: float) -> list[np.ndarray]:
    """Print the figures of all cells and of each stain with intervals over cells; scores and truth of each cell."""
    judged = [np.column_stack([answer, one.right]) for answer, one in zip(answers, examples, strict=True)]
    for stain in ("", "brightfield", "fluorescence"):
        some = [own for own, one in zip(judged, examples, strict=True) if one.stain == stain or not stain]
        figures = summarise_confidence(some, below, rng=np.random.default_rng(0))
        words = ", ".join(f"{key} {one.value:.3f} ({one.low:.3f} to {one.high:.3f})" for key, one in figures.items())
        print(f"{name}, {stain or 'all'} ({len(some)} cells, {sum(map(len, some))} chromosomes): {words}")
    return judged


def main() -> None:
    """Measure, fit, cross-validate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only-fit", action="store_true", help="fit what FOLDER holds, measure nothing")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for truth in () if chosen.only_fit else unseen_cells(chosen.data):
        keep(truth, chosen.folder)
    examples = [kept(path) for path in sorted(chosen.folder.glob("*.npz"))]
    before = scores_before(examples)
    cells = [named(one, own) for one, own in zip(examples, before, strict=True)]
    after = scores_named(cells)
    below = threshold_for(np.concatenate(after), FLAGGED)
    report("before naming", before, examples, below)
    judged = report("named", after, examples, below)
    write_png(chosen.folder / "reliability.png", draw_reliability(judged, below=below, title="Named chromosomes, cross-validated"))
    write_reliability(chosen.folder / "reliability.csv", judged)
    models = {"separation": fit_first(examples), "classes": fit_second(cells)}
    model = Confidence(command=COMMAND, doubtful_below=round(below, 3), **models)
    write_text(chosen.folder / "weights.json", model.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    main()
