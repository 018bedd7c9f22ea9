"""ChromSeg's picture format: a cluster in the middle of a white canvas of 256 x 256 pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region, stack_masks
from karyokit.data.chromseg import ClusterPicture

SIDE = 256
WHITE = 255


def on_canvas(name: str, grey: np.ndarray, *, overlap: np.ndarray, regions: Sequence[Region], side: int = SIDE) -> ClusterPicture:
    """A cluster picture of ``side`` x ``side`` pixels from a (rows, columns) uint8 crop, dark on white, and its truth.

    ``overlap`` is a (rows, columns) bool mask, ``regions`` are the chromosomes in the crop; the foreground is their union. A crop that is
    larger than the canvas is made smaller, the picture with bilinear and the masks with nearest sampling.
    """
    factor = min(1.0, side / max(grey.shape))
    masks = np.concatenate([overlap[None], stack_masks(regions, grey.shape)])
    if factor < 1:
        grey, masks = _smaller(grey, factor), np.stack([_smaller(mask, factor) for mask in masks])
    canvas, corner = np.full((side, side), WHITE, np.uint8), [(side - length) // 2 for length in grey.shape]
    window = tuple(slice(start, start + length) for start, length in zip(corner, grey.shape, strict=True))
    canvas[window] = grey
    placed = np.zeros((len(masks), side, side), bool)
    placed[(slice(None), *window)] = masks
    instances = tuple(Region.from_mask(mask) for mask in placed[1:] if mask.any())
    return ClusterPicture(name, np.repeat(canvas[:, :, None], 3, axis=2), np.any(placed[1:], axis=0), placed[0], instances)


def _smaller(plane: np.ndarray, factor: float) -> np.ndarray:
    """The plane at a smaller size: bool by nearest, grey by bilinear sampling after a blur against aliasing."""
    size = tuple(max(int(length * factor), 1) for length in plane.shape)
    step = np.array(plane.shape) / np.array(size)
    offset = (step - 1) / 2
    if plane.dtype == bool:
        return ndimage.affine_transform(plane.astype(np.uint8), step, offset, size, order=0, mode="nearest").astype(bool)
    blurred = ndimage.gaussian_filter(plane.astype(np.float32), 0.4 * (step - 1), mode="nearest")
    out = ndimage.affine_transform(blurred, step, offset, size, order=1, mode="nearest")
    return np.rint(np.clip(out, 0, 255)).astype(np.uint8)
