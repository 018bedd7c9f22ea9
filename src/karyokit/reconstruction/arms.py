"""Overlap zones and arms: foreground, borders and overlaps cut into the pieces that chromosomes are made of.

A *zone* is a connected part of the overlap map. An *arm* is a piece of a chromosome between zones, borders and
background. Together they cover the foreground except specks. Source: spec 10.1 and 10.4, steps 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize
from skimage.segmentation import watershed

from karyokit.reconstruction.affinities import Affinities, Evidence, gather_evidence
from karyokit.reconstruction.merging import merge_touching
from karyokit.reconstruction.necks import cut_necks
from karyokit.reconstruction.options import ReconstructionOptions

EIGHT = np.ones((3, 3), bool)
DEFAULT_WIDTH = 10.0
AT_ZONE = 0.6
"""Widths from a zone within which touching arms are not joined by affinities: pairing their ports decides."""
FRAYED = 0.6
"""Widths from a zone within which bridges under 3 px do not count."""
FORK = 0.3
"""Widths from a zone within which two arms that hold together only there are still two."""
Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Pieces:
    """A picture cut into pieces.

    ``arms`` and ``zones`` are (rows, columns) int32 labels, 0 outside, never both positive. ``touch`` maps a zone to the
    arms that touch it. ``faint`` holds the zones too small to be sure of a crossing. ``width`` is the median chromosome
    width in pixels, ``reach`` the distance in pixels within which an arm touches a zone. ``evidence`` is what affinity
    maps say about pairs of arms, nothing where there are none.
    """

    arms: np.ndarray
    zones: np.ndarray
    touch: dict[int, tuple[int, ...]]
    faint: frozenset[int]
    width: float
    reach: int
    evidence: Evidence = field(default_factory=lambda: Evidence({}))

    @cached_property
    def arm_sizes(self) -> np.ndarray:
        """(arms + 1,) area of each arm in pixels, by its number; the first is that of everything else."""
        return np.bincount(self.arms.ravel(), minlength=1)

    @property
    def arm_count(self) -> int:
        """Number of arms; they are numbered from 1."""
        return len(self.arm_sizes) - 1


def typical_width(mask: np.ndarray) -> float:
    """Median width in pixels of the objects of a (rows, columns) bool mask, 10 where there are none.

    Width is twice the distance to the background along the skeleton.

    >>> bar = np.zeros((20, 60), bool)
    >>> bar[6:15, 4:56] = True
    >>> typical_width(bar)
    9.0
    """
    labels, count = ndimage.label(mask, EIGHT)
    if count == 0:
        return DEFAULT_WIDTH
    bodies = (np.pad(labels[window] == number, 1) for number, window in enumerate(ndimage.find_objects(labels), start=1))
    depths = [ndimage.distance_transform_edt(body)[skeletonize(body)] for body in bodies]
    return float(max(2.0 * np.median(np.concatenate(depths)) - 1.0, 3.0))


def cut_into_pieces(
    foreground: np.ndarray,
    overlap: np.ndarray,
    *,
    border: np.ndarray | None,
    options: ReconstructionOptions,
    affinities: Affinities | None = None,
) -> Pieces:
    """Cut (rows, columns) bool maps into arms and zones; ``overlap`` lies inside ``foreground``.

    With ``affinities`` touching arms that they hold for one chromosome are joined again.
    """
    width, foreground, zones = find_zones(foreground, overlap, options)
    plain = foreground & (zones == 0)
    body = plain if border is None else plain & ~border
    from_zones = _from_zones(zones, max(AT_ZONE, FORK, FRAYED) * width)
    arms = _grow(_cores(body, from_zones, width), plain)
    if options.split_touching:
        arms = cut_necks(arms, zones > 0, width, border, least=options.doubtful_neck if affinities else 0.0)
    if affinities:
        arms = merge_touching(arms, affinities, least=options.merge_above, apart=from_zones <= AT_ZONE * width)
    return pieces_of(arms, zones, foreground, width=width, options=options, affinities=affinities)


def find_zones(foreground: np.ndarray, overlap: np.ndarray, options: ReconstructionOptions) -> tuple[float, np.ndarray, np.ndarray]:
    """Typical width in pixels, the foreground without specks, and the int32 labels of the zones in it."""
    width = options.width or typical_width(foreground & ~overlap)
    foreground = without_specks(foreground, options.min_object * width**2)
    return width, foreground, ndimage.label(overlap & foreground, EIGHT)[0].astype(np.int32)


def pieces_of(
    arms: np.ndarray,
    zones: np.ndarray,
    foreground: np.ndarray,
    *,
    width: float,
    options: ReconstructionOptions,
    affinities: Affinities | None = None,
) -> Pieces:
    """The record of labelled arms and zones; a zone that no arm touches becomes an arm."""
    arms, zones = _absorb_strays(arms, zones, foreground, options.reach)
    evidence = gather_evidence(arms, affinities or {})
    sizes = np.bincount(zones.ravel())
    faint = frozenset(np.flatnonzero(sizes < options.min_zone * width**2).tolist())
    return Pieces(arms, zones, _touching_arms(arms, zones, options.reach), faint, width, options.reach, evidence)


def without_specks(mask: np.ndarray, min_area: float) -> np.ndarray:
    """The mask without its 8-connected objects of fewer than ``min_area`` pixels."""
    labels, _ = ndimage.label(mask, EIGHT)
    keep = np.bincount(labels.ravel()) >= min_area
    keep[0] = False
    return keep[labels]


def _from_zones(zones: np.ndarray, limit: float) -> np.ndarray:
    """Distance in pixels of each pixel from the nearest zone, right up to ``limit``, something above it farther away."""
    distance = np.full(zones.shape, np.inf)
    for window in ndimage.find_objects(zones):
        view = grown_window(window, int(limit) + 1, zones.shape)
        distance[view] = np.minimum(distance[view], ndimage.distance_transform_edt(zones[view] == 0))
    return distance


def _cores(body: np.ndarray, from_zones: np.ndarray, width: float) -> np.ndarray:
    """Labels of the parts of ``body`` that hold together; ``from_zones`` is each pixel's distance from the nearest zone.

    Bridges under 3 px beside a zone do not count, and arms that hold together only within ``FORK`` widths of a zone are
    two: should they belong together, their ports are paired again.
    """
    opened = ndimage.binary_opening(body, EIGHT)
    firm = _drop_small(ndimage.label(np.where(from_zones <= FRAYED * width, opened, body))[0], 0.1 * width**2)
    away = _drop_small(ndimage.label((firm > 0) & (from_zones > FORK * width))[0], 0.5 * width**2)
    arm_of = np.zeros(away.max(initial=0) + 1, int)
    arm_of[away[away > 0]] = firm[away > 0]
    branches = np.bincount(arm_of[arm_of > 0], minlength=firm.max(initial=0) + 1)
    firm = np.where(branches[firm] > 1, np.where(away > 0, away + firm.max(initial=0), 0), firm)
    whole, count = ndimage.label(body)
    held = np.bincount(whole.ravel(), weights=(firm > 0).ravel(), minlength=count + 1) > 0
    loose = _drop_small(np.where(held[whole], 0, whole), 0.1 * width**2)
    return np.where(firm > 0, firm, np.where(loose > 0, loose + firm.max(initial=0), 0))


def _drop_small(labels: np.ndarray, min_area: float) -> np.ndarray:
    sizes = np.bincount(labels.ravel())
    return np.where(sizes >= min_area, np.arange(sizes.size, dtype=labels.dtype), 0)[labels]


def _grow(cores: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Give every plain pixel to the nearest core it is connected to; what reaches none becomes an arm of its own."""
    distance = ndimage.distance_transform_edt(cores == 0)
    arms = watershed(distance, cores.astype(np.int32), mask=plain, connectivity=2)
    return with_rest(arms, plain)


