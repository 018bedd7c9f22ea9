"""How sure a separated chromosome is to be one whole chromosome, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from karyokit.chromosomes import Chromosome
from karyokit.reconstruction.affinities import Affinities
from karyokit.reconstruction.confidence.judging import CLASS_WORDS, SEPARATION_WORDS, doubts, fitted, scores
from karyokit.reconstruction.confidence.signs import class_signs, separation_signs

__all__ = ["CLASS_WORDS", "SEPARATION_WORDS", "class_signs", "doubtful_below", "judge_classes", "judge_separation", "separation_signs"]


def doubtful_below() -> float:
    """The score below which a chromosome is marked for a check by eye."""
    return fitted().doubtful_below


def judge_separation(
    chromosomes: Sequence[Chromosome], *, density: np.ndarray, foreground: np.ndarray, affinities: Affinities | None = None
) -> tuple[Chromosome, ...]:
    """The chromosomes with ``score``, the probability of being one whole chromosome, and ``doubts`` where that is low.

    ``density`` (rows, columns) is the picture with background 0, ``foreground`` the probability map they were made from.
    """
    if not chromosomes:
        return ()
    model = fitted()
    signs = separation_signs(chromosomes, density=density, foreground=foreground, affinities=affinities)
    reasons = doubts(signs, model.separation, SEPARATION_WORDS)
    judged = zip(chromosomes, scores(signs, model.separation), reasons, strict=True)
    return tuple(one.with_changes(score=float(s), doubts=why if s < model.doubtful_below else ()) for one, s, why in judged)


def judge_classes(chromosomes: Sequence[Chromosome]) -> tuple[Chromosome, ...]:
    """The named chromosomes with ``score`` and ``doubts`` that heed their classes, too; ``separation.score`` keeps the score before."""
    if not chromosomes:
        return ()
    model = fitted()
    columns = zip(*((one.probabilities, one.category, one.region.area) for one in chromosomes), strict=True)
    signs = class_signs(*(np.array(column) for column in columns))
    reasons = doubts(signs, model.classes, CLASS_WORDS)
    before = [one.separation_score for one in chromosomes]
    judged = zip(chromosomes, before, scores(signs, model.classes, before), reasons, strict=True)
    return tuple(
        one.with_changes(
            score=float(score),
            doubts=(*one.doubts, *why) if score < model.doubtful_below else (),
            separation=replace(one.separation, score=first),
        )
        for one, first, score, why in judged
    )
