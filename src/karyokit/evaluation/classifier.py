"""The classifier held against single chromosomes of cases and cells it has not seen."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from karyokit.checks import NothingFound, lookup
from karyokit.chromosomes import CLASS_NAMES
from karyokit.data.singles import Singles, load_singles
from karyokit.evaluation.report import Report
from karyokit.inference import Model, classify_pictures
from karyokit.metrics.bootstrap import bootstrap_interval, ratio_of_sums
from karyokit.pictures import picture_from_array
from karyokit.pipeline import name_together, single_canvas

GROUPED_BY = {"gband_singles": "case", "qband_singles": "cell"}
"""What must not be in two splits, per set; only the first set's pictures have a known upright side."""


def evaluate_classifier(path: Path, split: str, model: Model, *, command: str, seed: int = 0, limit: int | None = None) -> Report:
    """Accuracy (and polarity on upright pictures) on the singles of a split, intervals over cases or cells.

    ``accuracy`` names each picture by itself, ``accuracy_named_by_cell`` those of a cell together.
    ``path`` is gband_singles.npz or qband_singles.npz. Pictures in which no chromosome stands out count as wrong.
    """
    singles = load_singles(path)
    by = lookup(GROUPED_BY, singles.name, "set of singles")
    indices = singles.split(split, by=by)[:limit]
    groups, cells = {"case": singles.cases, "cell": singles.cells}[by], singles.cells[indices]
    seen = _seen(singles, indices, model)
    right = {
        "accuracy": seen.classes == singles.labels[indices],
        "accuracy_named_by_cell": _together(seen, cells) == singles.labels[indices],
    }
    if by == "case":
        right["polarity"] = seen.up >= 0.5
    rng = np.random.default_rng(seed)
    figures = {name: bootstrap_interval(_by_group(own, groups[indices]), ratio_of_sums, rng=rng) for name, own in right.items()}
    return Report(
        f"Classifier on {singles.name}", f"{split} by {by}", len(indices), command, {"classification": model.card.sha256["onnx"]}, figures
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """Of n pictures: ``probabilities`` (n, 24) and ``areas`` (n,), 0 where no chromosome stands out, and ``up`` (n,), "p arm up"."""

    probabilities: np.ndarray
    areas: np.ndarray
    up: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """(n,) likeliest class 1..24, 0 where no chromosome stands out."""
        return np.where(self.areas > 0, self.probabilities.argmax(axis=1) + 1, 0)


def _seen(singles: Singles, indices: np.ndarray, model: Model, *, chunk: int = 256) -> _Seen:
    count = len(indices)
    found = _Seen(np.zeros((count, len(CLASS_NAMES))), np.zeros(count), np.full(count, 0.5))
    for start in range(0, count, chunk):
        places, canvases = [], []
        for place in range(start, min(start + chunk, count)):
            index = int(indices[place])
            picture = picture_from_array(singles.picture(index), f"{singles.name} {index}", min_side=4)
            with suppress(NothingFound):
                canvas, found.areas[place] = single_canvas(picture, singles.stain)
                canvases.append(canvas)
                places.append(place)
        if places:
            found.probabilities[places], found.up[places] = classify_pictures(model, np.stack(canvases)[:, None])
    return found


def _together(seen: _Seen, cells: np.ndarray) -> np.ndarray:
    """(n,) classes of the chromosomes that stand out, those of each cell named together."""
    classes = np.zeros(len(cells), int)
    for cell in np.unique(cells):
        own = np.flatnonzero((cells == cell) & (seen.areas > 0))
        classes[own], _ = name_together(seen.probabilities[own], seen.areas[own])
    return classes


def _by_group(right: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(groups, 2): right answers and answers of each case or cell."""
    names, place = np.unique(groups, return_inverse=True)
    return np.stack([np.bincount(place, right.astype(float), len(names)), np.bincount(place, minlength=len(names))], 1)
