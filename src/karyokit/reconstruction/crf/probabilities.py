"""A probability map for each mask, where no network gave one of its own.

KEMR-Net takes them from the mask heads of its detector. Other ways to masks have maps of the whole picture, or only masks.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.special import expit

from karyokit.checks import require_plane, require_same_shape


def masks_to_probabilities(masks: np.ndarray, *, softness: float = 1.5) -> np.ndarray:
    """(n, rows, columns) float32 of (n, rows, columns) bool: 0.5 at the outline, a logistic curve of the distance from it in pixels.

    ``softness`` is the distance at which the odds have changed by a factor of e. A pixel of other masks alone is at most as likely as it
    is unlikely for those. No mask gives (0, rows, columns). Our reading: KEMR-Net has the probabilities of its mask heads.
    """
    found = np.zeros(masks.shape, np.float32)
    for mask, plane in zip(masks, found, strict=True):
        if mask.any() and not mask.all():
            signed = ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)
            plane[:] = expit((signed - np.where(mask, 0.5, -0.5)) / softness)
        else:
            plane[:] = mask
    inside = (found * masks).max(axis=0, initial=0)
    return np.where(masks, found, np.minimum(found, 1 - inside))


def maps_to_probabilities(masks: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """(n, rows, columns) float32: how likely each pixel belongs to each mask, from one (rows, columns) foreground map in 0..1.

    A pixel of the mask, and a pixel of no mask that lies nearer to this mask than to any other, has the foreground's probability;
    a pixel of another mask has that of the background, at most 0.5; all else 0. So thresholding gives back the masks wherever
    the foreground map was thresholded at 0.5, and every mask competes only for background next to it. Our reading, spec 6.2.
    """
    require_plane("foreground", foreground)
    found = np.zeros(masks.shape, np.float32)
    if len(masks) == 0:
        return found
    require_same_shape({"masks": masks[0], "foreground": foreground})
    nearest = _nearest(masks)
    taken = masks.any(axis=0)
    for number, (mask, plane) in enumerate(zip(masks, found, strict=True)):
        plane[:] = np.where(mask | (~taken & (nearest == number)), foreground, 0)
        plane[:] = np.where(taken & ~mask, np.minimum(1 - foreground, 0.5), plane)
    return found


def _nearest(masks: np.ndarray) -> np.ndarray:
    """(rows, columns) number of the mask nearest to each pixel; the first one where masks overlap; 0 where all are empty."""
    owner = np.where(masks.any(axis=0), masks.argmax(axis=0), -1)
    if (owner < 0).all():
        return np.zeros(owner.shape, int)
    rows, columns = ndimage.distance_transform_edt(owner < 0, return_distances=False, return_indices=True)
    return owner[rows, columns]
