"""Looking again at a named cell."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from karyokit.inference import Maps, Model
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look.objects import Looking
from karyokit.pipeline.second_look.rebuilding import rebuilt
from karyokit.pipeline.second_look.weighing import Known, Weighed, fitted, signs_of
from karyokit.reconstruction.proposals import held_together, propose

LOOK_BELOW = 0.92
"""Score below which a chromosome is looked at again, whatever class it was given."""


def look_again(cell: AnalysedCell, classifier: Model) -> AnalysedCell:
    """The named cell with what is better put in place of its doubtful chromosomes; the same cell where nothing is.

    New chromosomes are judged but not named yet; each keeps the first reconstruction as its alternative. Objects that
    are taken for no chromosome are set aside.
    """
    if cell.maps is None or not cell.maps.affinities:
        return cell
    take_from = fitted().take_from[cell.stain]
    taken = chosen(weighed_proposals(cell, cell.maps, classifier), take_from)
    return rebuilt(cell, cell.maps, taken) if taken else cell


def weighed_proposals(cell: AnalysedCell, maps: Maps, classifier: Model) -> list[Weighed]:
    """All proposals for a named cell with their signs and log odds."""
    kinds = cell.evidence.kinds if cell.evidence else ()
    doubtful = [one.score < LOOK_BELOW or kind != "chromosome" for one, kind in zip(cell.chromosomes, kinds, strict=True)]
    seen = {"border": maps.border, "overlap": maps.overlap, "affinities": maps.affinities, "width": cell.width_px}
    proposals = propose(cell.chromosomes, doubtful, **seen)  # type: ignore[arg-type]
    if not proposals:
        return []
    looking = Looking(cell, maps, classifier)
    scores = np.array([one.score for one in cell.chromosomes])
    known = Known(scores, kinds, looking.classes, looking.length, looking.width)
    after = looking.proposed([region for proposal in proposals for region in proposal.regions])
    ends = np.cumsum([len(proposal.regions) for proposal in proposals]).tolist()
    weighed = []
    for proposal, end in zip(proposals, ends, strict=True):
        parts = proposal.regions if proposal.way == "split" else [cell.chromosomes[index].region for index in proposal.replaces]
        together = held_together(parts, maps.affinities) if len(parts) > 1 else 0.0
        new = after[end - len(proposal.regions) : end]
        signs = signs_of(proposal.replaces, known, looking.own(proposal.replaces), new, together)
        weighed.append(Weighed(proposal, signs, fitted().weights[cell.stain][proposal.way].log_odds(signs)))
    return weighed


def chosen(weighed: Iterable[Weighed], take_from: float) -> list[Weighed]:
    """The likeliest proposals of at least these log odds, no two of which replace the same chromosome."""
    gone: set[int] = set()
    taken = []
    for one in sorted(weighed, key=lambda one: -one.log_odds):
        if one.log_odds >= take_from and gone.isdisjoint(one.proposal.replaces):
            gone.update(one.proposal.replaces)
            taken.append(one)
    return taken
