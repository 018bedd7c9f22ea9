"""The state of a mask when it is to be decided what to do with it: some numbers about its shape, its picture and its neighbours."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

from karyokit.checks import problem, require_range
from karyokit.reconstruction.crf import InstanceCrop

FEATURES = (
    "area",
    "length",
    "width",
    "elongation",
    "entropy",
    "boundary",
    "contrast",
    "pixel_size_um",
    "overlaps",
    "overlap_share",
    "touching",
)
"""Names of the numbers of a state, in order; a store can only be used with the names it was written with."""

_EIGHT = np.ones((3, 3), bool)


def state_of(crop: InstanceCrop, *, pixel_size_um: float = 0.0) -> tuple[float, ...]:
    """The numbers named in ``FEATURES`` of one mask; all finite.

    ``area`` and ``boundary`` count pixels, ``length`` those of the skeleton, ``width`` = area / length, ``elongation`` = length / width;
    ``entropy`` is the mean binary entropy of the mask's probabilities in bits; ``contrast`` the mean grey level inside minus that of the
    box outside all masks; ``overlaps`` the number of zones shared with other masks, ``overlap_share`` their share of the area;
    ``touching`` 1 where another mask lies next to this one outside such zones. ``pixel_size_um`` 0 means unknown.
    Raises ``ValueError`` for an empty mask. Source: spec 6.3.
    """
    require_range("pixel_size_um", pixel_size_um, 0.0, 1e6)
    mask = crop.mask
    area = int(np.count_nonzero(mask))
    if area == 0:
        raise ValueError(problem("mask", "have a pixel", "an empty mask", "Leave out empty masks."))
    length = max(int(np.count_nonzero(skeletonize(mask))), 1)
    boundary = int(np.count_nonzero(mask & ~ndimage.binary_erosion(mask)))
    shared = crop.shared
    return (
        float(area),
        float(length),
        area / length,
        length**2 / area,
        _entropy(crop.probability[mask]),
        float(boundary),
        _contrast(crop),
        float(pixel_size_um),
        float(ndimage.label(shared, _EIGHT)[1]),
        np.count_nonzero(shared) / area,
        float(_touches(crop)),
    )


def _entropy(probability: np.ndarray) -> float:
    sure = np.clip(probability.astype(float), 1e-6, 1 - 1e-6)
    return float(-(sure * np.log(sure) + (1 - sure) * np.log(1 - sure)).mean() / math.log(2))


def _contrast(crop: InstanceCrop) -> float:
    """Mean inside minus mean outside all masks, in grey levels; 0 where no pixel is outside."""
    grey = crop.image.astype(float)
    grey = grey.mean(axis=2) if grey.ndim == 3 else grey
    outside = ~(crop.mask | crop.others)
    return float(grey[crop.mask].mean() - grey[outside].mean()) if outside.any() else 0.0


def _touches(crop: InstanceCrop) -> bool:
    zones = ndimage.binary_dilation(crop.shared, _EIGHT, iterations=2)
    return bool((ndimage.binary_dilation(crop.mask, _EIGHT) & crop.others & ~zones).any())
