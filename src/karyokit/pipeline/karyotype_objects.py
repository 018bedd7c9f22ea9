"""The chromosomes of a cell as the objects whose karyotypes are weighed, with what people have said taken as certain."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from karyokit.chromosomes import CLASS_NAMES, Chromosome
from karyokit.karyotype.explanations import CellObjects


def class_is_certain(one: Chromosome, *, checked: bool, by_hand: Collection[str]) -> bool:
    """Whether a person has said which class this is; a class without probabilities came from a person or another program."""
    return bool(one.category) and (checked or "class" in by_hand or not one.probabilities)


def karyotype_objects(chromosomes: Sequence[Chromosome], certain: Sequence[bool]) -> CellObjects:
    """The objects of n chromosomes; ``certain`` says of each whether its class is final.

    Those without probabilities and without a certain class may be any class alike. Scores are those before classes were heard.
    """
    rows = [_probabilities(one, sure) for one, sure in zip(chromosomes, certain, strict=True)]
    return CellObjects(
        probabilities=np.array(rows).reshape(-1, len(CLASS_NAMES)),
        areas=np.array([one.region.area for one in chromosomes], float),
        scores=np.array([one.separation_score for one in chromosomes], float),
        certain=np.array(certain, bool),
    )


def _probabilities(one: Chromosome, certain: bool) -> np.ndarray:
    """(24,) probabilities summing to 1: those of the classifier, or 1 for the class that is certain."""
    if certain:
        return np.eye(len(CLASS_NAMES))[one.category - 1]
    row = np.array(one.probabilities) if one.probabilities else np.ones(len(CLASS_NAMES))
    return row / row.sum()
