"""Partition of a cluster of touching or crossing chromosomes among their boxes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.graph import MCP_Geometric

from karyokit.data.gband_box_arms import arms_and_zones, spread_seeds
from karyokit.data.gband_box_seeds import SLACK, inside, seeds_in_cluster
from karyokit.data.gband_box_zones import settle_zones

VALLEY_COST = 40.0
"""Cost of a step per unit of curvature of the density, beside 1 for its length."""

MAX_FOREIGN = 6
"""Pixels of contact with what belongs to no box (a nucleus) from which the end of a chromosome cannot be told."""

_EIGHT = np.ones((3, 3), bool)


def part_cluster(cluster: np.ndarray, density: np.ndarray, boxes: np.ndarray) -> list[np.ndarray | None]:
    """Bool plane per tight box (n, 4), or None where its chromosome cannot be told; all planes have the cluster's shape.

    Seeds from the boxes are spread over whole arms; what is left goes to the box whose seeds are nearest, light lines
    (`valleys`) being far to cross; a chromosome stays in its box grown by `SLACK`. Zones where arms meet are settled last.
    A cluster with one box and nothing else is its chromosome.
    """
    if len(boxes) == 1 and np.count_nonzero(cluster[inside(boxes[0], cluster.shape, SLACK)]) == np.count_nonzero(cluster):
        return [cluster]
    arms, zones = arms_and_zones(cluster)
    seeds = spread_seeds(seeds_in_cluster(cluster, boxes), arms, boxes)
    owner = nearest_owner(cluster, seeds, density, boxes)
    masks = {name: owner == name for name in range(1, len(boxes) + 1) if (owner == name).any()}
    unsure = settle_zones(zones, masks, density, boxes)
    foreign = ndimage.binary_dilation(cluster & (owner < 1), _EIGHT)
    whole = {name: _in_one_piece(mask, unsure, foreign) for name, mask in masks.items()}
    return [whole.get(name) for name in range(1, len(boxes) + 1)]


def nearest_owner(cluster: np.ndarray, seeds: np.ndarray, density: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(rows, columns) int16: number of the box whose seeds are nearest, -1 for something else, 0 outside or out of reach."""
    owner, nearest = np.zeros(cluster.shape, np.int16), np.full(cluster.shape, np.inf)
    cost = 1 + VALLEY_COST * valleys(density)
    for name in np.unique(seeds[seeds != 0]):
        window = inside(boxes[name - 1], cluster.shape, SLACK) if name > 0 else (slice(None), slice(None))
        distance = _distance((seeds[window] == name) & cluster[window], cluster[window], cost[window])
        closer = distance < nearest[window]
        owner[window][closer], nearest[window][closer] = name, distance[closer]
    return owner


def _distance(starts: np.ndarray, allowed: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Length of the cheapest way from ``starts`` through ``allowed`` pixels, infinite where there is none."""
    distance = np.full(starts.shape, np.inf)
    rim = starts & ndimage.binary_dilation(allowed & ~starts, _EIGHT)
    if rim.any():
        distance = MCP_Geometric(np.where(allowed, cost, -1)).find_costs(np.argwhere(rim))[0]
    distance[starts] = 0
    return distance


def valleys(density: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    """Largest curvature of the smoothed density, at least 0: high along light lines between chromosomes and across bands."""
    rows = ndimage.gaussian_filter(density, sigma, order=(2, 0))
    columns = ndimage.gaussian_filter(density, sigma, order=(0, 2))
    mixed = ndimage.gaussian_filter(density, sigma, order=(1, 1))
    return np.maximum((rows + columns) / 2 + np.hypot((rows - columns) / 2, mixed), 0)


def _in_one_piece(mask: np.ndarray, unsure: np.ndarray, foreign: np.ndarray) -> np.ndarray | None:
    """The largest piece of the mask if it is nearly all of it, touches no unsure zone and hardly anything foreign."""
    labels, _ = ndimage.label(mask, _EIGHT)
    sizes = np.bincount(labels.ravel())[1:]
    contact = np.count_nonzero(mask & foreign)
    if not sizes.size or sizes.max() < 0.97 * sizes.sum() or (mask & unsure).any() or contact > MAX_FOREIGN:
        return None
    return np.asarray(labels == sizes.argmax() + 1)
