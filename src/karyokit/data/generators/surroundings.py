"""What lies around chromosomes on a slide: interphase nuclei and debris, as density planes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from karyokit.data.generators.optics import smooth_field
from karyokit.data.generators.records import CellOptions
from karyokit.staining import Stain

NUCLEUS_DENSITY = {"fluorescence": (0.35, 1.1), "brightfield": (0.45, 0.9)}
NUCLEUS_EDGE = {"fluorescence": 6.0, "brightfield": 3.0}
"""Pixels over which a nucleus fades: out of focus in fluorescence, as nuclei are thicker than chromosomes."""

SPECK_DENSITY = {"fluorescence": (0.1, 1.0), "brightfield": (0.3, 2.0)}


def add_surroundings(density: np.ndarray, *, options: CellOptions, rng: np.random.Generator) -> np.ndarray:
    """A copy of the density plane with the drawn numbers of nuclei and specks added."""
    total = density.copy()
    for _ in range(int(rng.integers(options.nuclei[0], options.nuclei[1] + 1))):
        _add_nucleus(total, rng.uniform(*options.nucleus_radius), options, rng)
    for _ in range(int(rng.integers(options.debris[0], options.debris[1] + 1))):
        _add_speck(total, options.stain, rng)
    return total


def _add_nucleus(total: np.ndarray, radius: float, options: CellOptions, rng: np.random.Generator) -> None:
    """Add one nucleus; of a few random places the one with the least chromosome material below, half of them at the rim."""
    patch = nucleus(radius, options.stain, rng=rng)
    size = np.array(patch.shape)
    corners = [(rng.uniform(-0.35, 1.35, 2) * np.array(total.shape) - size / 2).astype(int) for _ in range(8)]
    corners = corners[: int(rng.integers(1, 9))]
    covered = [float((total[_overlap(total, patch, corner)[0]] > 0).sum()) for corner in corners]
    visible = [
        np.prod([max(side.stop - side.start, 0) for side in _overlap(total, patch, corner)[0]]) > 0.05 * patch.size for corner in corners
    ]
    order = np.lexsort((np.array(covered), ~np.array(visible)))
    paste(total, patch, corner=corners[int(order[0])])


def nucleus(radius: float, stain: Stain, *, rng: np.random.Generator) -> np.ndarray:
    """Square float32 density patch of one interphase nucleus: a soft, slightly irregular, mottled disc."""
    half = int(radius * 1.35) + 4
    rows, columns = np.meshgrid(*(np.arange(-half, half + 1, dtype=np.float32),) * 2, indexing="ij")
    angle = np.arctan2(rows, columns)
    outline = 1.0 + sum(rng.normal(0, 0.12 / order) * np.cos(order * angle + rng.uniform(0, 6.3)) for order in (2, 3, 4))
    inside = np.clip((radius * outline - np.hypot(rows, columns)) / NUCLEUS_EDGE[stain] + 0.5, 0.0, 1.0)
    grain = max(int(half / 4), 3)
    texture = 1.0 + 0.12 * smooth_field(rows.shape, (8, 8), rng=rng) + 0.1 * smooth_field(rows.shape, (grain, grain), rng=rng)
    return (inside * np.clip(texture, 0.2, None) * rng.uniform(*NUCLEUS_DENSITY[stain])).astype(np.float32)


def _add_speck(total: np.ndarray, stain: Stain, rng: np.random.Generator) -> None:
    kind = rng.uniform()
    if kind < 0.65:
        patch = _blob(rng.uniform(0.8, 3.0), rng.uniform(*SPECK_DENSITY[stain]), rng)
    elif kind < 0.85:
        patch = _blob(rng.uniform(4.0, 14.0), rng.uniform(0.03, 0.12), rng)
    else:
        patch = _ring(rng.uniform(2.5, 6.0), rng.uniform(0.08, 0.3))
    paste(total, patch, corner=(rng.uniform(0, 1, 2) * np.array(total.shape) - np.array(patch.shape) / 2).astype(int))


def _blob(radius: float, peak: float, rng: np.random.Generator) -> np.ndarray:
    """A soft irregular spot; small ones are dirt, large faint ones lie out of focus."""
    half = int(3 * radius) + 2
    plane = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    steps = np.cumsum(rng.normal(0, 0.5 * radius, (4, 2)), axis=0) + half
    rows, columns = np.clip(np.rint(steps), half // 2, half + half // 2).astype(int).T
    np.add.at(plane, (rows, columns), 1.0)
    plane = ndimage.gaussian_filter(plane, max(radius * 0.6, 0.5), truncate=3.0)
    return np.asarray(plane * np.float32(peak / plane.max()))


def _ring(radius: float, peak: float) -> np.ndarray:
    half = int(radius) + 4
    rows, columns = np.meshgrid(*(np.arange(-half, half + 1, dtype=np.float32),) * 2, indexing="ij")
    return (peak * np.exp(-(((np.hypot(rows, columns) - radius) / 1.1) ** 2))).astype(np.float32)


def _overlap(total: np.ndarray, patch: np.ndarray, corner: np.ndarray) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Windows of a plane and of a patch laid on it at ``corner`` that may lie partly outside."""
    low = np.clip(corner, 0, total.shape)
    high = np.clip(corner + np.array(patch.shape), low, total.shape)
    canvas = slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))
    crop = slice(int(low[0] - corner[0]), int(high[0] - corner[0])), slice(int(low[1] - corner[1]), int(high[1] - corner[1]))
    return canvas, crop


def paste(total: np.ndarray, patch: np.ndarray, *, corner: np.ndarray) -> None:
    """Add a patch to ``total`` in place; parts outside are cut off."""
    canvas, crop = _overlap(total, patch, corner)
    total[canvas] += patch[crop]
