"""Ports: where an arm meets an overlap zone, in which direction it enters, and how wide it is there.

Source: spec 10.4. The direction comes from the arm's own shape over one and a half widths: the centres of its slices at
growing distance from the contact, so a curved arm is followed and a ragged contact does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.reconstruction.arms import EIGHT, Pieces, Window, grown_window

DEPTH = 1.5
"""Widths over which an arm's direction is measured."""


@dataclass(frozen=True, eq=False)
class Port:
    """One contact of an arm with a zone.

    ``centre`` is the (row, column) middle of the contact, ``tangent`` the unit direction in which the arm enters the
    zone, ``width`` the arm's width there in pixels, ``trust`` 0..1 how long the arm is next to the stretch over which
    the tangent was measured, ``size`` the arm's area in squared widths, ``contact`` how long the contact is in widths.
    """

    arm: int
    zone: int
    centre: np.ndarray
    tangent: np.ndarray
    width: float
    trust: float
    size: float
    contact: float


def find_ports(pieces: Pieces) -> dict[int, list[Port]]:
    """The ports of every zone; an arm that meets a zone in two separate places has two."""
    windows = ndimage.find_objects(pieces.arms)
    zone_windows = ndimage.find_objects(pieces.zones)
    ports: dict[int, list[Port]] = {}
    for zone, arms in pieces.touch.items():
        zone_view = grown_window(zone_windows[zone - 1], pieces.reach, pieces.zones.shape)
        near = ndimage.binary_dilation(pieces.zones[zone_view] == zone, EIGHT, iterations=pieces.reach)
        centre = np.argwhere(near).mean(axis=0) + _corner(zone_view)
        ports[zone] = [port for arm in arms for port in _ports_of(pieces, arm, zone, windows[arm - 1], (zone_view, near, centre))]
    return ports


def _ports_of(pieces: Pieces, arm: int, zone: int, window: Window, place: tuple[Window, np.ndarray, np.ndarray]) -> list[Port]:
    zone_view, near, zone_centre = place
    body = pieces.arms[window] == arm
    contact = np.zeros_like(body)
    shared = [slice(max(one.start, two.start), min(one.stop, two.stop)) for one, two in zip(window, zone_view, strict=True)]
    contact[_within(shared, window)] = near[_within(shared, zone_view)]
    contact &= body
    sides, count = ndimage.label(contact, EIGHT)
    sizes = np.bincount(sides.ravel(), minlength=count + 1)[1:]
    least = min(max(0.25 * sizes.max(), 0.3 * pieces.width), sizes.max())
    corner = _corner(window)
    area = float(np.count_nonzero(body)) / pieces.width**2
    found = []
    for side in np.flatnonzero(sizes >= least) + 1:
        centre, tangent, width, trust = _measure(body, sides == side, pieces.width, zone_centre - corner)
        length = float(sizes[side - 1]) / pieces.reach / pieces.width
        found.append(Port(arm, zone, centre + corner, tangent, width, trust, area, length))
    return found


def _measure(body: np.ndarray, contact: np.ndarray, width: float, zone_centre: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Centre, inward tangent, local width and trust of the contact of one arm."""
    steps = _steps_from(body, contact, int(np.ceil(DEPTH * width)))
    points = np.argwhere(steps > 0).astype(float)
    depth = steps[steps > 0] - 1
    centre = points[depth == 0].mean(axis=0)
    slices = np.bincount(depth)
    middles = np.stack([np.bincount(depth, weights=points[:, axis]) for axis in (0, 1)], axis=1) / slices[:, None]
    trust = min(len(middles) / width, 1.0)
    towards = _unit(zone_centre - points.mean(axis=0))
    tangent = towards
    if len(middles) >= 4:
        offset = middles - middles.mean(axis=0)
        place = np.arange(len(middles)) - (len(middles) - 1) / 2
        along = -(place[:, None] * offset).sum(axis=0)
        tangent = _unit(trust * _unit(along) + (1 - trust) * towards)
    across = (points - points.mean(axis=0)) @ np.array([-tangent[1], tangent[0]])
    return centre, tangent, float(np.sqrt(12) * across.std() + 1.0), trust


def _steps_from(body: np.ndarray, contact: np.ndarray, limit: int) -> np.ndarray:
    """(rows, columns) int: 1 on the contact, then one more per step inside the body, 0 beyond ``limit`` steps.

    Steps alternate between 4 and 8 neighbours, which makes slices nearly octagonal.
    """
    steps = np.where(np.pad(body, 1), 0, -1)
    steps[1:-1, 1:-1][contact] = 1
    width, flat = steps.shape[1], steps.ravel()
    edges = np.array([-width, -1, 1, width])
    around = np.concatenate([edges, [-width - 1, 1 - width, width - 1, width + 1]])
    fresh = [np.zeros(0, int), np.flatnonzero(flat == 1)]  # the pixels of the last two steps: only these have new neighbours
    for step in range(2, limit + 2):
        near = np.concatenate(fresh)[:, None] + (around if step % 2 else edges)
        near = np.unique(near[flat[near] == 0])
        if not near.size:
            break
        flat[near] = step
        fresh = [fresh[1], near]
    return np.maximum(steps[1:-1, 1:-1], 0)


def _corner(window: Window) -> np.ndarray:
    return np.array([window[0].start, window[1].start], float)


def _within(shared: list[slice], window: Window) -> Window:
    """A window seen from the corner of another one that holds it."""
    rows, columns = (slice(s.start - w.start, s.stop - w.start) for s, w in zip(shared, window, strict=True))
    return rows, columns


def _unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.hypot(*vector))
    return vector / length if length > 0 else np.array([1.0, 0.0])
