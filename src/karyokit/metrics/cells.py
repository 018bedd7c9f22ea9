"""One record of scores per cell, and their summary over cells with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from karyokit.checks import require_nonempty
from karyokit.metrics.bootstrap import Interval, bootstrap_interval, mean_present, ratio_of_sums
from karyokit.metrics.instances import aggregated_jaccard, match, panoptic_quality, pixel_tables, table_edits, table_overlaps
from karyokit.metrics.separation import Separation, count_separation, table_separation_iou


@dataclass(frozen=True)
class CellScores(Separation):
    """Scores of one cell: its separation counts, and more.

    ``found50``, ``found75`` and ``crossing_found50`` count true chromosomes matched by plain mask IoU; ``joins``, ``splits``,
    ``missed`` and ``extra`` are the user's edits. ``aji``, ``pq``, ``sq`` and ``rq`` are in 0..1, NaN where there is nothing to
    measure.
    """

    found50: int
    found75: int
    crossing_found50: int
    aji: float
    pq: float
    sq: float
    rq: float
    joins: int
    splits: int
    missed: int
    extra: int

    @property
    def ia50(self) -> float:
        """Share of true chromosomes found at mask IoU >= 0.5; NaN for a cell without any."""
        return self.found50 / self.truths if self.truths else float("nan")

    @property
    def ia75(self) -> float:
        """Share of true chromosomes found at mask IoU >= 0.75; NaN for a cell without any."""
        return self.found75 / self.truths if self.truths else float("nan")

    @property
    def count_error(self) -> int:
        """Absolute difference of predicted and true number."""
        return abs(self.predictions - self.truths)


def score_cell(truth: np.ndarray, predicted: np.ndarray, *, crossing: np.ndarray) -> CellScores:
    """Score predicted (m, rows, columns) against true (n, rows, columns) bool masks of one cell; either may hold no mask.

    ``crossing`` is (n,) bool: chromosomes with an overlap region of at least 15 px. Raises ``ValueError`` for stacks of different
    picture shape or a wrong number of flags, ``TypeError`` for masks that are not bool.
    """
    tables = pixel_tables(truth, predicted)
    counts = table_overlaps(*tables)
    found50, found75 = match(counts.iou, 0.5)[0], match(counts.iou, 0.75)[0]
    return CellScores(
        **asdict(count_separation(table_separation_iou(*tables), crossing)),
        found50=found50.size,
        found75=found75.size,
        crossing_found50=int(np.count_nonzero(crossing[found50])),
        aji=aggregated_jaccard(counts),
        **panoptic_quality(counts)._asdict(),
        **table_edits(*tables)._asdict(),
    )


RATIOS: dict[str, tuple[str, str]] = {
    "sep75": ("matched75", "truths"),
    "sep90": ("matched90", "truths"),
    "crossing_sep75": ("crossing_matched75", "crossings"),
    "ia50": ("found50", "truths"),
    "ia75": ("found75", "truths"),
    "ia_count": ("predictions", "truths"),
    "crossing_recall50": ("crossing_found50", "crossings"),
}
"""Summary scores that are sums over cells divided by sums over cells: name -> (above, below)."""

MEANS: dict[str, str] = {
    "cells_all_separated": "all_separated",
    **{name: name for name in ("aji", "pq", "sq", "rq", "count_error", "joins", "splits", "missed", "extra")},
}
"""Summary scores that are means over cells: name -> field; cells where the field is NaN are left out."""


def summarise_cells(
    cells: Sequence[CellScores], rng: np.random.Generator, *, resamples: int = 1000, level: float = 0.95
) -> dict[str, Interval]:
    """Summary of many cells: name -> (value, low, high), with a percentile bootstrap over cells.

    Shares of chromosomes (:data:`RATIOS`) pool the cells, so that every chromosome weighs the same; the others (:data:`MEANS`) are
    means over cells. All scores see the same resamples. A score that no cell can give is NaN. Raises ``ValueError`` for no cell.
    """
    require_nonempty("cells", cells)
    seed = int(rng.integers(2**63))

    def interval(rows: list[object], statistic: Callable[[np.ndarray], float]) -> Interval:
        draws = np.random.default_rng(seed)
        return bootstrap_interval(np.array(rows, float), statistic, rng=draws, resamples=resamples, level=level)

    summary = {
        name: interval([(getattr(cell, above), getattr(cell, below)) for cell in cells], ratio_of_sums)
        for name, (above, below) in RATIOS.items()
    }
    return summary | {name: interval([getattr(cell, field) for cell in cells], mean_present) for name, field in MEANS.items()}
