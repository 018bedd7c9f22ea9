"""Which part of an overlap zone belongs to each chromosome that runs through it.

The pixels of a zone with two chromosomes belong to both: that is what overlap means. Where three or more meet, each gets
the ribbon between its arms, as wide as they are, and left-over pixels go to the nearest ribbon (spec 10.4, step 6).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy import ndimage

from karyokit.reconstruction.arms import EIGHT, Pieces, Window, grown_window
from karyokit.reconstruction.grouping import Grouping

Share = tuple[Window, np.ndarray]


def zone_shares(pieces: Pieces, grouping: Grouping, *, ribbons: bool) -> list[list[Share]]:
    """For each group the (window, bool crop) pieces of zones that are its own; whole zones unless ``ribbons``."""
    shares: list[list[Share]] = [[] for _ in grouping]
    visitors: defaultdict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(grouping):
        for zone in group.zones:
            visitors[zone].append(number)
    for zone, window in enumerate(ndimage.find_objects(pieces.zones), start=1):
        view = grown_window(window, pieces.reach, pieces.zones.shape)
        mask = pieces.zones[view] == zone
        groups = visitors[zone]
        if ribbons and len(groups) > 2:
            crops = _ribbons(mask, [np.isin(pieces.arms[view], grouping[number].arms) for number in groups], pieces)
        else:
            crops = [mask] * len(groups)
        for number, crop in zip(groups, crops, strict=True):
            shares[number].append((view, crop))
    return shares


def _ribbons(zone: np.ndarray, arms: list[np.ndarray], pieces: Pieces) -> list[np.ndarray]:
    """One bool crop per chromosome; their union is the zone."""
    crops = [_ribbon(zone, arm, pieces) for arm in arms]
    left = zone & ~np.any(crops, axis=0)
    if not left.any():
        return crops
    distance = np.stack([ndimage.distance_transform_edt(~crop) if crop.any() else np.full(zone.shape, np.inf) for crop in crops])
    nearest = distance.argmin(axis=0)
    return [crop | (left & (nearest == number)) for number, crop in enumerate(crops)]


def _ribbon(zone: np.ndarray, arm: np.ndarray, pieces: Pieces) -> np.ndarray:
    """Hull of the contacts of a chromosome with the zone; one that ends there reaches a width and a half inward."""
    contact = arm & ndimage.binary_dilation(zone, EIGHT, iterations=pieces.reach)
    count = ndimage.label(ndimage.binary_dilation(contact, EIGHT))[1]
    if count == 0:
        return np.zeros_like(zone)
    points = np.argwhere(contact).astype(float)
    if count == 1:
        centre = points.mean(axis=0)
        inward = np.argwhere(zone).mean(axis=0) - centre
        length = max(float(np.hypot(*inward)), 1e-9)
        points = np.vstack([points, points + inward / length * 1.5 * pieces.width])
    return zone & _hull(points, zone.shape)


def _hull(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Pixels within half a pixel of the convex hull of points (n, 2)."""
    rows, columns = np.indices(shape)
    angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    inside = np.ones(shape, bool)
    for angle in angles:
        normal = np.array([np.sin(angle), np.cos(angle)])
        inside &= rows * normal[0] + columns * normal[1] <= (points @ normal).max() + 0.5
    return inside