def with_rest(arms: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Labels 1..n in which every connected part of ``plain`` that has none is an arm of its own."""
    rest, _ = ndimage.label(plain & (arms == 0), EIGHT)
    return renumbered(np.where(rest > 0, rest + arms.max(initial=0), arms))


def _absorb_strays(arms: np.ndarray, zones: np.ndarray, foreground: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """A zone that no arm touches is an arm of its own: nothing of the foreground may be lost."""
    near = ndimage.maximum_filter(arms, 2 * reach + 1)
    touched = np.unique(zones[(zones > 0) & (near > 0)])
    alone = (zones > 0) & ~np.isin(zones, touched) & foreground
    arms = np.where(alone, zones + arms.max(initial=0), arms)
    return renumbered(arms), renumbered(np.where(alone, 0, zones))


def renumbered(labels: np.ndarray) -> np.ndarray:
    """Labels 1..n in reading order of their first pixel, int32.

    >>> renumbered(np.array([[0, 7, 7], [3, 0, 7]]))
    array([[0, 1, 1],
           [2, 0, 1]], dtype=int32)
    """
    places = np.flatnonzero(labels)[::-1]
    first = np.full(int(labels.max(initial=0)) + 1, labels.size)
    first[labels.ravel()[places]] = places  # the last one written is the first in reading order
    known = np.flatnonzero(first < labels.size)
    table = np.zeros(first.size, np.int32)
    table[known[np.argsort(first[known])]] = np.arange(1, known.size + 1)
    return table[labels]


def _touching_arms(arms: np.ndarray, zones: np.ndarray, reach: int) -> dict[int, tuple[int, ...]]:
    """Arms within ``reach`` pixels of each zone."""
    touch = {}
    for zone, window in enumerate(ndimage.find_objects(zones), start=1):
        view = grown_window(window, reach, arms.shape)
        near = ndimage.binary_dilation(zones[view] == zone, EIGHT, iterations=reach)
        inside = arms[view][near]
        touch[zone] = tuple(int(arm) for arm in np.unique(inside[inside > 0]))
    return touch


def grown_window(window: Window, margin: int, shape: tuple[int, ...]) -> Window:
    """A window widened by ``margin`` pixels on each side, clipped to the picture."""
    rows, columns = window
    return (
        slice(max(rows.start - margin, 0), min(rows.stop + margin, shape[0])),
        slice(max(columns.start - margin, 0), min(columns.stop + margin, shape[1])),
    )
