"""Scores of numerical karyotypes: are all classes' counts of a cell right, and does a low probability tell where they are not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karyokit.metrics.bootstrap import Interval, bootstrap_interval, ratio_of_sums


@dataclass(frozen=True)
class JudgedKaryotype:
    """True and proposed copies of the 24 classes of one cell, the probability of the proposal, and whether it was taken for sure."""

    truth: tuple[int, ...]
    proposed: tuple[int, ...]
    probability: float
    sure: bool

    @property
    def right(self) -> bool:
        """Whether every class's count, and so number, sex and aneuploidies, is right."""
        return self.truth == self.proposed


def summarise_karyotypes(cells: Sequence[JudgedKaryotype], rng: np.random.Generator) -> dict[str, Interval]:
    """Share of cells with the right karyotype, number and sex; share of wrong and of right ones that were marked as not sure.

    Intervals over cells; the shares of none are NaN. Raises ``ValueError`` for no cells.
    """
    right = [float(cell.right) for cell in cells]
    flagged = np.array([[not cell.sure and not cell.right, not cell.right] for cell in cells], float)
    needless = np.array([[not cell.sure and cell.right, cell.right] for cell in cells], float)
    return {
        "karyotype_right": bootstrap_interval(right, rng=rng),
        "karyotype_number_right": bootstrap_interval([float(sum(cell.truth) == sum(cell.proposed)) for cell in cells], rng=rng),
        "karyotype_sex_right": bootstrap_interval([float(cell.truth[22:] == cell.proposed[22:]) for cell in cells], rng=rng),
        "wrong_karyotypes_flagged": bootstrap_interval(flagged, ratio_of_sums, rng=rng),
        "right_karyotypes_flagged": bootstrap_interval(needless, ratio_of_sums, rng=rng),
    }
