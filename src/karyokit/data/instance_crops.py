"""Random crops of instance samples: scaled, turned by quarters, mirrored, greys changed; boxes and masks follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.instance_samples import InstanceSample

LEAST_SIDE = 2.0
"""Smallest side in pixels of a box that a crop keeps."""


@dataclass(frozen=True)
class InstanceCropOptions:
    """How crops are drawn.

    ``side`` in pixels of the network's picture; ``magnify`` is the network's pixels per picture pixel and ``scale`` the range of
    random factors on it; ``on_chromosome`` the share of crops centred near a chromosome; ``visible`` the share of a chromosome that
    must lie in the crop for it to count; ``gain`` and ``gamma`` the spread of their logarithms, ``noise`` and ``blur`` upper ends.
    """

    side: int = 320
    magnify: float = 1.0
    scale: tuple[float, float] = (0.8, 1.25)
    on_chromosome: float = 0.8
    visible: float = 0.3
    gain: float = 0.2
    gamma: float = 0.2
    noise: float = 0.05
    blur: float = 0.8


@dataclass(frozen=True, eq=False)
class InstanceCrop:
    """``density`` (1, side, side) float32; ``boxes`` (n, 4) float32: left, top, right, bottom; ``masks`` (n, side, side) bool;
    ``has_mask`` (n,) bool. A mask that is not known is empty; n may be 0."""

    density: np.ndarray
    boxes: np.ndarray
    masks: np.ndarray
    has_mask: np.ndarray


def crop_instances(sample: InstanceSample, rng: np.random.Generator, options: InstanceCropOptions) -> InstanceCrop:
    """A random crop; outside the picture the density is 0. Chromosomes cut off by more than ``visible`` allows are left out."""
    factor = options.magnify * float(np.exp(rng.uniform(*np.log(options.scale))))
    corner = _corner(sample, rng, options.side / factor, options.on_chromosome)
    cut = cut_instances(sample, corner, factor, side=options.side, visible=options.visible)
    turned = turn_crop(cut, quarters=int(rng.integers(4)), mirror=bool(rng.integers(2)))
    return InstanceCrop(_change_greys(turned.density, rng, options), turned.boxes, turned.masks, turned.has_mask)


def _corner(sample: InstanceSample, rng: np.random.Generator, side: float, on_chromosome: float) -> np.ndarray:
    """(row, column) of the window's corner, so that the window does not leave a picture that can hold it."""
    shape = np.array(sample.shape, float)
    centre = rng.uniform(0, 1, 2) * shape
    if len(sample.boxes) and rng.random() < on_chromosome:
        box = sample.boxes[int(rng.integers(len(sample.boxes)))]
        centre = np.array([box[1] + box[3], box[0] + box[2]]) / 2 + rng.uniform(-side / 3, side / 3, 2)
    return np.clip(centre - side / 2, np.minimum(0, shape - side), np.maximum(0, shape - side))


def cut_instances(sample: InstanceSample, corner: np.ndarray, factor: float, *, side: int, visible: float) -> InstanceCrop:
    """The window with ``corner`` (row, column), magnified ``factor`` times to ``side`` x ``side`` pixels."""
    density = _resampled(sample.density.astype(np.float32), corner, factor, (side, side))
    boxes, masks, known = [], [], []
    for box, region in zip(sample.boxes, sample.regions, strict=True):
        moved = (box - np.tile(corner[::-1], 2)) * factor
        mask = np.zeros((side, side), bool) if region is None else _resampled_mask(region, corner, factor, side)
        inner = np.clip(moved, 0, side)
        share = _share_of_box(inner, moved) if region is None else np.count_nonzero(mask) / (region.area * factor**2)
        tight = inner if region is None or share == 0 else box_of_mask(mask)
        if share >= visible and (tight[2:] - tight[:2] >= LEAST_SIDE).all():
            boxes.append(tight)
            masks.append(mask)
            known.append(region is not None)
    stack = np.stack(masks) if masks else np.zeros((0, side, side), bool)
    return InstanceCrop(density[None], np.array(boxes, np.float32).reshape(-1, 4), stack, np.array(known, bool))


def box_of_mask(mask: np.ndarray) -> np.ndarray:
    """(4,) float box: left, top, right, bottom of a (rows, columns) mask with a true pixel.

    >>> box_of_mask(np.array([[0, 0, 0], [0, 1, 1]], bool)).tolist()
    [1.0, 1.0, 3.0, 2.0]
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)


def _share_of_box(inner: np.ndarray, whole: np.ndarray) -> float:
    area = float(np.prod(whole[2:] - whole[:2]))
    return float(np.prod(np.clip(inner[2:] - inner[:2], 0, None))) / area if area > 0 else 0.0


def _resampled(plane: np.ndarray, corner: np.ndarray, factor: float, shape: tuple[int, int]) -> np.ndarray:
    """Bilinear values at the pixel centres of the magnified window; 0 outside the plane."""
    offset = corner + 0.5 / factor - 0.5
    return ndimage.affine_transform(plane, np.full(2, 1 / factor), offset, shape, order=1, mode="grid-constant", cval=0.0)


def _resampled_mask(region: Region, corner: np.ndarray, factor: float, side: int) -> np.ndarray:
    """The region in the magnified window, edges where half a pixel is covered."""
    mask = np.zeros((side, side), bool)
    start = np.array([region.row, region.column]) - corner
    low = np.clip(np.floor(start * factor).astype(int) - 1, 0, side)
    high = np.clip(np.ceil((start + region.crop.shape) * factor).astype(int) + 1, 0, side)
    if (high > low).all():
        within = _resampled(region.crop.astype(np.float32), low / factor - start, factor, (int(high[0] - low[0]), int(high[1] - low[1])))
        mask[low[0] : high[0], low[1] : high[1]] = within >= 0.5
    return mask


def turn_crop(crop: InstanceCrop, *, quarters: int, mirror: bool) -> InstanceCrop:
    """The crop turned counter-clockwise by quarters, then mirrored left to right."""
    side, boxes = crop.density.shape[-1], crop.boxes
    for _ in range(quarters % 4):
        boxes = np.stack([boxes[:, 1], side - boxes[:, 2], boxes[:, 3], side - boxes[:, 0]], axis=1)
    planes = [np.rot90(plane, quarters, axes=(1, 2)) for plane in (crop.density, crop.masks)]
    if mirror:
        boxes = np.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], axis=1)
        planes = [plane[:, :, ::-1] for plane in planes]
    density, masks = (np.ascontiguousarray(plane) for plane in planes)
    return InstanceCrop(density, boxes, masks, crop.has_mask)


def _change_greys(density: np.ndarray, rng: np.random.Generator, options: InstanceCropOptions) -> np.ndarray:
    sigma = rng.uniform(0, options.blur) if rng.random() < 0.3 else 0.0
    changed = ndimage.gaussian_filter(density, (0, sigma, sigma)) if sigma else density
    changed = np.maximum(changed, 0) ** np.exp(rng.normal(0, options.gamma)) * np.exp(rng.normal(0, options.gain))
    return (changed + rng.normal(0, rng.uniform(0, options.noise), density.shape)).astype(np.float32)
