from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.karyotypes import judge_karyotype, karyotype_figures, karyotype_row
from karyokit.karyotype.evidence import Alternative, KaryotypeEvidence

XX = [*range(1, 23)] * 2 + [23, 23]
NORMAL = (2,) * 23 + (0,)


@dataclass(frozen=True, eq=False)
class NamedCell(Cell):
    """A cell with evidence, as the main job gives it."""

    evidence: KaryotypeEvidence | None = None


def truth(categories: list[int]) -> AnnotatedCell:
    boxes = np.zeros((len(categories), 4))
    return AnnotatedCell("a", np.zeros((9, 9), np.uint8), "brightfield", categories=tuple(categories), boxes=boxes)


def found(categories: list[int], probability: float | None = None) -> NamedCell:
    region = Region(0, 0, np.ones((1, 1), bool))
    chromosomes = tuple(Chromosome(number, region, category=category) for number, category in enumerate(categories, start=1))
    if probability is None:
        return NamedCell("a", np.zeros((9, 9), np.uint8), "brightfield", chromosomes)
    alternatives = (Alternative(NORMAL, "46,XX", probability, 0.0),)
    evidence = KaryotypeEvidence(alternatives, np.array(categories), ("chromosome",) * len(categories), np.ones(len(categories)))
    return NamedCell("a", np.zeros((9, 9), np.uint8), "brightfield", chromosomes, evidence=evidence)


def test_evidence_counts_not_the_number_of_objects() -> None:
    judged = judge_karyotype(truth(XX), found([*XX, 0], 0.95))
    assert judged.right
    assert judged.sure
    assert karyotype_row(truth(XX), found([*XX, 0], 0.95)) == {"karyotype": "46,XX", "proposed": "46,XX", "probability": 0.95}


def test_without_evidence_the_classes_count_and_are_not_sure() -> None:
    assert judge_karyotype(truth(XX), found(XX)).right
    assert not judge_karyotype(truth(XX), found(XX)).sure


def test_figures_need_named_chromosomes_and_known_classes() -> None:
    rng = np.random.default_rng(0)
    figures = karyotype_figures([(truth(XX), found(XX, 0.95)), (truth([*XX, 21]), found(XX, 0.6))], rng)
    assert figures["karyotype_right"].value == 0.5
    assert figures["wrong_karyotypes_flagged"].value == 1
    assert karyotype_figures([(truth(XX), found([0] * 46))], rng) == {}
    assert karyotype_figures([(truth([0] * 46), found(XX))], rng) == {}
