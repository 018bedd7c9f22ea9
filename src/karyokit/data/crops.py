"""Random crops of separation samples: turn, mirror, scale and stain strength, drawn with one generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.data.separation_targets import FOREGROUND, OVERLAP_ZONE, SeparationSample


@dataclass(frozen=True)
class CropOptions:
    """Side in pixels, range of scales, share of crops centred on an overlap or on a chromosome, strength of grey changes."""

    side: int = 192
    scale: tuple[float, float] = (0.75, 1.35)
    on_overlap: float = 0.25
    on_chromosome: float = 0.55
    gain: float = 0.5
    gamma: float = 0.3
    noise: float = 0.06
    blur: float = 1.0


def random_crop(sample: SeparationSample, rng: np.random.Generator, options: CropOptions) -> tuple[np.ndarray, ...]:
    """(1, side, side) float32 density, (3, side, side) float32 target and weight, (2, side, side) uint8 owners.

    Outside the picture weight and owners are 0.
    """
    side = options.side
    centre = _centre(sample, rng, options)
    angle = rng.uniform(0, 2 * np.pi)
    scale = np.exp(rng.uniform(*np.log(options.scale)))
    mirror = rng.choice((-1.0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle) * mirror], [np.sin(angle), np.cos(angle) * mirror]]) / scale
    offset = centre - turn @ np.full(2, (side - 1) / 2)
    window, offset = _window(sample.density.shape, turn, offset, side)
    density = sample.density[window].astype(np.float32)
    out = ndimage.affine_transform(density, turn, offset, (side, side), order=1, mode="reflect")
    target = _nearest(sample.target, window, turn, offset, side)
    weight = _nearest(sample.weight, window, turn, offset, side)
    owners = np.zeros((2, side, side), np.uint8)
    for plane, source in zip(owners, () if sample.owners is None else sample.owners, strict=False):
        if source[window].any():
            ndimage.affine_transform(source[window], turn, offset, output=plane, order=0, mode="constant", cval=0)
    return _change_greys(out, rng, options)[None], target, weight, owners


def _centre(sample: SeparationSample, rng: np.random.Generator, options: CropOptions) -> np.ndarray:
    draw = rng.random()
    channel = OVERLAP_ZONE if draw < options.on_overlap else FOREGROUND
    if draw < options.on_overlap + options.on_chromosome:
        places = np.flatnonzero(sample.target[channel])
        if places.size:
            spot = np.array(np.unravel_index(rng.choice(places), sample.density.shape), float)
            return spot + rng.uniform(-options.side / 3, options.side / 3, 2)
    return rng.uniform(0, 1, 2) * np.array(sample.density.shape)


def _window(shape: tuple[int, ...], turn: np.ndarray, offset: np.ndarray, side: int) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the picture that the crop can see, so that only this part is resampled."""
    corners = np.array([[0, 0], [0, side], [side, 0], [side, side]]) @ turn.T + offset
    low = np.clip(np.floor(corners.min(0)).astype(int) - 2, 0, np.array(shape) - 2)
    high = np.clip(np.ceil(corners.max(0)).astype(int) + 3, low + 2, np.array(shape))
    return (slice(low[0], high[0]), slice(low[1], high[1])), offset - low


def _nearest(maps: np.ndarray, window: tuple[slice, slice], turn: np.ndarray, offset: np.ndarray, side: int) -> np.ndarray:
    """Three bool maps resampled at once as bits; outside the picture everything is 0."""
    bits = maps[0][window].astype(np.uint8) | maps[1][window].astype(np.uint8) << 1 | maps[2][window].astype(np.uint8) << 2
    out = ndimage.affine_transform(bits, turn, offset, (side, side), order=0, mode="constant", cval=0)
    return np.stack([out & 1, out >> 1 & 1, out >> 2 & 1]).astype(np.float32)


def _change_greys(density: np.ndarray, rng: np.random.Generator, options: CropOptions) -> np.ndarray:
    if rng.random() < 0.3:
        density = ndimage.gaussian_filter(density, rng.uniform(0.3, options.blur))
    density = np.maximum(density, 0) ** np.exp(rng.normal(0, options.gamma))
    density = density * np.exp(rng.normal(0, options.gain))
    haze = ndimage.zoom(rng.normal(0, 0.05, (4, 4)), density.shape[0] / 4, order=1)
    noise = rng.normal(0, rng.uniform(0, options.noise), density.shape)
    return (density + haze + noise).astype(np.float32)
