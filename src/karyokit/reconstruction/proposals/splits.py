"""Where one region may be two chromosomes: at a neck, where the maps hold it together least, in a zone, at a sharp bend."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.reconstruction.affinities import Affinities
from karyokit.reconstruction.confidence.maps import inner_answers, means_of_cuts
from karyokit.reconstruction.confidence.shape import Shape, shape_of
from karyokit.reconstruction.necks import WEIGHTS, possible_cuts
from karyokit.regions import EIGHT, cropped, nearest_owner

Parts = tuple[Region, Region]

MOST_NECKS = 3
SAME_NECK = 0.9
"""Two cuts that leave a side of this IoU are one."""
ALONG_BORDER = 4.0
"""What a neck that runs wholly along the border map gains in the order of necks."""
SMALLEST_PART, SMALLEST_ARM, SMALLEST_ZONE = 0.5, 0.5, 0.1
"""Areas in squared widths below which a part is no chromosome, an arm no arm, a zone no zone."""
SHARP_BEND = np.deg2rad(50)


def possible_splits(region: Region, *, overlap: np.ndarray, border: np.ndarray, affinities: Affinities, width: float) -> list[Parts]:
    """Pairs of regions that one region may be, each part at least ``SMALLEST_PART``; parts that end in one zone share it.

    ``overlap`` and ``border`` are (rows, columns) probabilities of the picture, ``width`` the typical width in pixels.
    """
    window = region.window
    zones = region.crop & (overlap[window] > 0.5)
    shape = shape_of(region)
    own = {step: plane[window] for step, plane in affinities.items()}
    masks = [*_at_necks(region.crop, zones, border[window], width), *_at_weakest(shape, own, width)]
    masks += [*_in_zones(shape, zones, width), *_at_bend(shape, width)]
    parts = [(cropped(region, one), cropped(region, two)) for one, two in masks]
    return [pair for pair in parts if min(pair[0].area, pair[1].area) >= SMALLEST_PART * width**2]


Masks = tuple[np.ndarray, np.ndarray]
"""The two parts as masks over the box of the region."""


def _at_necks(crop: np.ndarray, zones: np.ndarray, border: np.ndarray, width: float) -> Iterator[Masks]:
    """The likeliest cuts between dents of the outline."""
    near_zone = ndimage.binary_dilation(zones, iterations=2) if zones.any() else zones
    cuts = [
        (float(cut.terms @ WEIGHTS) + ALONG_BORDER * float(border[cut.pixels].mean()), cut) for cut in possible_cuts(crop, near_zone, width)
    ]
    taken: list[np.ndarray] = []
    for _, cut in sorted(cuts, key=lambda scored: -scored[0]):
        first = crop & (nearest_owner(cut.sides) == 1)
        if any(max(_iou(first, other), _iou(crop & ~first, other)) > SAME_NECK for other in taken):
            continue
        taken.append(first)
        yield first, crop & ~first
        if len(taken) == MOST_NECKS:
            return


def _iou(one: np.ndarray, two: np.ndarray) -> float:
    return float((one & two).sum() / max((one | two).sum(), 1))


def _at_weakest(shape: Shape, affinities: Affinities, width: float) -> Iterator[Masks]:
    """The cut across the axis over which the maps say "one chromosome" least, half a width or more from either tip."""
    count, tip = len(shape.axis), int(width / 2)
    if count > 2 * tip + 2:
        means = means_of_cuts(*inner_answers(shape.crop, shape.place, affinities), count)
        yield _across(shape, tip + int(means[tip : count - tip].argmin()))


def _in_zones(shape: Shape, zones: np.ndarray, width: float) -> Iterator[Masks]:
    """For each zone that the axis runs through: both sides with the zone."""
    labels, count = ndimage.label(zones, EIGHT)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    for zone in np.flatnonzero(sizes[1:] >= SMALLEST_ZONE * width**2) + 1:
        inside = labels == zone
        start, stop = np.percentile(shape.place[inside], [5, 95])
        outside = shape.crop & ~inside
        arms = (outside & (shape.place < start)).sum(), (outside & (shape.place > stop)).sum()
        if min(arms) >= SMALLEST_ARM * width**2:
            first = shape.place <= (start + stop) / 2
            yield shape.crop & (first | inside), shape.crop & (~first | inside)


def _at_bend(shape: Shape, width: float) -> Iterator[Masks]:
    """The cut at the sharpest bend of the axis over one width to either side."""
    step = max(int(width), 3)
    if len(shape.axis) <= 2 * step + 2:
        return
    smooth = ndimage.gaussian_filter1d(shape.axis.astype(float), max(width / 6, 1), axis=0, mode="nearest")
    middle = np.arange(step, len(smooth) - step)
    before, after = smooth[middle] - smooth[middle - step], smooth[middle + step] - smooth[middle]
    turns = np.abs(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)))
    if turns.max() > SHARP_BEND:
        yield _across(shape, int(middle[turns.argmax()]))


def _across(shape: Shape, place: int) -> Masks:
    first = shape.place <= place
    return shape.crop & first, shape.crop & ~first
