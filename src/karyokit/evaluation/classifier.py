"""The classifier held against single chromosomes of cases and cells it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from karyokit.checks import NothingFound, lookup
from karyokit.data.singles import Singles, load_singles
from karyokit.evaluation.report import Report
from karyokit.inference import Model, classify_pictures
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.straightening import straighten
from karyokit.metrics.bootstrap import bootstrap_interval, ratio_of_sums
from karyokit.pictures import picture_from_array
from karyokit.pipeline import single_chromosome

GROUPED_BY = {"gband_singles": "case", "qband_singles": "cell"}
"""What must not be in two splits, per set; only the first set's pictures have a known upright side."""


def evaluate_classifier(path: Path, split: str, model: Model, *, command: str, seed: int = 0, limit: int | None = None) -> Report:
    """Accuracy (and polarity on upright pictures) on the singles of a split, intervals over cases or cells.

    ``path`` is gband_singles.npz or qband_singles.npz. Pictures in which no chromosome stands out count as wrong.
    """
    singles = load_singles(path)
    by = lookup(GROUPED_BY, singles.name, "set of singles")
    indices = singles.split(split, by=by)[:limit]
    groups = {"case": singles.cases, "cell": singles.cells}[by]
    classes, up = classified(singles, indices, model)
    rng = np.random.default_rng(seed)
    figures = {"accuracy": bootstrap_interval(_by_group(classes == singles.labels[indices], groups[indices]), ratio_of_sums, rng=rng)}
    if by == "case":
        figures["polarity"] = bootstrap_interval(_by_group(up >= 0.5, groups[indices]), ratio_of_sums, rng=rng)
    return Report(
        f"Classifier on {singles.name}", f"{split} by {by}", len(indices), command, {"classification": model.card.sha256["onnx"]}, figures
    )


def classified(singles: Singles, indices: np.ndarray, model: Model, *, chunk: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Class 1..24 (0 where no chromosome stands out) and probability of "p arm up" of the pictures ``indices``."""
    classes, up = np.zeros(len(indices), int), np.full(len(indices), 0.5)
    for start in range(0, len(indices), chunk):
        places, canvases = [], []
        for place in range(start, min(start + chunk, len(indices))):
            try:
                canvases.append(_canvas(singles, int(indices[place])))
                places.append(place)
            except NothingFound:
                continue
        if places:
            probabilities, up[places] = classify_pictures(model, np.stack(canvases)[:, None])
            classes[places] = probabilities.argmax(1) + 1
    return classes, up


def _canvas(singles: Singles, index: int) -> np.ndarray:
    picture = picture_from_array(singles.picture(index), f"{singles.name} {index}", min_side=4)
    density, region = single_chromosome(picture, singles.stain)
    return classifier_input(straighten(density, region))


def _by_group(right: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(groups, 2): right answers and answers of each case or cell."""
    names, place = np.unique(groups, return_inverse=True)
    return np.stack([np.bincount(place, right.astype(float), len(names)), np.bincount(place, minlength=len(names))], 1)
