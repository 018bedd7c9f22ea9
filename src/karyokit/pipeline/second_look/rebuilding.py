"""A cell with proposals carried out: chromosomes numbered anew, their contacts and alternatives kept right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from karyokit.chromosomes import Alternative, Chromosome, Contact, Region, Separation
from karyokit.inference import Maps
from karyokit.karyotype.orientation import upright_angle
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look.weighing import Weighed
from karyokit.reconstruction.confidence import judge_separation
from karyokit.reconstruction.plausibility import SetAside
from karyokit.regions import contacts_of

SET_ASIDE = "no whole chromosome"


@dataclass(frozen=True, eq=False)
class Place:
    """A chromosome of the cell to be: its region, and the index of the chromosome it was (None for a new one) or its proposal."""

    region: Region
    was: int | None = None
    weighed: Weighed | None = None


def rebuilt(cell: AnalysedCell, maps: Maps, taken: Sequence[Weighed]) -> AnalysedCell:
    """The cell with proposals, no two of which replace the same chromosome, carried out; all its chromosomes judged anew, none named."""
    gone = {index for one in taken for index in one.proposal.replaces}
    places = [Place(one.region, was=index) for index, one in enumerate(cell.chromosomes) if index not in gone]
    places += [Place(region, weighed=one) for one in taken for region in one.proposal.regions]
    places.sort(key=lambda place: (place.region.row, place.region.column + int(place.region.crop[0].argmax())))
    found = zip(places, _separations(cell, places), strict=True)
    chromosomes = tuple(
        Chromosome(number, place.region, angle=_angle(cell, place), separation=separation)
        for number, (place, separation) in enumerate(found, start=1)
    )
    judged = judge_separation(chromosomes, density=cell.density, foreground=maps.foreground, affinities=maps.affinities)
    dropped = [one.proposal.replaces[0] for one in taken if one.proposal.way == "drop"]
    aside = tuple(SetAside(cell.chromosomes[index].region, SET_ASIDE) for index in dropped)
    return replace(cell, chromosomes=judged, set_aside=(*cell.set_aside, *aside), evidence=None, doubts=())


def _angle(cell: AnalysedCell, place: Place) -> float:
    return upright_angle(place.region) if place.was is None else cell.chromosomes[place.was].angle


def _separations(cell: AnalysedCell, places: Sequence[Place]) -> list[Separation]:
    """How each place was separated; contacts of those that stay get the new numbers, those with new ones are seen in their pixels."""
    numbers = {place.was + 1: number for number, place in enumerate(places, start=1) if place.was is not None}
    first = [_as_proposed(cell, places, place) if place.was is None else _as_before(cell, place.was, numbers) for place in places]
    added: list[list[Contact]] = [[] for _ in places]
    zone = max(
        (contact.zone for place in places if place.was is not None for contact in cell.chromosomes[place.was].separation.contacts),
        default=0,
    )
    for index, met in enumerate(contacts_of([place.region for place in places])):
        for other, kind in met:
            if other < index and None in (places[index].was, places[other].was):
                zone += kind == "crossing"
                number = zone if kind == "crossing" else 0
                added[index].append(Contact(number, (other + 1,), kind))
                added[other].append(Contact(number, (index + 1,), kind))
    return [replace(one, contacts=(*one.contacts, *new)) for one, new in zip(first, added, strict=True)]


def _as_before(cell: AnalysedCell, index: int, numbers: dict[int, int]) -> Separation:
    """The separation of a chromosome that stays, yet to be judged."""
    return replace(cell.chromosomes[index].separation.renumbered(numbers), score=None)


def _as_proposed(cell: AnalysedCell, places: Sequence[Place], place: Place) -> Separation:
    """The separation of a new chromosome, without contacts; what it replaces is its alternative."""
    weighed = place.weighed
    assert weighed is not None
    margin = float(np.tanh(weighed.log_odds / 2))
    own = tuple(number for number, other in enumerate(places, start=1) if other.weighed is weighed)
    gone = tuple(cell.chromosomes[index].region for index in weighed.proposal.replaces)
    return Separation(f"second look, {weighed.proposal.way}", margin=margin, alternative=Alternative(own, gone, margin))
