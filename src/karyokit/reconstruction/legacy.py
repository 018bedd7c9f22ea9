"""ChromSeg's crossing-partition: straight rays through each overlap zone join the arms they hit.

Source: Cao et al., ChromSeg, BIBM 2020, section II-D and algorithm 1; steps as in the authors' code (spec 10.1), with four changes
(spec 10.3): rays are exact lines outwards from the zone's centre (the code meets the farthest part first in one direction and swaps rows
and columns), parts are told apart by a watershed on distances (the code: on the colours), pictures may have any shape, and no
seed is expected at pixel (0, 0).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage
from skimage.draw import line
from skimage.segmentation import watershed

from karyokit.reconstruction.arms import EIGHT, Pieces, find_zones, grown_window, pieces_of, with_rest
from karyokit.reconstruction.grouping import Grouping, joined
from karyokit.reconstruction.options import ReconstructionOptions

PRESETS: dict[str, dict[str, Any]] = {
    "released": {"ring": 4, "ring_shape": "square", "mutual": False, "erosion": 1},
    "paper": {"ring": 10, "ring_shape": "disk", "mutual": False, "erosion": 1},
    "mutual": {"ring": 4, "ring_shape": "square", "mutual": True, "erosion": 1},
}
"""Values of ``ReconstructionOptions``: those of the authors' code, those of the paper's text (8 to 12 px; 10 taken), and a stricter
reading in which both rays must hit."""


def cut_for_rays(foreground: np.ndarray, overlap: np.ndarray, *, border: np.ndarray | None, options: ReconstructionOptions) -> Pieces:
    """Cut (rows, columns) bool maps into zones and parts as crossing-partition does; ``overlap`` lies inside ``foreground``.

    Zones are the 8-connected components of the overlap. Seeds of the parts are those of the rest after an opening with a 3 x 3 square
    and ``options.erosion`` erosions; every other pixel joins the seed whose flood over the distance map reaches it first, across zones
    too. What no flood reaches is a part of its own. Parts that touch each other are one part: there is no cut between them but along a
    ``border`` map, which ChromSeg does not have.
    """
    width, foreground, zones = find_zones(foreground, overlap, options)
    plain = foreground & (zones == 0)
    firm = ndimage.binary_opening(plain if border is None else plain & ~border, EIGHT)
    seeds = ndimage.binary_erosion(firm, EIGHT, iterations=options.erosion) if options.erosion else firm
    labels = ndimage.label(seeds, EIGHT)[0].astype(np.int32)
    flooded = watershed(-ndimage.distance_transform_edt(plain), labels, mask=foreground, connectivity=2)
    arms = with_rest(np.where(plain, flooded, 0), plain)
    return pieces_of(arms, zones, foreground, width=width, options=options)


def partition_crossings(pieces: Pieces, options: ReconstructionOptions) -> Grouping:
    """Join arms that a ray from the one through the centre of a zone reaches.

    The margin is 1 where both rays of a pair hit each other, 0.5 where only one of them does.
    """
    links = []
    for zone, window in enumerate(ndimage.find_objects(pieces.zones), start=1):
        view = grown_window(window, options.ring, pieces.zones.shape)
        hits = _hits(pieces.arms[view], pieces.zones[view] == zone, options)
        for arm, target in hits.items():
            mutual = hits.get(target) == arm
            if mutual or not options.mutual:
                links.append((arm, target, zone, 1.0 if mutual else 0.5))
    return joined(pieces, links, "crossing-partition")


def ring_of(zone: np.ndarray, options: ReconstructionOptions) -> np.ndarray:
    """Pixels within ``options.ring`` of a (rows, columns) bool zone, without it: by the larger of the two offsets, or by distance.

    >>> zone = np.zeros((5, 5), bool); zone[2, 2] = True
    >>> ring_of(zone, ReconstructionOptions(ring=2, ring_shape="disk")).astype(int)
    array([[0, 0, 1, 0, 0],
           [0, 1, 1, 1, 0],
           [1, 1, 0, 1, 1],
           [0, 1, 1, 1, 0],
           [0, 0, 1, 0, 0]])
    """
    if options.ring_shape == "disk":
        return (ndimage.distance_transform_edt(~zone) <= options.ring) & ~zone
    return ndimage.binary_dilation(zone, EIGHT, iterations=options.ring) & ~zone


def _hits(arms: np.ndarray, zone: np.ndarray, options: ReconstructionOptions) -> dict[int, int]:
    """For each arm in the ring round a zone, the first other arm on its ray."""
    canvas = np.where(ring_of(zone, options), arms, 0)
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
