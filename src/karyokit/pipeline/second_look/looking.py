"""Looking again at a named cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from karyokit.inference import Maps, Model
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look.objects import Looking, Measured
from karyokit.pipeline.second_look.rebuilding import rebuilt
from karyokit.pipeline.second_look.surplus import set_surplus_aside
from karyokit.pipeline.second_look.weighing import Known, Weighed, early_signs, fitted, late_signs
from karyokit.reconstruction.proposals import Proposal, held_together, propose

LOOK_BELOW = 0.975
"""Score below which a chromosome is looked at again, whatever class it was given."""
LOOKS = 3
"""Most looks at a cell: what one look changes may tell the next one more, as in a clump of three."""


def look_again(cell: AnalysedCell, classifier: Model, name: Callable[[AnalysedCell], AnalysedCell]) -> AnalysedCell:
    """The named cell with what is better put in place of its doubtful chromosomes; the same cell where nothing is.

    ``name`` names a cell once more. Each new chromosome keeps what it replaces as its alternative. Objects that are taken for
    no chromosome are set aside.
    """
    measured = Measured()
    for _ in range(LOOKS):
        mended = _mended(cell, classifier, measured)
        if mended is cell:
            break
        cell = name(mended)
    left = set_surplus_aside(cell)
    return cell if left is cell else name(left)


def _mended(cell: AnalysedCell, classifier: Model, measured: Measured) -> AnalysedCell:
    """The cell after one look, new chromosomes judged but not named yet."""
    if cell.maps is None or not cell.maps.affinities:
        return cell
    taken = chosen(weighed_proposals(cell, cell.maps, classifier, measured=measured), fitted().for_stain(cell.stain).take_from)
    return rebuilt(cell, cell.maps, taken) if taken else cell


def weighed_proposals(
    cell: AnalysedCell, maps: Maps, classifier: Model, *, measure_all: bool = False, measured: Measured | None = None
) -> list[Weighed]:
    """The proposals for a named cell that are worth measuring at a glance, or all of them, with their signs and log odds.

    ``measured`` is what earlier looks at the cell have measured; it is added to.
    """
    proposals = _proposals(cell, maps)
    if not proposals:
        return []
    looking = Looking(cell, maps, classifier, measured)
    known = Known(np.array([one.score for one in cell.chromosomes]), _kinds(cell), looking.classes, looking.length, looking.width)
    look = fitted().for_stain(cell.stain)
    glanced = []
    for proposal in proposals:
        before = looking.own(proposal.replaces)
        early = early_signs(proposal, known, before, _together(cell, maps, proposal))
        if measure_all or look.worth_measuring(proposal.way, early):
            glanced.append((proposal, before, early))
    after = looking.proposed([region for proposal, _, _ in glanced for region in proposal.regions])
    weighed, start = [], 0
    for proposal, before, early in glanced:
        new = after[start : start + len(proposal.regions)]
        start += len(proposal.regions)
        signs = early | late_signs(proposal, known, before, new)
        weighed.append(Weighed(proposal, signs, look.weights[proposal.way].log_odds(signs)))
    return weighed


def _proposals(cell: AnalysedCell, maps: Maps) -> list[Proposal]:
    doubtful = [one.score < LOOK_BELOW or kind != "chromosome" for one, kind in zip(cell.chromosomes, _kinds(cell), strict=True)]
    seen = {"border": maps.border, "overlap": maps.overlap, "affinities": maps.affinities, "width": cell.width_px}
    return propose(cell.chromosomes, doubtful, **seen)  # type: ignore[arg-type]


def _kinds(cell: AnalysedCell) -> Sequence[str]:
    return cell.evidence.kinds if cell.evidence else ()


def _together(cell: AnalysedCell, maps: Maps, proposal: Proposal) -> float:
    """Mean log odds of the affinities that the two parts in question are one chromosome."""
    parts = proposal.regions if proposal.way == "split" else [cell.chromosomes[index].region for index in proposal.replaces]
    return held_together(parts, maps.affinities) if len(parts) > 1 else 0.0


def chosen(weighed: Sequence[Weighed], take_from: Mapping[str, float]) -> list[Weighed]:
    """The proposals that are farthest above the log odds from which their way is taken, no two of which replace the same chromosome."""
    leads = [one.log_odds - take_from[one.proposal.way] for one in weighed]
    return [weighed[index] for index in compatible(leads, [one.proposal.replaces for one in weighed])]


def compatible(leads: Sequence[float] | np.ndarray, replaces: Sequence[Sequence[int]]) -> list[int]:
    """Indices of the proposals to take, the largest lead first, none below 0; the chromosomes that each replaces are given."""
    gone: set[int] = set()
    taken = []
    for index in np.argsort(-np.asarray(leads), kind="stable").tolist():
        if leads[index] >= 0 and gone.isdisjoint(replaces[index]):
            gone.update(replaces[index])
            taken.append(index)
    return taken
