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
    contacts = _contacts(cell, places)
    chromosomes = tuple(_chromosome(cell, places, number, tuple(met)) for number, met in enumerate(contacts, start=1))
    judged = judge_separation(chromosomes, density=cell.density, foreground=maps.foreground, affinities=maps.affinities)
    dropped = [one.proposal.replaces[0] for one in taken if one.proposal.way == "drop"]
    aside = tuple(SetAside(cell.chromosomes[index].region, SET_ASIDE) for index in dropped)
    return replace(cell, chromosomes=judged, set_aside=(*cell.set_aside, *aside), evidence=None, doubts=())


def _chromosome(cell: AnalysedCell, places: Sequence[Place], number: int, contacts: tuple[Contact, ...]) -> Chromosome:
    place = places[number - 1]
    if place.weighed is not None:
        proposal = place.weighed.proposal
        margin = float(np.tanh(place.weighed.log_odds / 2))
        own = tuple(at for at, other in enumerate(places, start=1) if other.weighed is place.weighed)
        first = Alternative(own, tuple(cell.chromosomes[index].region for index in proposal.replaces), margin)
        return Chromosome(
            number,
            place.region,
            angle=upright_angle(place.region),
            separation=Separation(f"second look, {proposal.way}", 1, margin, contacts, first),
        )
    assert place.was is not None
    before = cell.chromosomes[place.was]
    separation = replace(before.separation, contacts=contacts, alternative=_alternative(before, places), score=None)
    return Chromosome(number, before.region, angle=before.angle, separation=separation)


def _alternative(before: Chromosome, places: Sequence[Place]) -> Alternative | None:
    """The chromosome's alternative with new numbers, None where it involves a chromosome that is no more."""
    numbers = {place.was + 1: number for number, place in enumerate(places, start=1) if place.was is not None}
    other = before.separation.alternative
    if other is None or any(number not in numbers for number in other.replaces):
        return None
    return replace(other, replaces=tuple(numbers[number] for number in other.replaces))


def _contacts(cell: AnalysedCell, places: Sequence[Place]) -> list[list[Contact]]:
    """Contacts of each place: those among chromosomes that stay, with new numbers, and those with new ones, seen in their pixels."""
    numbers = {place.was + 1: number for number, place in enumerate(places, start=1) if place.was is not None}
    found: list[list[Contact]] = [[] for _ in places]
    zone = 0
    for place, mine in zip(places, found, strict=True):
        for contact in cell.chromosomes[place.was].separation.contacts if place.was is not None else ():
            zone = max(zone, contact.zone)
            others = tuple(numbers[other] for other in contact.others if other in numbers)
            if others:
                mine.append(replace(contact, others=others))
    for index, met in enumerate(contacts_of([place.region for place in places])):
        for other, kind in met:
            if other < index and None in (places[index].was, places[other].was):
                zone += kind == "crossing"
                number = zone if kind == "crossing" else 0
                found[index].append(Contact(number, (other + 1,), kind))
                found[other].append(Contact(number, (index + 1,), kind))
    return found
