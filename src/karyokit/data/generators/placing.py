"""Where chromosomes lie: free places on the metaphase plate, places that touch and places that cross a partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.data.generators.warping import Posed

CLUSTER_SIZES = (2, 3, 4, 5)
CLUSTER_SHARES = (0.613, 0.216, 0.092, 0.079)
"""Share of clusters with 2, 3, 4 and 5 or more chromosomes: 1,460, 514, 220 and 189 of 2,383 (spec section 1.6)."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A posed chromosome with the picture position of its crop's top left pixel."""

    posed: Posed
    row: int
    column: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The slices of the crop in the picture."""
        height, width = self.posed.mask.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)

    @property
    def axis(self) -> np.ndarray:
        """(k, 2) axis points in picture coordinates."""
        return np.asarray(self.posed.axis + np.array([self.row, self.column]))


@dataclass(frozen=True)
class Plate:
    """The ellipse chromosomes scatter over: centre and semi-axes (rows, columns), in pixels."""

    centre: tuple[float, float]
    radii: tuple[float, float]

    def draw(self, rng: np.random.Generator, stretch: float = 1.0) -> tuple[float, float]:
        """A point of the ellipse, evenly over its area; ``stretch`` enlarges it."""
        angle, radius = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform()) * stretch
        return self.centre[0] + self.radii[0] * radius * np.sin(angle), self.centre[1] + self.radii[1] * radius * np.cos(angle)


class Field:
    """The picture while chromosomes are laid down.

    ``zone`` holds, per pixel, the cluster whose chromosomes lie there or within the gap (0 = free); ``count`` the number of
    masks that cover it.
    """

    def __init__(self, shape: tuple[int, int], gap: int) -> None:
        self.shape = shape
        self.gap = gap
        self.zone = np.zeros(shape, np.int16)
        self.count = np.zeros(shape, np.uint8)
        self.placed: list[Placed] = []
        self.clusters: list[int] = []

    def inside(self, posed: Posed, row: int, column: int) -> bool:
        """True where the whole crop lies in the picture."""
        height, width = posed.mask.shape
        return row >= 0 and column >= 0 and row + height <= self.shape[0] and column + width <= self.shape[1]

    def strangers(self, posed: Posed, row: int, column: int, cluster: int) -> int:
        """Number of mask pixels on or within the gap of chromosomes of other clusters."""
        zone = self.zone[row : row + posed.mask.shape[0], column : column + posed.mask.shape[1]]
        return int(np.count_nonzero(posed.mask & (zone != 0) & (zone != cluster)))

    def shared(self, posed: Posed, row: int, column: int) -> int:
        """Number of mask pixels already covered by a mask."""
        count = self.count[row : row + posed.mask.shape[0], column : column + posed.mask.shape[1]]
        return int(np.count_nonzero(posed.mask & (count > 0)))

    def add(self, posed: Posed, row: int, column: int, cluster: int) -> Placed:
        """Lay a chromosome down."""
        placed = Placed(posed, row, column)
        self.count[placed.window] += posed.mask
        self._mark(placed, cluster)
        self.placed.append(placed)
        self.clusters.append(cluster)
        return placed

    def _mark(self, placed: Placed, cluster: int) -> None:
        gap = self.gap
        wide = (
            ndimage.binary_dilation(np.pad(placed.posed.mask, gap), np.ones((2 * gap + 1, 2 * gap + 1), bool)) if gap else placed.posed.mask
        )
        top, left = max(placed.row - gap, 0), max(placed.column - gap, 0)
        zone = self.zone[top : placed.row - gap + wide.shape[0], left : placed.column - gap + wide.shape[1]]
        cut = wide[top - placed.row + gap :, left - placed.column + gap :][: zone.shape[0], : zone.shape[1]]
        zone[cut] = cluster


def draw_cluster_sizes(count: int, crowding: float, *, rng: np.random.Generator) -> list[int]:
    """Sizes of the clusters that together hold about ``crowding * count`` chromosomes.

    >>> draw_cluster_sizes(46, 0.0, rng=np.random.default_rng(0))
    []
    """
    wanted = crowding * count
    sizes: list[int] = []
    while wanted - sum(sizes) >= 2 or (wanted - sum(sizes) > 0 and rng.uniform() < (wanted - sum(sizes)) / 2):
        room = min(int(np.ceil(wanted - sum(sizes))), count - sum(sizes))
        if room < 2:
            break
        size = int(rng.choice(CLUSTER_SIZES, p=CLUSTER_SHARES))
        sizes.append(min(size + (int(rng.integers(0, 4)) if size == 5 else 0), room))
    return sizes


def corner_at(anchor: np.ndarray, point: Sequence[float] | np.ndarray) -> tuple[int, int]:
    """Top left corner that brings the crop point ``anchor`` to the picture ``point``."""
    row, column = np.rint(np.asarray(point) - anchor).astype(int)
    return int(row), int(column)


def tangent_at(axis: np.ndarray, index: int) -> float:
    """Direction in radians of an axis at one of its points."""
    low, high = max(index - 2, 0), min(index + 2, len(axis) - 1)
    delta = axis[high] - axis[low]
    return float(np.arctan2(delta[1], delta[0]))


def meeting_angle(first: float, second: float) -> float:
    """Unsigned angle in 0..pi/2 between two directions.

    >>> round(float(np.rad2deg(meeting_angle(0.1, 0.1 + np.pi - 0.5))), 3) == round(float(np.rad2deg(0.5)), 3)
    True
    """
    turned = abs(first - second) % np.pi
    return float(min(turned, np.pi - turned))


def cross_corner(posed: Posed, partner: Placed, *, own: float, other: float, offset: float = 0.0) -> tuple[int, int, float]:
    """Corner where the axes meet at the shares ``own`` and ``other`` of their lengths, and the meeting angle.

    ``offset`` moves the chromosome along its own tip direction by that many pixels.
    """
    mine, theirs = round(own * (len(posed.axis) - 1)), round(other * (len(partner.axis) - 1))
    first, second = tangent_at(posed.axis, mine), tangent_at(partner.axis, theirs)
    shift = offset * np.array([np.cos(first), np.sin(first)])
    row, column = corner_at(posed.axis[mine] - shift, partner.axis[theirs])
    return row, column, meeting_angle(first, second)


def slide_corner(posed: Posed, partner: Placed, *, target: np.ndarray, angle: float) -> tuple[int, int] | None:
    """Corner of the last place before overlap when the chromosome slides along ``angle`` towards the ``target`` point.

    The masks then touch (8-neighbours) without sharing a pixel; nothing where the slide misses the partner.
    """
    direction = np.array([np.cos(angle), np.sin(angle)])
    centre = posed.axis[len(posed.axis) // 2]
    reach = sum(max(each.shape) for each in (posed.mask, partner.posed.mask))
    hit = _first_hit(posed, partner, [corner_at(centre, target - direction * far) for far in range(reach, -1, -6)])
    if hit is None:
        return None
    near = [corner_at(centre, target - direction * far) for far in np.arange(reach - 6 * hit + 6, reach - 6 * hit - 1, -0.5)]
    last = _first_hit(posed, partner, near)
    return near[last - 1] if last else None


def _first_hit(posed: Posed, partner: Placed, corners: list[tuple[int, int]]) -> int | None:
    return next((number for number, corner in enumerate(corners) if shared_pixels(posed, *corner, partner)), None)


def shared_pixels(posed: Posed, row: int, column: int, partner: Placed) -> int:
    """Number of pixels two masks share."""
    top, left = max(row, partner.row), max(column, partner.column)
    bottom = min(row + posed.mask.shape[0], partner.row + partner.posed.mask.shape[0])
    right = min(column + posed.mask.shape[1], partner.column + partner.posed.mask.shape[1])
    if bottom <= top or right <= left:
        return 0
    mine = posed.mask[top - row : bottom - row, left - column : right - column]
    theirs = partner.posed.mask[top - partner.row : bottom - partner.row, left - partner.column : right - partner.column]
    return int(np.count_nonzero(mine & theirs))


def place_free(field: Field, posed: Posed, plate: Plate, *, cluster: int, rng: np.random.Generator, tries: int = 240) -> Placed:
    """Lay a chromosome where no other is within the gap; the plate grows with the tries, the least crowded try wins at last."""
    if posed.mask.shape[0] > field.shape[0] or posed.mask.shape[1] > field.shape[1]:
        raise ValueError(problem("shape", f"hold a chromosome of {posed.mask.shape}", field.shape, "Enlarge the picture or lower `scale`."))
    best, fewest = (0, 0), posed.mask.size + 1
    centre = np.array(posed.mask.shape) / 2
    limits = np.array(field.shape) - posed.mask.shape
    for attempt in range(tries):
        row, column = corner_at(centre, plate.draw(rng, 1.0 + 0.8 * attempt / tries))
        if attempt > tries // 2:
            row, column = int(np.clip(row, 0, limits[0])), int(np.clip(column, 0, limits[1]))
        if not field.inside(posed, row, column):
            continue
        clash = field.strangers(posed, row, column, cluster)
        if clash < fewest:
            best, fewest = (row, column), clash
        if clash == 0:
            break
    return field.add(posed, *best, cluster)


def place_contact(
    field: Field, posed: Posed, partners: Sequence[Placed], *, cluster: int, crossing: bool, rng: np.random.Generator, tries: int = 24
) -> Placed | None:
    """Lay a chromosome so that it crosses or touches a member of its cluster and stays clear of the others."""
    for _ in range(tries):
        partner = partners[int(rng.integers(len(partners)))]
        corner = _crossing_try(posed, partner, rng) if crossing else _touching_try(posed, partner, rng)
        if corner is None or not field.inside(posed, *corner) or field.strangers(posed, *corner, cluster):
            continue
        shared = field.shared(posed, *corner)
        least = min(np.count_nonzero(posed.mask), np.count_nonzero(partner.posed.mask))
        if (crossing and 0 < shared <= 0.6 * least) or (not crossing and shared == 0):
            return field.add(posed, *corner, cluster)
    return None


def _crossing_try(posed: Posed, partner: Placed, rng: np.random.Generator) -> tuple[int, int] | None:
    row, column, angle = cross_corner(posed, partner, own=rng.uniform(0.03, 0.97), other=rng.uniform(0.03, 0.97))
    return (row, column) if np.rad2deg(angle) > rng.uniform(10.0, 35.0) else None


def _touching_try(posed: Posed, partner: Placed, rng: np.random.Generator) -> tuple[int, int] | None:
    target = partner.axis[int(rng.integers(len(partner.axis)))]
    return slide_corner(posed, partner, target=target, angle=rng.uniform(0, 2 * np.pi))
