"""From densities to grey values: the stain's physics, the microscope and the camera.

Fluorescence adds intensities; an absorbing stain adds optical densities, so that transmittances multiply.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from karyokit.data.generators.placing import Placed
from karyokit.data.generators.records import CameraOptions
from karyokit.staining import Stain


def stack_densities(placed: Sequence[Placed], shape: tuple[int, int], *, opaque: bool) -> np.ndarray:
    """(rows, columns) float32 density of all chromosomes, zeros for none; later ones lie on top.

    Densities add, in both stains (see the module's text); with ``opaque`` the upper mask replaces what is below.
    """
    total = np.zeros(shape, np.float32)
    for each in placed:
        below = total[each.window]
        added = below + each.posed.density
        total[each.window] = np.where(each.posed.mask, each.posed.density, np.maximum(below, each.posed.density)) if opaque else added
    return total


def smooth_field(shape: tuple[int, int], cells: tuple[int, int], *, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) float32 random field of slow variation, about standard normal: a coarse grid, interpolated bilinearly."""
    coarse = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32)
    left, right = (_interpolation(size, count) for size, count in zip(shape, cells, strict=True))
    return np.asarray(left @ coarse @ right.T)


def _interpolation(size: int, cells: int) -> np.ndarray:
    position = np.linspace(0, cells, size)
    return np.asarray(np.maximum(1.0 - np.abs(position[:, None] - np.arange(cells + 1)), 0.0), np.float32)


def photograph(density: np.ndarray, *, stain: Stain, camera: CameraOptions, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) uint8 picture of a density plane taken with one random draw of the camera's ranges."""
    level, contrast = rng.uniform(*camera.level), rng.uniform(*camera.contrast)
    background, haze = rng.uniform(*camera.background), rng.uniform(*camera.haze)
    light = _uneven_light(density.shape, rng.uniform(*camera.unevenness), rng)
    if stain == "fluorescence":
        signal = np.float32(level * contrast) * (density + _haze(density, haze) if haze > 0 else density)
        picture = signal * light + np.float32(background) * light**2
    else:
        picture = np.float32(level) * np.exp(-np.float32(contrast) * density) * light
    blur = rng.uniform(*camera.blur)
    picture = ndimage.gaussian_filter(picture, blur, truncate=3.0) if blur > 0.05 else picture
    grey = _digitised(picture, rng.uniform(*camera.noise), level, rng)
    return grey if camera.jpeg is None else _recompressed(grey, int(rng.integers(camera.jpeg[0], camera.jpeg[1] + 1)))


def _uneven_light(shape: tuple[int, ...], swing: float, rng: np.random.Generator) -> np.ndarray:
    """Light over the field: a smooth random field and a fall towards the corners, mean about 1."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    vignette = rows[:, None] ** 2 + columns[None, :] ** 2 - np.float32(2 / 3)
    pattern = smooth_field((shape[0], shape[1]), (2, 2), rng=rng)
    return np.asarray(np.maximum(1.0 + np.float32(swing) * (0.5 * pattern - 0.4 * vignette), 0.05), np.float32)


def _haze(density: np.ndarray, share: float, step: int = 8) -> np.ndarray:
    """Scattered light: the density spread by a wide Gaussian, computed on every eighth pixel."""
    rows, columns = (-(-side // step) for side in density.shape)
    padded = np.pad(density, ((0, rows * step - density.shape[0]), (0, columns * step - density.shape[1])))
    small = ndimage.gaussian_filter(padded.reshape(rows, step, columns, step).mean(axis=(1, 3)), 3.0)
    left, right = _interpolation(density.shape[0], rows - 1), _interpolation(density.shape[1], columns - 1)
    return np.asarray(np.float32(share) * (left @ small @ right.T))


def _digitised(picture: np.ndarray, noise: float, level: float, rng: np.random.Generator) -> np.ndarray:
    """Add shot and read noise of equal variance at half the level, clip to 0..255, round."""
    if noise > 0:
        variance = noise**2 * (0.5 + np.clip(picture, 0.0, None) / np.float32(level))
        picture = picture + np.sqrt(variance) * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _recompressed(grey: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))
