"""Scores of a four-class network on its test part, on its training part, and on real pairs of the M-FISH cells.

A metric is a key of :func:`karyokit.metrics.pixels.pair_report`; before a colon stands the set: none for the test part, ``train``,
``real``. Real pairs are never trained on: they show what the figures on the regenerated set are worth on another cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from scipy import ndimage

from karyokit.data.real_pairs import real_pairs
from karyokit.metrics.pixels import (
    CLASSES,
    DECISIONS,
    amfl_scores,
    amfl_tables,
    channels_of,
    confusion_counts,
    iou_of,
    pair_counts,
    pooled_scores,
)
from karyokit.reproduction.scoring import Case, FinishedRun, Scored, ranked
from karyokit.training.run import TASKS, best_network
from karyokit.training.tasks.pairs import PairSettings, predicted_probabilities
from karyokit.training.tasks.pairs_data import PairPart, pair_parts

COLOURS = np.array([[0, 0, 0], [230, 80, 70], [70, 150, 230], [250, 220, 60]], np.uint8)
"""Background, alpha, beta, overlap on the page."""

TINY, HEAVY = 30, 0.6
"""Overlaps of at most 30 px are tiny, those over 0.6 of the alpha chromosome heavy."""


def score(run: FinishedRun, metrics: Collection[str]) -> Scored:
    """Figures of the wanted metrics and cases of the test part; see the module's docstring."""
    settings: PairSettings = TASKS[run.recipe.task].read_settings(run.recipe.settings)
    network, _ = best_network(run.recipe, run.folder, run.device)
    parts = pair_parts(run.data, settings)
    sets = {"": lambda: parts.test, "train": lambda: parts.train, "real": lambda: _real(run, settings)}
    figures: dict[str, float] = {}
    cases: tuple[Case, ...] = ()
    for name, part in ((name, make()) for name, make in sets.items() if not name or _wanted(metrics, name)):
        rule = DECISIONS[settings.decision]
        channels = np.stack([rule(picture) for picture in predicted_probabilities(network, part.images, settings)])
        prefix = f"{name}:" if name else ""
        figures |= {prefix + key: value for key, value in part_figures(part.labels, channels, _wanted(metrics, name)).items()}
        cases = cases or cases_of(part, channels)
    return Scored(figures, cases)


def part_figures(truth: np.ndarray, channels: np.ndarray, metrics: Collection[str]) -> dict[str, float]:
    """Figures of (n, rows, columns) labels against (n, 4, rows, columns) bool channels; the groups that ``metrics`` ask for, no others."""
    found: dict[str, float] = {}
    for suffix, invariant in (("", False), ("_pi", True)):
        asked = {metric for metric in metrics if metric.endswith("_pi") == invariant}
        if any(metric.startswith("pooled/") for metric in asked):
            counts = pair_counts(truth, _floats(channels), decision="sigmoid_round", permutation_invariant=invariant)
            found |= {f"pooled/{name}{suffix}": value for name, value in pooled_scores(counts).items()}
        if any(metric.startswith("per_image") for metric in asked):
            tables = amfl_tables(truth, _floats(channels), decision="sigmoid_round", permutation_invariant=invariant)
            for group, background in (("per_image", True), ("per_image_foreground", False)):
                scores = amfl_scores(tables, include_background=background)
                found |= {f"{group}/{name}{suffix}": value for name, value in scores.items()}
            found |= {f"per_image/iou_{c}{suffix}": float(np.nanmean(tables["iou"][:, c])) for c in range(CLASSES) if len(tables["iou"])}
    return found


def cases_of(part: PairPart, channels: np.ndarray) -> tuple[Case, ...]:
    """Best, median and worst picture by overlap IoU of every sort of overlap."""
    truth = np.stack([channels_of(labels) for labels in part.labels])
    iou = iou_of(confusion_counts(truth, channels))[:, 3]
    sorts = np.array([overlap_sort(labels) for labels in part.labels])
    cases = []
    for sort in ("tiny", "crossing", "heavy", "end or side", "none"):
        members = np.flatnonzero(sorts == sort)
        for rank, place in ranked(iou[members]):
            index = members[place]
            panels = (("picture", _grey(part.images[index])), ("truth", painted(truth[index])), ("network", painted(channels[index])))
            cases.append(Case(f"{sort} ({len(members)} pictures)", rank, f"overlap IoU {100 * iou[index]:.1f} %", panels))
    return tuple(cases)


def overlap_sort(labels: np.ndarray) -> str:
    """What kind of overlap a (rows, columns) label map of 0..3 shows.

    ``none``, ``tiny`` (at most 30 px), ``heavy`` (over 0.6 of alpha), ``crossing`` (it cuts both chromosomes in parts), else
    ``end or side``.
    """
    areas = np.bincount(labels.ravel(), minlength=CLASSES)
    if areas[3] <= TINY:
        return "tiny" if areas[3] else "none"
    if areas[3] > HEAVY * (areas[1] + areas[3]):
        return "heavy"
    parts = [_large_parts(labels == value) for value in (1, 2)]
    return "crossing" if min(parts) > 1 else "end or side"


def painted(channels: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of (4, rows, columns) bool channels; overlap is painted over alpha and beta."""
    labels = np.zeros(channels.shape[1:], np.uint8)
    for value in (1, 2, 3):
        labels[channels[value]] = value
    return COLOURS[labels]


def _large_parts(mask: np.ndarray, least: int = 10) -> int:
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    return int(np.count_nonzero(np.bincount(labels.ravel())[1:] >= least))


def _floats(channels: np.ndarray) -> Iterator[np.ndarray]:
    """Channels as probabilities 0 and 1, which ``sigmoid_round`` leaves as they are, one picture at a time."""
    return (picture.astype(np.float32) for picture in channels)


def _wanted(metrics: Collection[str], name: str) -> set[str]:
    if not name:
        return {metric for metric in metrics if ":" not in metric}
    return {metric.partition(":")[2] for metric in metrics if metric.startswith(f"{name}:")}


def _real(run: FinishedRun, settings: PairSettings) -> PairPart:
    pairs = real_pairs(run.data / "mfish", ("val", "test"), size=128 if settings.padding != "crop_88" else 88)
    return PairPart(pairs.images, pairs.labels)


def _grey(image: np.ndarray) -> np.ndarray:
    grey = np.clip(image.astype(float), 0, 255)
    stretched = 255 * grey / max(grey.max(), 1)
    return np.repeat(stretched.astype(np.uint8)[..., None], 3, axis=2)
