"""Objects that are no whole chromosome, set aside at the end."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from karyokit.chromosomes import Chromosome, Contact, Region, Separation
from karyokit.inference import Maps
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.second_look.surplus import set_surplus_aside

SHAPE = (40, 160)
KINDS = ("no chromosome", "chromosome", "joined", "no chromosome")


def cell(right: tuple[float, ...], kinds: tuple[str, ...] = KINDS) -> AnalysedCell:
    """Four bars in a row, the first two touching, named with these kinds and probabilities."""
    regions = [Region(10, column, np.ones((10, 30), bool)) for column in (5, 35, 80, 120)]
    met = [(Contact(0, (2,), "touching"),), (Contact(0, (1,), "touching"),), (), ()]
    chromosomes = tuple(
        Chromosome(number, region, separation=Separation("graph", 1, 0.5, contacts, None, score=0.9))
        for number, (region, contacts) in enumerate(zip(regions, met, strict=True), start=1)
    )
    density = np.zeros(SHAPE, np.float32)
    for region in regions:
        density[region.window][region.crop] = 1
    plane = (density > 0).astype(np.float32)
    maps = Maps(plane, np.zeros_like(plane), np.zeros_like(plane), {(0, 8): np.full(SHAPE, 4.0, np.float32)})
    bare = AnalysedCell("cell", (density * 200).astype(np.uint8), "brightfield", chromosomes, density=density, width_px=10.0, maps=maps)
    evidence = SimpleNamespace(kinds=kinds, right=np.array(right))
    return replace(bare, evidence=evidence)  # type: ignore[arg-type]


def test_what_is_surely_no_chromosome_is_set_aside_and_the_others_are_numbered_anew() -> None:
    found = set_surplus_aside(cell((0.95, 0.2, 0.99, 0.4)))
    assert [(one.number, one.region.column) for one in found.chromosomes] == [(1, 35), (2, 80), (3, 120)]
    assert [(one.region.column, one.reason) for one in found.set_aside] == [(5, "no whole chromosome")]
    assert not found.chromosomes[0].separation.contacts
    assert found.evidence is None


def test_a_cell_without_surplus_stays_as_it_is() -> None:
    for given in (cell((0.6, 0.9, 0.9, 0.3)), replace(cell((0.95, 0.9, 0.9, 0.9)), maps=None)):
        assert set_surplus_aside(given) is given


def test_a_picture_does_not_lose_its_last_objects() -> None:
    given = cell((0.95, 0.95, 0.95, 0.95), ("no chromosome",) * 4)
    assert set_surplus_aside(given) is given
