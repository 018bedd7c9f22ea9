"""Objects that are no whole chromosome, once everything known of the cell has been weighed."""

from __future__ import annotations

from scipy.special import logit

from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look.rebuilding import rebuilt
from karyokit.pipeline.second_look.weighing import Weighed
from karyokit.reconstruction.proposals import Proposal

SURPLUS_FROM = 0.7
"""Probability of being no whole chromosome from which an object is set aside; chosen on 170 G-banded cells that the separation
networks have not seen (``benchmarks/system_parts.py``)."""


def set_surplus_aside(cell: AnalysedCell) -> AnalysedCell:
    """The named cell without the objects that are rather no whole chromosome, the others judged but not named yet.

    The same cell where there are none or nothing but them.
    """
    if cell.maps is None or cell.evidence is None:
        return cell
    found = zip(cell.evidence.kinds, cell.evidence.right.tolist(), strict=True)
    surplus = {index: right for index, (kind, right) in enumerate(found) if kind == "no chromosome" and right >= SURPLUS_FROM}
    if not 0 < len(surplus) < len(cell.chromosomes):
        return cell
    dropped = [Weighed(Proposal("drop", (index,), ()), {}, float(logit(right))) for index, right in surplus.items()]
    return rebuilt(cell, cell.maps, dropped)
