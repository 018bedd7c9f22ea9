"""The numerical karyotypes of the main job held against the true classes of whole cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from karyokit.chromosomes import Cell
from karyokit.data.records import AnnotatedCell
from karyokit.karyotype.copies import copies_of, iscn_of
from karyokit.metrics.bootstrap import Interval
from karyokit.metrics.karyotypes import JudgedKaryotype, summarise_karyotypes


def judge_karyotype(truth: AnnotatedCell, cell: Cell) -> JudgedKaryotype:
    """The cell's proposed karyotype beside the true one; without evidence the classes given count, as not sure."""
    evidence = getattr(cell, "evidence", None)
    true = copies_of(truth.categories)
    if evidence is None:
        return JudgedKaryotype(true, copies_of(one.category for one in cell.chromosomes), 0.0, sure=False)
    return JudgedKaryotype(true, evidence.best.copies, evidence.best.probability, evidence.sure)


def karyotype_figures(pairs: Iterable[tuple[AnnotatedCell, Cell]], rng: np.random.Generator) -> dict[str, Interval]:
    """Figures of ``summarise_karyotypes`` over the cells whose every chromosome has a true class; none where no cell was named."""
    judged = [judge_karyotype(truth, cell) for truth, cell in _comparable(pairs)]
    return summarise_karyotypes(judged, rng) if judged else {}


def karyotype_row(truth: AnnotatedCell, cell: Cell) -> dict[str, object]:
    """What a report says of one cell: true and proposed ISCN string, and the probability."""
    judged = judge_karyotype(truth, cell)
    return {"karyotype": iscn_of(judged.truth), "proposed": iscn_of(judged.proposed), "probability": round(judged.probability, 3)}


def _comparable(pairs: Iterable[tuple[AnnotatedCell, Cell]]) -> Sequence[tuple[AnnotatedCell, Cell]]:
    """Pairs with known classes, if the main job named chromosomes at all."""
    known = [(truth, cell) for truth, cell in pairs if truth.categories and all(truth.categories)]
    return known if any(one.category for _, cell in known for one in cell.chromosomes) else []
