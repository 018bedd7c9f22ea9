"""Karyotypes of drawn cells: gains, losses, joined objects, debris, and laws."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from karyokit.karyotype.evidence import KINDS, log_likelihoods, weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects

sys.path.insert(0, str(Path(__file__).parent))
from drawn_objects import AUTOSOMES, XX, XY, joined_pair, objects_of, with_debris, without


@pytest.mark.parametrize(
    ("cell", "iscn"),
    [
        (XX, "46,XX"),
        (XY, "46,XY"),
        ([*XX, 21], "47,XX,+21"),
        ([*XY, 18], "47,XY,+18"),
        ([*AUTOSOMES, 23], "45,X"),
        ([*XY, 23], "47,XXY"),
        ([*XY, 24], "47,XYY"),
        ([*XX, 18, 18, 18, 18], "50,XX,+18,+18,+18,+18"),
        (XY * 2, "92,XXYY"),
        ([*XX, *range(1, 24)], "69,XXX"),
    ],
)
def test_clear_objects_give_their_karyotype(cell: list[int], iscn: str) -> None:
    found = weigh_karyotypes(objects_of(cell))
    assert found.best.iscn == iscn
    np.testing.assert_array_equal(found.categories, cell)
    assert set(found.kinds) == {KINDS[0]}
    assert found.right.min() > 0.5


def test_two_joined_chromosomes_are_no_loss() -> None:
    found = weigh_karyotypes(joined_pair(objects_of(XX), 2, 30))
    assert found.best.iscn == "46,XX"
    assert (found.kinds[2], found.categories[2]) == ("joined", 0)
    assert set(found.kinds[:2] + found.kinds[3:]) == {"chromosome"}


@pytest.mark.parametrize("area", [40.0, 250.0])
def test_debris_is_no_gain(area: float) -> None:
    found = weigh_karyotypes(with_debris(objects_of(XY), area))
    assert found.best.iscn == "46,XY"
    assert (found.kinds[-1], found.categories[-1]) == ("no chromosome", 0)
    assert any(sentence.startswith("chromosome 47: rather no whole chromosome") for sentence in found.sentences())


def test_a_missed_chromosome_is_rather_missed_than_lost() -> None:
    found = weigh_karyotypes(objects_of(without(XX, 9)))
    assert found.best.iscn == "46,XX"
    assert found.probability_of(9, 1) > 20 * weigh_karyotypes(objects_of(XX)).probability_of(9, 1)


def test_another_21_raises_its_probability() -> None:
    cells = ((XX, 0.999), ([*XX, 21], 0.9), ([*XX, 21], 0.999))
    before, doubtful, sure = (weigh_karyotypes(objects_of(cell, sure=how)).probability_of(21, 3) for cell, how in cells)
    assert before < 0.01 < doubtful < sure


def test_sizes_tell_what_looks_cannot() -> None:
    objects = objects_of(XX)
    torn = objects.probabilities.copy()
    torn[[0, 21]] = 0.0005
    torn[[0, 21], 0] = torn[[0, 21], 21] = 0.4945
    seen = CellObjects(torn, objects.areas, objects.scores, objects.certain)
    assert weigh_karyotypes(seen).categories[[0, 21]].tolist() == [1, 22]
    blind = weigh_karyotypes(CellObjects(torn, None, objects.scores, objects.certain))
    assert blind.right[0] < 0.8 < weigh_karyotypes(seen).right[0]


def test_laws() -> None:
    objects = with_debris(objects_of([*XY, 21], sure=0.95), 120.0)
    found = weigh_karyotypes(objects)
    assert sum(one.probability for one in found.alternatives) == pytest.approx(1)
    assert [one.probability for one in found.alternatives] == sorted((one.probability for one in found.alternatives), reverse=True)
    assert len({one.copies for one in found.alternatives}) == len(found.alternatives)
    assert {"46,XX", "46,XY"} <= {one.iscn for one in found.alternatives}
    assert ((found.right >= 0) & (found.right <= 1 + 1e-9)).all()
    turned = np.random.default_rng(1).permutation(len(objects.scores))
    assert objects.areas is not None
    other = weigh_karyotypes(
        CellObjects(objects.probabilities[turned], objects.areas[turned], objects.scores[turned], objects.certain[turned])
    )
    assert other.best.copies == found.best.copies
    assert other.best.probability == pytest.approx(found.best.probability, abs=1e-3)
    np.testing.assert_array_equal(other.categories, found.categories[turned])
    doubled = weigh_karyotypes(CellObjects(objects.probabilities, 2 * objects.areas, objects.scores, objects.certain))
    assert doubled.best.probability == pytest.approx(found.best.probability)


def test_what_a_person_said_is_final() -> None:
    objects = objects_of([*XX, 5], sure=0.3)
    certain = CellObjects(np.eye(24)[np.array([*XX, 5]) - 1], objects.areas, objects.scores, np.ones(47, bool))
    assert weigh_karyotypes(certain).best.iscn == "47,XX,+5"


def test_a_karyotype_can_be_asked_for() -> None:
    objects = objects_of(XX)
    normal, lost = (2,) * 22 + (2, 0), (2,) * 6 + (1,) + (2,) * 15 + (2, 0)
    logs = log_likelihoods(objects, [normal, lost])
    known = {one.copies: one.log_likelihood for one in weigh_karyotypes(objects).alternatives}
    assert logs[0] == pytest.approx(known[normal], abs=0.01)
    assert logs[1] < logs[0]
    assert log_likelihoods(objects, []).shape == (0,)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="`objects` must hold at least one object"):
        weigh_karyotypes(CellObjects(np.zeros((0, 24)), None, np.zeros(0), np.zeros(0, bool)))
    with pytest.raises(ValueError, match="`objects` must have one row of 24 probabilities"):
        weigh_karyotypes(CellObjects(np.full((2, 23), 1 / 23), None, np.ones(2), np.zeros(2, bool)))
