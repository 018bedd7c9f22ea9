"""The two published ways to clean the interpolated label maps of the pairs set (spec 1.1).

Both take label maps (n, rows, columns) or (rows, columns), 0 background, 1 alpha, 2 beta, 3 overlap, values above 3 stray,
and return uint8 maps of the same shape with values 0..3. They are kept to compare with the literature; rebuilt pairs
carry noise-free labels in ``PairSet.truth``.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.morphology import disk, opening
from skimage.segmentation import watershed

from karyokit.checks import problem

CLASSES = (1, 2, 3)
_KEEP = 4
"""A label stays where at least this many of the 9 pixels around it, itself included, share it."""
_BLOCK = 256
"""Maps cleaned at a time, to bound the memory."""


def clean_nearest(labels: np.ndarray) -> np.ndarray:
    """Clean by the majority of the eight neighbours, as Hu et al. and the scripts of MACS and ARMS do.

    Inside the picture a stray value becomes the most frequent of the labels 0..3 around it; a label 1..3 shared by fewer
    than 4 of the 9 pixels does too; of equally frequent labels the lowest wins. All decisions look at the labels as given.
    The border, one pixel wide, becomes background; maps under 3 pixels wide are all border. An empty stack stays empty.
    Raises ``ValueError`` where ``labels`` has another number of dimensions or negative values.
    """
    stack = _as_stack(labels)
    cleaned = np.zeros(stack.shape, np.uint8)
    if min(stack.shape[1:]) >= 3:
        for start in range(0, len(stack), _BLOCK):
            cleaned[start : start + _BLOCK, 1:-1, 1:-1] = _majority(stack[start : start + _BLOCK])
    return cleaned.reshape(labels.shape)


def clean_watershed(labels: np.ndarray) -> np.ndarray:
    """Relabel the foreground by a watershed from the cores of the classes, as Pommier's cleaned file does.

    What survives the opening of a class with a disk of radius 1 is a seed; the seeds flood the inverted distance map of
    the foreground (in 256 steps). A class whose parts are all thinner than that disk vanishes; foreground that no seed
    reaches becomes background. An empty stack stays empty. Raises ``ValueError`` as ``clean_nearest`` does.
    """
    stack = _as_stack(labels)
    planes = [_flooded(plane) for plane in stack]
    return np.array(planes, np.uint8).reshape(labels.shape)


def _majority(stack: np.ndarray) -> np.ndarray:
    """The cleaned inner pixels of a stack, (n, rows - 2, columns - 2) uint8."""
    inner = stack[:, 1:-1, 1:-1]
    stays = inner == 0
    best = np.zeros(inner.shape, np.uint8)
    for label in range(4):
        here = (stack == label).astype(np.uint8)
        lines = here[:, :, :-2] + here[:, :, 1:-1] + here[:, :, 2:]
        nine = lines[:, :-2] + lines[:, 1:-1] + lines[:, 2:]
        stays |= (inner == label) & (nine >= _KEEP)
        np.maximum(best, 4 * (nine - here[:, 1:-1, 1:-1]) + np.uint8(3 - label), out=best)
    return np.where(stays, inner, 3 - best % 4).astype(np.uint8)


def _flooded(plane: np.ndarray) -> np.ndarray:
    mask = plane > 0
    if not mask.any():
        return np.zeros(plane.shape, np.uint8)
    seeds = np.zeros(plane.shape, np.uint8)
    for label in CLASSES:
        seeds[opening(plane == label, disk(1))] = label
    distance = ndimage.distance_transform_edt(mask)
    relief = ((1 - distance / distance.max()) * 255).astype(np.uint8)
    return np.asarray(watershed(relief, markers=seeds, mask=mask)).astype(np.uint8)


def _as_stack(labels: np.ndarray) -> np.ndarray:
    if labels.ndim not in (2, 3):
        raise ValueError(problem("labels", "be (rows, columns) or (n, rows, columns)", f"shape {labels.shape}", "Pass label maps."))
    if labels.size and labels.min() < 0:
        raise ValueError(problem("labels", "not be negative", labels.min(), "Pass label maps with background 0."))
    return labels.reshape(-1, *labels.shape[-2:])
