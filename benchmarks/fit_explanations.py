"""Constants of `karyotype/explanations.py`: what sizes, class probabilities and scores say of single, joined and other objects.

    python benchmarks/fit_explanations.py DATA

Runs the main job on the G-banded training cells held back, which only early stages of the classifier have seen, holds the objects
against the annotated boxes, and prints the constants to enter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize
from scipy.special import log_softmax

from karyokit.data import gband_cells
from karyokit.data.gband_boxes import as_annotated
from karyokit.karyotype import explanations
from karyokit.karyotype.explanations import CellObjects
from karyokit.pipeline import analyse

SINGLE, JOINED, OTHER = 0, 1, 2
SAME, COVERED = 0.5, 0.75
"""Box IoU of an object that is one chromosome; share of a box that an object must hold to have swallowed its chromosome."""


def shared_areas(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) area that boxes (column, row, width, height) share."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum((boxes[:, :2] + boxes[:, 2:])[:, None], (others[:, :2] + others[:, 2:])[None])
    return np.clip(high - low, 0, None).prod(axis=2)


def labelled(boxes: np.ndarray, truth: np.ndarray, categories: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kind (n,) of each object and, of single chromosomes, the true category (n,)."""
    shared, area = shared_areas(boxes, truth), truth[:, 2:].prod(axis=1)
    iou = shared / (boxes[:, 2:].prod(axis=1)[:, None] + area - shared)
    rows, columns = linear_sum_assignment(-np.where(iou >= SAME, iou, 0))
    match = {row: column for row, column in zip(rows, columns, strict=True) if iou[row, column] >= SAME}
    kinds = np.array([SINGLE if row in match else OTHER for row in range(len(boxes))])
    covered = shared / area >= COVERED
    missed = set(range(len(truth))) - set(match.values())
    for column in sorted(missed):
        row = int(np.where(covered[:, column], iou[:, column], -1).argmax())
        partners = (missed | {match.get(row, column)}) - {column}
        if covered[row, column] and covered[row, sorted(partners)].any():
            kinds[row] = JOINED
    true = np.array([categories[match[row]] if row in match else 0 for row in range(len(boxes))])
    return kinds, true


def examples(root: Path) -> Iterator[tuple[CellObjects, np.ndarray, np.ndarray]]:
    """Objects, kinds and true categories of each cell."""
    for truth in gband_cells.held_back_cells(root):
        cell = analyse(truth.image, stain=truth.stain, threads=1)
        boxes = as_annotated(np.array([one.region.bbox for one in cell.chromosomes], float), truth.boxes)
        objects = CellObjects(
            np.array([one.probabilities for one in cell.chromosomes], float),
            np.array([one.region.area for one in cell.chromosomes], float),
            np.array([one.separation_score for one in cell.chromosomes]),
            np.zeros(len(boxes), bool),
        )
        yield objects, *labelled(boxes, truth.boxes, np.array(truth.categories))


def main(data: str) -> None:
    """Fit class constants to the single chromosomes, then the weights of the kinds to all objects."""
    cells = list(examples(Path(data) / "gband_cells"))
    kinds, true = (np.concatenate([cell[part] for cell in cells]) for part in (1, 2))
    given = np.concatenate([cell[0].probabilities for cell in cells])
    scores = np.concatenate([cell[0].scores for cell in cells])
    sizes = np.concatenate([explanations.log_sizes(cell[0]) for cell in cells])
    single = kinds == SINGLE

    def class_loss(logs: np.ndarray) -> float:
        explanations.PROBABILITY_POWER, explanations.SIZE_WEIGHT = np.exp(logs)
        found = explanations.class_probabilities(given[single], sizes[single])
        return float(-np.log(found[np.arange(len(found)), true[single] - 1]).mean())

    best = minimize(class_loss, [0.0, -1.0], method="Nelder-Mead", options={"maxfev": 100})
    class_loss(best.x)
    features = explanations.kind_features(explanations.class_probabilities(given, sizes), sizes, scores)

    def kind_loss(weights: np.ndarray) -> float:
        logits = np.column_stack([np.zeros(len(features)), features @ weights.reshape(-1, 2)])
        return float(-log_softmax(logits, axis=1)[np.arange(len(kinds)), kinds].mean() + 1e-6 * (weights**2).sum())

    weights = minimize(kind_loss, np.zeros(2 * features.shape[1]), method="L-BFGS-B")
    per_cell = np.bincount(kinds, minlength=3) / len(cells)
    spread = np.std(sizes[single] - explanations.LOG_LENGTHS[true[single] - 1])
    print(f"{len(cells)} cells; single, joined, other objects per cell: {np.round(per_cell, 2).tolist()}")
    print(f"PROBABILITY_POWER, SIZE_WEIGHT = {np.round(np.exp(best.x), 2).tolist()}  (loss {best.fun:.4f}); SPREAD about {spread:.2f}")
    print(f"KIND_WEIGHTS = {np.round(weights.x.reshape(-1, 2), 2).tolist()}  (loss {weights.fun:.4f})")


if __name__ == "__main__":
    main(sys.argv[1])
