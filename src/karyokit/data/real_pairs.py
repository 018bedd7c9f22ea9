"""Real pictures of two overlapping chromosomes, cut from M-FISH cells and brought to the form of the Pommier set.

A network that scores 99 % on the regenerated pairs has seen twelve chromosomes of one cell whose overlaps were made by adding grey
values. These pictures come from other cells, another laboratory and real overlaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data import mfish
from karyokit.data.records import AnnotatedCell
from karyokit.staining import chromosome_width, to_density

POMMIER_WIDTH = 13.0
"""Median chromosome width in pixels of the rebuilt Pommier set."""
POMMIER_GREY = 57.0
"""Median grey value, over its pictures, of a chromosome outside the overlap."""
_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class RealPairs:
    """``images`` (n, size, size) int16, background 0; ``labels`` uint8: 1 only the smaller chromosome, 2 only the larger, 3 both.

    ``names`` are cell and the two numbers of the chromosomes in it; ``skipped`` counts pairs that do not fit into the size.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    skipped: int


def real_pairs(root: Path, splits: Sequence[str] = ("val", "test"), *, size: int = 128, gap: int = 2) -> RealPairs:
    """The two-chromosome overlap groups of the M-FISH cells of ``splits``.

    A group is two chromosomes that share an overlap of at least 15 px while no third one touches them; everything outside the two,
    and ``gap`` pixels around them, is set to 0. Pictures are scaled so that the cell's chromosomes get the width of the Pommier set's,
    and their median grey value outside the overlap its grey value. No pair gives arrays of length 0. Raises ``FileNotFoundError``
    where the cells are missing.
    """
    found = [pair for split in splits for cell in mfish.cells(root, split) for pair in _pairs_of(cell, size, gap)]
    fitting = [pair for pair in found if pair is not None]
    images = np.array([image for _, image, _ in fitting], np.int16).reshape(-1, size, size)
    labels = np.array([label for _, _, label in fitting], np.uint8).reshape(-1, size, size)
    return RealPairs(images, labels, tuple(name for name, _, _ in fitting), len(found) - len(fitting))


def overlap_groups(regions: Sequence[Region], shape: tuple[int, int], least: int = mfish.MIN_CROSSING) -> list[tuple[int, int]]:
    """Index pairs (smaller, larger by area) of regions that share at least ``least`` pixels and touch no third region."""
    masks = [region.to_mask(shape) for region in regions]
    touching = [_touched(index, regions[index], masks) for index in range(len(masks))]
    pairs = [(i, j) for i, near in enumerate(touching) for j in near if i < j and near == {j} and touching[j] == {i}]
    lapping = [(i, j) for i, j in pairs if np.count_nonzero(masks[i] & masks[j]) >= least]
    return [(i, j) if masks[i].sum() <= masks[j].sum() else (j, i) for i, j in lapping]


def _touched(index: int, region: Region, masks: Sequence[np.ndarray]) -> set[int]:
    """Numbers of the other masks that lie within a pixel of one region."""
    rows, columns = region.window
    window = slice(max(rows.start - 1, 0), rows.stop + 1), slice(max(columns.start - 1, 0), columns.stop + 1)
    grown = ndimage.binary_dilation(masks[index][window], _EIGHT)
    return {other for other, mask in enumerate(masks) if other != index and (grown & mask[window]).any()}


def _pairs_of(cell: AnnotatedCell, size: int, gap: int) -> Iterator[tuple[str, np.ndarray, np.ndarray] | None]:
    """Name, picture and labels of each pair; None for one that is too large."""
    shape = (cell.image.shape[0], cell.image.shape[1])
    groups = overlap_groups(cell.regions, shape)
    if not groups:
        return
    density = to_density(cell.image, cell.stain)
    scale = POMMIER_WIDTH / chromosome_width(density)
    for alpha, beta in groups:
        masks = np.stack([cell.regions[index].to_mask(shape) for index in (alpha, beta)])
        cut = _cut(density, masks, scale, gap)
        yield None if max(cut[0].shape) > size else (f"{cell.name}/{alpha}+{beta}", _centred(cut[0], size), _centred(cut[1], size))


def _cut(density: np.ndarray, masks: np.ndarray, scale: float, gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey picture and labels of two chromosomes, scaled, in the box of both."""
    near = ndimage.binary_dilation(masks.any(axis=0), _EIGHT, iterations=gap)
    rows, columns = ndimage.find_objects(near.astype(np.uint8))[0]
    shape = max(1, round((rows.stop - rows.start) * scale)), max(1, round((columns.stop - columns.start) * scale))
    grey = _resized(np.where(near, density, 0)[rows, columns], shape)
    alpha, beta = (_resized(mask[rows, columns].astype(np.float32), shape) > 0.5 for mask in masks)
    single = alpha ^ beta
    typical = float(np.median(grey[single])) if single.any() else 1.0
    return np.clip(grey * POMMIER_GREY / max(typical, 1e-6), 0, 1000).astype(np.int16), (alpha + 2 * beta).astype(np.uint8)


def _resized(plane: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    picture = Image.fromarray(plane.astype(np.float32)).resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
    return np.asarray(picture, np.float32)


def _centred(plane: np.ndarray, size: int) -> np.ndarray:
    """The plane in the middle of a square of zeros."""
    top, left = (size - plane.shape[0]) // 2, (size - plane.shape[1]) // 2
    canvas = np.zeros((size, size), plane.dtype)
    canvas[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
    return canvas
