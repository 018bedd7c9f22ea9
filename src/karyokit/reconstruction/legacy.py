"""ChromSeg's crossing-partition: straight rays through each overlap zone join the arms they hit.

Source: ChromSeg, stage 2, as released, with exact rays (spec 10.1 and 10.3).
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.draw import line

from karyokit.reconstruction.arms import EIGHT, Pieces, grown_window
from karyokit.reconstruction.grouping import Grouping, joined
from karyokit.reconstruction.options import ReconstructionOptions


def partition_crossings(pieces: Pieces, options: ReconstructionOptions) -> Grouping:
    """Join arms that a ray from the one through the centre of a zone reaches.

    The margin is 1 where both rays of a pair hit each other, 0.5 where only one of them does.
    """
    links = []
    for zone, window in enumerate(ndimage.find_objects(pieces.zones), start=1):
        view = grown_window(window, options.ring, pieces.zones.shape)
        hits = _hits(pieces.arms[view], pieces.zones[view] == zone, options.ring)
        for arm, target in hits.items():
            mutual = hits.get(target) == arm
            if mutual or not options.mutual:
                links.append((arm, target, zone, 1.0 if mutual else 0.5))
    return joined(pieces, links, "crossing-partition")


def _hits(arms: np.ndarray, zone: np.ndarray, radius: int) -> dict[int, int]:
    """For each arm in the ring round a zone, the first other arm on its ray."""
    ring = ndimage.binary_dilation(zone, EIGHT, iterations=radius) & ~zone
    canvas = np.where(ring, arms, 0)
    centre = np.array(ndimage.center_of_mass(zone))
    hits = {}
    for arm in np.unique(canvas[canvas > 0]):
        anchor = np.array(ndimage.center_of_mass(canvas == arm))
        target = _first_hit(canvas, centre, centre - anchor, int(arm))
        if target:
            hits[int(arm)] = target
    return hits


def _first_hit(canvas: np.ndarray, start: np.ndarray, direction: np.ndarray, own: int) -> int:
    """Label of the first arm but ``own`` on the ray, 0 for none."""
    length = np.hypot(*direction)
    if length == 0:
        return 0
    end = start + direction / length * (sum(canvas.shape) + 2)
    rows, columns = line(*np.rint(start).astype(int), *np.rint(end).astype(int))
    inside = (rows >= 0) & (columns >= 0) & (rows < canvas.shape[0]) & (columns < canvas.shape[1])
    labels = canvas[rows[inside], columns[inside]]
    found = labels[(labels > 0) & (labels != own)]
    return int(found[0]) if found.size else 0
