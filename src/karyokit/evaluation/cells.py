"""The main job held against real cells: M-FISH cells with masks, G-banded cells with boxes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import NothingFound
from karyokit.chromosomes import Cell, Region, stack_masks
from karyokit.data import gband_boxes, gband_cells, mfish
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.breakdown import breakdown_figures
from karyokit.evaluation.gallery import write_gallery
from karyokit.evaluation.karyotypes import karyotype_figures, karyotype_row
from karyokit.evaluation.reliability import reliability_figures
from karyokit.evaluation.report import Report, merged, peak_memory_mb, plain
from karyokit.metrics.bootstrap import Interval, bootstrap_interval
from karyokit.metrics.cells import CellScores, score_cell, summarise_cells
from karyokit.metrics.coco import average_precision_intervals, box_records

Analyse = Callable[[AnnotatedCell], Cell]
"""The main job on one picture, with its options bound."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One picture: its truth, what the main job made of it, and how long that took in seconds."""

    truth: AnnotatedCell
    cell: Cell
    seconds: float

    @property
    def count_error(self) -> int:
        """Chromosomes found minus chromosomes there."""
        return len(self.cell.chromosomes) - len(self.truth.boxes)


def run_over(cells: Iterable[AnnotatedCell], analyse: Analyse) -> list[Outcome]:
    """The main job on every cell; a picture in which nothing is found counts as a cell without chromosomes."""
    outcomes = []
    for truth in cells:
        start = time.perf_counter()
        try:
            cell = analyse(truth)
        except NothingFound:
            cell = Cell(truth.name, truth.image, truth.stain)
        outcomes.append(Outcome(truth, cell, time.perf_counter() - start))
    return outcomes


def evaluate_mfish(
    root: Path, split: str, analyse: Analyse, *, command: str, seed: int = 0, limit: int | None = None, gallery: Path | None = None
) -> Report:
    """Mask AP, separation and counts on the M-FISH cells of a split; ``root`` holds splits.json; ``gallery`` as `write_gallery`."""
    names = mfish.split_names(root, split)[:limit]
    outcomes = run_over((mfish.read_cell(root, name) for name in names), analyse)
    _show(outcomes, gallery)
    scores = [_scores(outcome) for outcome in outcomes]
    rng = np.random.default_rng(seed)
    truth = [_mask_records(outcome.truth.regions, outcome.truth.shape) for outcome in outcomes]
    found = [_found_masks(outcome.cell) for outcome in outcomes]
    precision = average_precision_intervals(truth, found, rng=rng, kind="mask")
    figures = merged(
        _named("mask", precision),
        summarise_cells(scores, rng),
        _classes(outcomes, rng),
        breakdown_figures(_pairs(outcomes), rng),
        _karyotypes(outcomes, rng),
        _confidence(outcomes),
        _cost(outcomes),
    )
    rows = tuple(_row(outcome, score) for outcome, score in zip(outcomes, scores, strict=True))
    return Report("M-FISH DAPI cells", split, len(outcomes), command, _models(outcomes), figures, rows)


def evaluate_gband(
    root: Path, split: str, analyse: Analyse, *, command: str, seed: int = 0, limit: int | None = None, gallery: Path | None = None
) -> Report:
    """Box AP, class-agnostic and of 24 classes, and counts on the G-banded cells of a split.

    The published boxes are larger than the chromosomes by a margin that differs from cell to cell. Figures named ``box`` compare
    boxes of masks grown by the usual one (``gband_boxes.FOOT_MARGIN``); those named ``tight_box`` compare them as they are, those
    named ``annotator_box`` grown by the median margin of the cell itself, which the pictures do not tell.
    """
    cells = (cell for number, cell in enumerate(gband_cells.cells(root, split)) if limit is None or number < limit)
    outcomes = run_over(cells, analyse)
    _show(outcomes, gallery)
    rng = np.random.default_rng(seed)
    truth = [box_records(outcome.truth.boxes, categories=outcome.truth.categories) for outcome in outcomes]
    loose = [_found_boxes(outcome.cell, partial(gband_boxes.loose_boxes, margin=gband_boxes.FOOT_MARGIN)) for outcome in outcomes]
    tight = [_found_boxes(outcome.cell, np.asarray) for outcome in outcomes]
    drawn = [_found_boxes(outcome.cell, partial(gband_boxes.as_annotated, annotated=outcome.truth.boxes)) for outcome in outcomes]
    figures = merged(
        _named("box", average_precision_intervals(truth, loose, rng=rng, kind="box")),
        _named("tight_box", average_precision_intervals(truth, tight, rng=rng, kind="box")),
        _named("annotator_box", average_precision_intervals(truth, drawn, rng=rng, kind="box")),
        _named("box_24_classes", average_precision_intervals(truth, loose, rng=rng, kind="box", by_class=True)),
        {"count_error": bootstrap_interval([abs(outcome.count_error) for outcome in outcomes], rng=rng)},
        {"count_right": bootstrap_interval([float(outcome.count_error == 0) for outcome in outcomes], rng=rng)},
        breakdown_figures(_pairs(outcomes), rng),
        _karyotypes(outcomes, rng),
        _confidence(outcomes),
        _cost(outcomes),
    )
    rows = tuple(_row(outcome, None) for outcome in outcomes)
    return Report("G-banded cells", split, len(outcomes), command, _models(outcomes), figures, rows)


