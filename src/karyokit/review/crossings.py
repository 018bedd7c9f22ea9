"""Taking a crossing apart: the zone that several chromosomes share, the arms around it, and the ways to pair them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.regions import EIGHT, cropped, moved, nearest_owner, shared, union, within
from karyokit.review.shapes import SMALLEST, Point, polygon_region
from karyokit.review.state import Refused

Groups = tuple[tuple[int, ...], ...]
MOST_ARMS = 8
_REACH = 2
"""Pixels within which an arm reaches a zone."""


@dataclass(frozen=True, eq=False)
class Crossing:
    """An overlap zone and the arms around it, numbered from 1 in reading order of their first pixel."""

    zone: Region
    arms: tuple[Region, ...]


@dataclass(frozen=True, eq=False)
class Pairing:
    """Arms grouped into chromosomes: numbers of arms, the regions they make with the zone; ``bend`` is the mean angle
    in degrees by which chromosomes turn in the zone, 0 for straight ones."""

    groups: Groups
    regions: tuple[Region, ...]
    bend: float


def find_crossing(regions: Sequence[Region], zone: Sequence[Point] | None, shape: tuple[int, int]) -> Crossing:
    """The crossing of one or more regions; without a drawn ``zone`` it is what they share.

    Crumbs of fewer than ``SMALLEST`` pixels go to the nearest arm. Raises ``Refused`` where there is no zone or fewer than two arms.
    """
    whole = union(regions)
    middle = _drawn_zone(whole, zone, shape) if zone else _shared_zone(regions)
    if middle.area == 0:
        raise Refused("the chromosomes share no area. Draw the crossing zone.")
    labels = _arm_labels(regions, whole, middle)
    sizes = np.bincount(labels.ravel())
    kept = [label for label in range(1, len(sizes)) if sizes[label] >= SMALLEST]
    if not 2 <= len(kept) <= MOST_ARMS:
        raise Refused(f"{len(kept)} arms lie around this zone, 2 to {MOST_ARMS} can be paired. Draw the zone so that it parts the arms.")
    owner = nearest_owner(np.where(np.isin(labels, kept), labels, 0))
    arms = [cropped(whole, (owner == label) & (labels > 0)) for label in kept]
    return Crossing(middle, tuple(sorted(arms, key=lambda arm: (arm.row, arm.column + int(arm.crop[0].argmax())))))


def _arm_labels(regions: Sequence[Region], whole: Region, zone: Region) -> np.ndarray:
    """Over the box of ``whole``: pieces of the regions outside the zone, numbered from 1; joined over sides only, since arms
    of a crossing meet at its corners."""
    labels = np.zeros(whole.crop.shape, int)
    for region in regions:
        body = within(whole, region) & ~within(whole, zone) & (labels == 0)
        found, _ = ndimage.label(body)
        labels[body] = found[body] + labels.max()
    return labels


def grouped(crossing: Crossing, groups: Groups) -> tuple[Region, ...]:
    """The region of each group: its arms and the parts of the zone that they reach.

    Raises ``Refused`` unless every arm is in exactly one group.
    """
    named = sorted(arm for group in groups for arm in group)
    if named != list(range(1, len(crossing.arms) + 1)) or not all(groups):
        raise Refused(f"the groups must name each of the arms 1 to {len(crossing.arms)} once. Ask for the pairings again.")
    return tuple(_with_zone([crossing.arms[arm - 1] for arm in group], crossing.zone) for group in groups)


def pairings(crossing: Crossing, *, wanted: int = 2) -> list[Pairing]:
    """Ways to group the arms into chromosomes of one or two arms: those that give ``wanted`` chromosomes first, straightest first.

    At most two arms, three of an odd number, stay alone.
    """
    numbers = tuple(range(1, len(crossing.arms) + 1))
    odd = len(numbers) % 2
    middle = _centre(crossing.zone)
    aims = [_unit(_centre(_near(arm, crossing.zone)) - middle) for arm in crossing.arms]
    found = []
    for groups in (*_groupings(numbers, odd), *_groupings(numbers, odd + 2)):
        bends = [_bend(aims[group[0] - 1], aims[group[1] - 1]) for group in groups if len(group) == 2]
        found.append(Pairing(groups, grouped(crossing, groups), float(np.mean(bends)) if bends else 0.0))
    return sorted(found, key=lambda one: (abs(len(one.groups) - wanted), one.bend))


def _drawn_zone(whole: Region, zone: Sequence[Point], shape: tuple[int, int]) -> Region:
    return shared(whole, polygon_region(zone, shape))


def _shared_zone(regions: Sequence[Region]) -> Region:
    """What at least two of the regions hold."""
    return union([shared(one, two) for one, two in combinations(regions, 2)])


def _with_zone(arms: Sequence[Region], zone: Region) -> Region:
    """The arms and the connected parts of the zone within reach of them."""
    labels, _ = ndimage.label(zone.crop, EIGHT)
    reached = np.zeros(zone.crop.shape, bool)
    for arm in arms:
        reached |= _near_mask(zone, arm)
    own = np.isin(labels, np.unique(labels[reached & zone.crop]))
    return union([*arms, cropped(zone, own)])


def _near_mask(region: Region, other: Region) -> np.ndarray:
    """Over the box of ``region``: within ``_REACH`` pixels of ``other``."""
    top, left = region.row - _REACH, region.column - _REACH
    frame = Region(top, left, np.ones((region.crop.shape[0] + 2 * _REACH, region.crop.shape[1] + 2 * _REACH), bool))
    part = shared(frame, other)
    if part.area == 0:
        return np.zeros(region.crop.shape, bool)
    mask = moved(part, -top, -left).to_mask((frame.crop.shape[0], frame.crop.shape[1]))
    wide: np.ndarray = ndimage.binary_dilation(mask, EIGHT, iterations=_REACH)
    return wide[_REACH:-_REACH, _REACH:-_REACH]


def _near(arm: Region, zone: Region) -> Region:
    """The part of an arm within about a zone's size of the zone, which tells where it comes in."""
    reach = max(zone.crop.shape)
    rows, columns = np.indices(arm.crop.shape)
    middle = _centre(zone)
    far = np.hypot(rows + arm.row + 0.5 - middle[0], columns + arm.column + 0.5 - middle[1])
    near = cropped(arm, far <= float(far[arm.crop].min()) + reach)
    return near if near.area else arm


def _centre(region: Region) -> np.ndarray:
    return np.asarray(np.argwhere(region.crop).mean(axis=0) + np.array([region.row + 0.5, region.column + 0.5]))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.hypot(*vector)), 1e-6)


def _bend(one: np.ndarray, two: np.ndarray) -> float:
    """Degrees by which the way from one arm through the zone into the other turns."""
    return float(np.degrees(np.arccos(np.clip(-(one @ two), -1, 1))))


def _groupings(numbers: tuple[int, ...], alone: int) -> Iterator[Groups]:
    """All groupings into pairs with exactly ``alone`` numbers on their own; none where there are not enough."""
    if not numbers:
        if not alone:
            yield ()
        return
    first, rest = numbers[0], numbers[1:]
    for i, partner in enumerate(rest):
        for others in _groupings(rest[:i] + rest[i + 1 :], alone):
            yield ((first, partner), *others)
    if alone:
        for others in _groupings(rest, alone - 1):
            yield ((first,), *others)
