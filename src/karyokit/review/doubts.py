"""Why a chromosome should be looked at, in words."""

from __future__ import annotations

from karyokit.chromosomes import Chromosome
from karyokit.pipeline.analysed_cell import LOW_CONFIDENCE
from karyokit.review.state import CellState, ReviewedChromosome


def doubts_of(item: ReviewedChromosome) -> tuple[str, ...]:
    """What is doubtful about a chromosome; nothing once a person has checked it.

    Its outline counts as certain where a person drew it, its class where a person chose it.
    """
    if item.checked:
        return ()
    outline = () if "outline" in item.by_hand else _outline_doubts(item.chromosome)
    return (*outline, *(() if "class" in item.by_hand else _class_doubts(item.chromosome)))


def doubtful_first(state: CellState) -> list[int]:
    """Numbers of the doubtful chromosomes, least confident first."""
    found = [item for item in state.present if doubts_of(item)]
    return [item.number for item in sorted(found, key=lambda item: (confidence(item), item.number))]


def confidence(item: ReviewedChromosome) -> float:
    """The lower of the confidences in outline and class, 0..1; what people decided counts as 1."""
    one = item.chromosome
    outline = 1.0 if "outline" in item.by_hand else one.score
    named = 1.0 if "class" in item.by_hand else (one.class_probability if one.category and one.probabilities else 0.0)
    return min(outline, named)


def _outline_doubts(one: Chromosome) -> tuple[str, ...]:
    """What the analysis said, or that its score is low where it said nothing."""
    if one.doubts or one.score >= LOW_CONFIDENCE:
        return one.doubts
    return (f"may not be one whole chromosome (score {one.score:.2f})",)


def _class_doubts(one: Chromosome) -> tuple[str, ...]:
    if one.category == 0:
        return ("has no class",)
    if one.probabilities and one.class_probability < LOW_CONFIDENCE:
        return (f"class {one.class_name} is only {one.class_probability:.0%} likely",)
    return ()