def _scores(outcome: Outcome) -> CellScores:
    truth = stack_masks(outcome.truth.regions, outcome.truth.shape)
    return score_cell(truth, outcome.cell.masks(), crossing=outcome.truth.notes["crossing"])


def _mask_records(regions: Sequence[Region], shape: tuple[int, int]) -> list[dict[str, Any]]:
    return [{"segmentation": region.to_rle(shape)} for region in regions]


def _found_masks(cell: Cell) -> list[dict[str, Any]]:
    return [{"segmentation": one.region.to_rle(cell.shape), "score": one.score} for one in cell.chromosomes]


def _found_boxes(cell: Cell, draw: Callable[[Any], np.ndarray]) -> list[dict[str, Any]]:
    boxes = np.array([one.region.bbox for one in cell.chromosomes], float).reshape(-1, 4)
    scores = [one.score for one in cell.chromosomes]
    return box_records(draw(boxes), scores=scores, categories=[one.category for one in cell.chromosomes])


def _classes(outcomes: Sequence[Outcome], rng: np.random.Generator) -> dict[str, Interval]:
    """Share of well-separated chromosomes (IoU >= 0.5) that carry the right class, where classes were given."""
    rows = [_right_classes(outcome) for outcome in outcomes]
    if not any(one.category for outcome in outcomes for one in outcome.cell.chromosomes):
        return {}
    return {"class_accuracy": bootstrap_interval(rows, lambda drawn: float(drawn[:, 0].sum() / max(drawn[:, 1].sum(), 1)), rng=rng)}


def _right_classes(outcome: Outcome) -> tuple[int, int]:
    right = total = 0
    truth = stack_masks(outcome.truth.regions, outcome.truth.shape)
    for one in outcome.cell.chromosomes:
        shared = truth[(slice(None), *one.region.window)][:, one.region.crop].sum(1)
        iou = shared / np.maximum(truth.sum((1, 2)) + one.region.area - shared, 1)
        best = int(iou.argmax()) if len(iou) else -1
        if best >= 0 and iou[best] >= 0.5:
            total += 1
            right += int(outcome.truth.categories[best] == one.category)
    return right, total


def _pairs(outcomes: Sequence[Outcome]) -> list[tuple[AnnotatedCell, Cell]]:
    return [(outcome.truth, outcome.cell) for outcome in outcomes]


def _show(outcomes: Sequence[Outcome], gallery: Path | None) -> None:
    if gallery:
        write_gallery(_pairs(outcomes), gallery)


def _karyotypes(outcomes: Sequence[Outcome], rng: np.random.Generator) -> dict[str, Interval]:
    return karyotype_figures(_pairs(outcomes), rng)


def _confidence(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    figures = reliability_figures(_pairs(outcomes), np.random.default_rng(0))
    return _named("confidence", figures)


def _cost(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    return {"seconds_per_cell": plain([outcome.seconds for outcome in outcomes]), "peak_memory_mb": plain([peak_memory_mb()])}


def _named(prefix: str, figures: dict[str, Interval]) -> dict[str, Interval]:
    return {f"{prefix}_{name}": figure for name, figure in figures.items()}


def _models(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {stage: digest for outcome in outcomes for stage, digest in outcome.cell.models.items()}


def _row(outcome: Outcome, score: CellScores | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": outcome.truth.name, "count_error": outcome.count_error, "seconds": round(outcome.seconds, 3)}
    if any(one.category for one in outcome.cell.chromosomes):
        row |= karyotype_row(outcome.truth, outcome.cell)
    return row if score is None else {**row, "sep75": score.matched75 / max(score.truths, 1), "joins": score.joins, "splits": score.splits}
