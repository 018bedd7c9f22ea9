"""Zones of a cluster where arms meet: which chromosome goes straight through, and whether two of them cross there."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import ndimage
from skimage.morphology import convex_hull_image

from karyokit.data.gband_box_seeds import SLACK, window_mask
from karyokit.data.separation_targets import MIN_OVERLAP

DARKER = 1.3
"""Density of an overlap, as a share of the darker of the two, where the arms alone do not tell a crossing."""

DARKER_BETWEEN = 1.0
"""The same where the arms of the two alternate around the zone, as those of an X do."""

SEAM = 3.0
"""Half thickness in pixels of shared areas that are no crossing, only two chromosomes pressed together."""

Masks = dict[int, np.ndarray]
Meeting = Literal["crossing", "touching", "unsure"]
_EIGHT = np.ones((3, 3), bool)


def settle_zones(zones: np.ndarray, masks: Masks, density: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Change ``masks`` (box number -> bool plane) in place in each zone; give back the bool plane of zones that stay unsure."""
    labels, _ = ndimage.label(zones, _EIGHT)
    unsure = np.zeros(zones.shape, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        window = slice(max(rows.start - 4, 0), rows.stop + 4), slice(max(columns.start - 4, 0), columns.stop + 4)
        zone = labels[window] == number
        moved = boxes - np.array([window[1].start, window[0].start, 0, 0])
        if not _settle(zone, {name: mask[window] for name, mask in masks.items()}, density[window], moved):
            unsure[window] |= zone
    return unsure


def _settle(zone: np.ndarray, masks: Masks, density: np.ndarray, boxes: np.ndarray) -> bool:
    """Whoever enters the zone from two sides goes straight through; two who do share the middle where they cross. In place.

    False where that cannot be told; the masks are then as before.
    """
    ring = ndimage.binary_dilation(zone, _EIGHT, iterations=2) & ~zone
    contacts = {name: mask & ring for name, mask in masks.items() if name > 0}
    contacts = {name: contact for name, contact in contacts.items() if _sides(contact, zone) >= 2}
    through = {
        name: convex_hull_image(contact) & zone & window_mask(boxes[name - 1], zone.shape, SLACK) for name, contact in contacts.items()
    }
    shared = np.sum([*through.values(), np.zeros(zone.shape, int)], axis=0) >= 2
    kind = meeting(list(contacts.values()), shared, density) if shared.any() else "touching"
    if kind == "unsure":
        return False
    if kind == "touching":
        through = {name: hull & ~shared for name, hull in through.items()}
    for name, hull in through.items():
        for other, mask in masks.items():
            mask &= ~hull | through.get(other, np.False_) | (other == name)
        masks[name] |= hull
    return True


def _sides(contact: np.ndarray, zone: np.ndarray) -> int:
    return int(ndimage.label(ndimage.binary_dilation(contact, _EIGHT) & ~zone, _EIGHT)[1])


def meeting(contacts: list[np.ndarray], shared: np.ndarray, density: np.ndarray) -> Meeting:
    """What two chromosomes do that both go through a zone.

    ``contacts`` are the bool planes of the pixels through which each enters, ``shared`` those that both would cover. A
    thin shared area is a contact. A thick one is a crossing where it is darker than both, `DARKER_BETWEEN` where their
    arms alternate around the zone and `DARKER` elsewhere. More than two chromosomes stay unsure.
    """
    if len(contacts) != 2:
        return "unsure"
    if np.count_nonzero(shared) < MIN_OVERLAP or ndimage.distance_transform_edt(np.pad(shared, 1)).max() <= SEAM:
        return "touching"
    level = max(float(np.median(density[contact])) for contact in contacts)
    needed = DARKER_BETWEEN if alternate(*contacts) else DARKER
    return "crossing" if float(np.median(density[shared])) >= needed * level else "unsure"


def alternate(first: np.ndarray, second: np.ndarray) -> bool:
    """Does the line between the two largest parts of one bool plane cross that between those of the other?

    >>> plane = np.zeros((5, 5), bool); plane[2, [0, 4]] = True
    >>> alternate(plane, plane.T), alternate(plane, np.roll(plane, 1, axis=0))
    (True, False)
    """
    (a, b), (c, d) = _ends(first), _ends(second)
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(start: np.ndarray, end: np.ndarray, point: np.ndarray) -> float:
    return float((end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0]))


def _ends(contact: np.ndarray) -> np.ndarray:
    """(2, 2) centres of the two largest parts; the same one twice where there is one part only."""
    labels, number = ndimage.label(contact, _EIGHT)
    largest = np.argsort(-np.bincount(labels.ravel())[1:], kind="stable")[:2] + 1
    return np.array(ndimage.center_of_mass(contact, labels, largest if number > 1 else [1, 1]))
