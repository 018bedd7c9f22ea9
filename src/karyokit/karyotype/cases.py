"""The cells of one person together: what each says of its karyotype once the others are known, the modal one, the clones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from karyokit.checks import problem
from karyokit.karyotype.clones import CloneTable, CountedCell, find_clones
from karyokit.karyotype.copies import Copies, iscn_of, log_usual
from karyokit.karyotype.evidence import SURE, log_likelihoods, weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects

PRIOR_CELLS = 2.0
"""How many cells of the person the usual shares of karyotypes count for."""
_WORTH_ASKING = 0.02
_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class CellOfCase:
    """What is known of a cell before the case is looked at.

    ``objects`` of the picture; ``decided`` copies where a person has settled the cell, which leaves nothing to weigh;
    ``structural`` are changes and markers that a person noted.
    """

    name: str
    objects: CellObjects
    decided: Copies | None = None
    structural: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseCell:
    """A cell of a case: its karyotype, how probable it is among the person's other cells, the next one, and the objects seen."""

    name: str
    copies: Copies
    iscn: str
    probability: float
    next_iscn: str
    next_probability: float
    objects: int
    by_hand: bool
    structural: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the cell counts, or is listed apart for a check by eye."""
        return self.probability >= SURE

    @property
    def number(self) -> int:
        """Chromosomes of the proposed karyotype."""
        return sum(self.copies)


@dataclass(frozen=True)
class Case:
    """The cells of a person and the clones among those that are sure."""

    cells: tuple[CaseCell, ...]
    table: CloneTable

    @property
    def sure(self) -> tuple[CaseCell, ...]:
        """The cells that count."""
        return tuple(cell for cell in self.cells if cell.sure)

    @property
    def doubtful(self) -> tuple[CaseCell, ...]:
        """The cells listed apart."""
        return tuple(cell for cell in self.cells if not cell.sure)

    @property
    def modal_number(self) -> int | None:
        """The most frequent number of chromosomes among the sure cells (the lower of two), None without any."""
        counts = Counter(cell.number for cell in self.sure)
        return min(counts, key=lambda number: (-counts[number], number)) if counts else None

    @property
    def modal_iscn(self) -> str | None:
        """The karyotype of the largest clone, None without sure cells."""
        return max(self.table.clones, key=lambda clone: len(clone.cells)).iscn if self.table.clones else None


def weigh_case(cells: Sequence[CellOfCase]) -> Case:
    """Karyotypes of all cells of one person, weighed together, and the clones among the sure ones.

    How usual a karyotype is in this person is learnt, for each cell, from the other cells and from `copies.log_usual`,
    which is worth ``PRIOR_CELLS`` cells: an extra chromosome that ten cells show is believed in the eleventh. Raises
    ``ValueError`` for no cells and for names that come twice.
    """
    if not cells or len({cell.name for cell in cells}) < len(cells):
        names = [cell.name for cell in cells]
        raise ValueError(problem("cells", "be at least one, each with a name of its own", names, "Check the annotation file."))
    posteriors = _posteriors(cells)
    found = tuple(_case_cell(cell, posterior) for cell, posterior in zip(cells, posteriors, strict=True))
    return Case(found, find_clones([CountedCell(one.name, one.copies, one.structural) for one in found if one.sure]))


def _posteriors(cells: Sequence[CellOfCase]) -> list[dict[Copies, float]]:
    """The probability of each karyotype by cell, under shares of karyotypes that fit the other cells."""
    alone = [_alone(cell) for cell in cells]
    worth = {copies for likelihood in alone for copies in likelihood if _share(likelihood, copies) >= _WORTH_ASKING}
    for cell, likelihood in zip(cells, alone, strict=True):
        if cell.decided is None:
            unasked = sorted(worth - likelihood.keys())
            likelihood.update(zip(unasked, log_likelihoods(cell.objects, unasked).tolist(), strict=True))
    known = sorted({copies for likelihood in alone for copies in likelihood})
    usual = np.exp([log_usual(copies) for copies in known])
    logs = np.array([[likelihood.get(copies, -np.inf) for copies in known] for likelihood in alone])
    posteriors = np.zeros(logs.shape)
    for _ in range(_ROUNDS):
        others = posteriors.sum(axis=0) - posteriors
        posteriors = softmax(logs + np.log(PRIOR_CELLS * usual + np.maximum(others, 0)), axis=1)
    return [dict(zip(known, row.tolist(), strict=True)) for row in posteriors]


def _alone(cell: CellOfCase) -> dict[Copies, float]:
    """Log likelihoods of the karyotypes of a cell by itself; of a settled one, only that of its own."""
    if cell.decided is not None:
        return {cell.decided: 0.0}
    return {one.copies: one.log_likelihood for one in weigh_karyotypes(cell.objects).alternatives}


def _share(likelihood: dict[Copies, float], copies: Copies) -> float:
    """Probability of a karyotype of a cell by itself."""
    logs = {one: log + log_usual(one) for one, log in likelihood.items()}
    return float(np.exp(logs[copies] - logsumexp(list(logs.values()))))


def _case_cell(cell: CellOfCase, posterior: dict[Copies, float]) -> CaseCell:
    (best, probability), *rest = sorted(posterior.items(), key=lambda item: (-item[1], item[0]))
    second = rest[0] if rest and rest[0][1] > 0 else None
    return CaseCell(
        name=cell.name,
        copies=best,
        iscn=iscn_of(best),
        probability=probability,
        next_iscn=iscn_of(second[0]) if second else "",
        next_probability=second[1] if second else 0.0,
        objects=len(cell.objects.probabilities),
        by_hand=cell.decided is not None,
        structural=cell.structural,
    )
