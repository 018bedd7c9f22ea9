"""Chromosomes as edits of their outline leave them."""

from __future__ import annotations

from dataclasses import replace

from karyokit.chromosomes import Chromosome, Region, Separation
from karyokit.karyotype.orientation import upright_angle
from karyokit.review.commands import Named
from karyokit.review.shapes import SMALLEST
from karyokit.review.state import CellState, Refused, ReviewedChromosome

BY_HAND = "by hand"


def redrawn(item: ReviewedChromosome, region: Region, *, method: str = BY_HAND) -> ReviewedChromosome:
    """The chromosome with another outline: certain, since a person drew it, and to be turned upright anew."""
    require_size(region)
    angle = item.chromosome.angle if "angle" in item.by_hand else _nearest_turn(upright_angle(region), item.chromosome.angle)
    kept = {"region": region, "angle": angle, "score": 1.0, "separation": Separation(method), "doubts": ()}
    return item.with_changes(**kept, by_hand=item.by_hand | {"outline"}, checked=False)


def drawn(number: int, region: Region, *, score: float = 1.0, separation: Separation | None = None) -> ReviewedChromosome:
    """A new chromosome without a class."""
    require_size(region)
    separation = separation or Separation(BY_HAND)
    chromosome = Chromosome(number, region, score=score, angle=upright_angle(region), separation=separation)
    return ReviewedChromosome(chromosome, order=float(number), by_hand=frozenset({"outline"}))


def require_size(region: Region) -> None:
    """Raise ``Refused`` for a region too small to be worked with."""
    if region.area < SMALLEST:
        raise Refused(f"this would leave a chromosome of {region.area} pixels, at least {SMALLEST} are needed. Delete it instead.")


def named(state: CellState, answers: dict[int, Named]) -> CellState:
    """The cell with what a classifier said of chromosomes, except where people have decided."""
    return state.with_items(_named(state.items[number], one) for number, one in answers.items() if number in state.items)


def _named(item: ReviewedChromosome, answer: Named) -> ReviewedChromosome:
    changes: dict[str, object] = {"probabilities": answer.probabilities}
    if answer.score is not None:
        before = replace(item.chromosome.separation, score=item.chromosome.separation_score)
        changes |= {"score": answer.score, "doubts": answer.doubts, "separation": before}
    if "class" not in item.by_hand:
        changes["category"] = answer.category
    if "polarity" not in item.by_hand:
        changes |= {"polarity": answer.polarity, "polarity_probability": answer.polarity_probability}
    return item.with_changes(**changes)


def _nearest_turn(angle: float, before: float) -> float:
    """``angle`` or half a turn more, whichever lies nearer to the angle before, so that the same end stays on top; -180..180."""
    away = (angle - before + 180) % 360 - 180
    turned = angle + 180 if abs(away) > 90 else angle
    return round((turned + 180) % 360 - 180, 6)
