"""Crossings taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_case import REGIONS, SHAPE, box

from karyokit.chromosomes import Region
from karyokit.regions import shared, union
from karyokit.review.crossings import find_crossing, grouped, pairings
from karyokit.review.state import Refused

LYING, STANDING = REGIONS[6], REGIONS[7]
ZONE = [(115, 55), (115, 65), (125, 65), (125, 55)]


def mask(region: Region) -> np.ndarray:
    return region.to_mask(SHAPE)


@pytest.mark.parametrize(("regions", "zone"), [([LYING, STANDING], None), ([union([LYING, STANDING])], ZONE)])
def test_the_straight_pairing_comes_first_and_restores_both(regions: list[Region], zone: list[tuple[float, float]] | None) -> None:
    crossing = find_crossing(regions, zone, SHAPE)
    assert (mask(crossing.zone) == (mask(LYING) & mask(STANDING))).all()
    found = pairings(crossing)
    assert [one.groups for one in found[:1]] == [((1, 4), (2, 3))]
    assert [one.bend for one in found[:3]] == sorted(one.bend for one in found[:3])
    assert found[0].bend == pytest.approx(0, abs=1)
    assert [len(one.groups) for one in found] == [2] * 3 + [3] * 6
    masks = [mask(region) for region in found[0].regions]
    assert (masks[0] == mask(STANDING)).all()
    assert (masks[1] == mask(LYING)).all()


def test_every_pairing_gives_the_zone_to_all_and_loses_nothing() -> None:
    crossing = find_crossing([LYING, STANDING], None, SHAPE)
    for one in pairings(crossing):
        assert (mask(union(one.regions)) == mask(union([LYING, STANDING]))).all()
        assert all(shared(region, crossing.zone).area == crossing.zone.area for region in one.regions)


def test_an_odd_arm_stays_alone() -> None:
    tee = union([LYING, box(115, 55, 150, 65)])
    found = pairings(find_crossing([tee], ZONE, SHAPE))
    assert found[0].groups in {((1, 2), (3,)), ((1, 3), (2,))}
    assert sorted(len(group) for group in found[0].groups) == [1, 2]
    assert found[0].bend == pytest.approx(0, abs=5)


def test_two_arms_are_two_chromosomes_or_one() -> None:
    bent = union([box(115, 30, 125, 65), box(115, 55, 150, 65)])
    found = pairings(find_crossing([bent], ZONE, SHAPE))
    assert [one.groups for one in found] == [((1,), (2,)), ((1, 2),)]
    assert found[1].bend == pytest.approx(90, abs=5)
    assert pairings(find_crossing([bent], ZONE, SHAPE), wanted=1)[0].groups == ((1, 2),)


def test_groups_must_name_every_arm_once() -> None:
    crossing = find_crossing([LYING, STANDING], None, SHAPE)
    for groups in ((), ((1, 2), (3,)), ((1, 2), (2, 3, 4)), ((1, 2, 3, 4), ())):
        with pytest.raises(Refused, match="each of the arms 1 to 4 once"):
            grouped(crossing, groups)
    assert len(grouped(crossing, ((1, 2, 3, 4),))) == 1


def test_what_does_not_cross_is_refused() -> None:
    with pytest.raises(Refused, match="share no area"):
        find_crossing([REGIONS[0], REGIONS[1]], None, SHAPE)
    with pytest.raises(Refused, match="0 arms lie around"):
        find_crossing([LYING], [(100, 10), (100, 100), (150, 100), (150, 10)], SHAPE)
    with pytest.raises(Refused, match="share no area"):
        find_crossing([LYING], [(0, 0), (0, 5), (5, 5)], SHAPE)
