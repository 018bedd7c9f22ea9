"""All stains in one form: a density picture in which background is 0 and a typical chromosome is about 1.

Fluorescence (DAPI, Q-band) is bright on dark and adds up as intensity, also where a picture shows its negative ("inverted");
absorbing stains (G-band) are dark on light and add up as optical density, the negative logarithm of transmittance. After
``to_density`` all are bright on 0 and additive.
"""

from __future__ import annotations

from typing import Literal, cast, get_args

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import regionprops
from skimage.morphology import skeletonize

from karyokit.checks import lookup, problem, require_plane

Stain = Literal["fluorescence", "brightfield", "inverted"]
STAIN_NAMES: dict[str, str] = {
    "auto": "auto",
    "fluorescence": "fluorescence",
    "dapi": "fluorescence",
    "qband": "fluorescence",
    "brightfield": "brightfield",
    "gband": "brightfield",
    "inverted": "inverted",
    "dapi-inverted": "inverted",
    "qband-inverted": "inverted",
}
"""Accepted names of stains and which of ``Stain`` each one is."""

DEFAULT_WIDTH = 10.0
"""Chromosome width in pixels assumed where a picture is too empty to measure it."""

QUIET = 0.02
"""Noise as a share of the grey range that is left alone; pictures of the sets at hand have up to 0.015."""
NOISE_ALONE = 0.17
"""Noise from which there is no picture to be saved: white noise with nothing in it has 0.2."""


def require_stain(stain: str) -> Stain:
    """The stain, if it is one of ``Stain``; else ``ValueError``."""
    if stain not in get_args(Stain):
        raise ValueError(problem("stain", f"be one of {list(get_args(Stain))}", repr(stain), "Use detect_stain to find it."))
    return cast(Stain, stain)


def dark_on_light(stain: str) -> bool:
    """Whether chromosomes are darker than the background in pictures of a stain; ``ValueError`` for an unknown one."""
    return require_stain(stain) != "fluorescence"


def seen_as(stain: str) -> str:
    """The stain whose models and weights serve this one: its density picture looks the same.

    >>> seen_as("inverted"), seen_as("brightfield")
    ('fluorescence', 'brightfield')
    """
    return "fluorescence" if stain == "inverted" else stain


def resolve_stain(name: str, image: np.ndarray) -> Stain:
    """The stain that ``name`` stands for; ``"auto"`` looks at the picture."""
    stain = lookup(STAIN_NAMES, name.lower(), "stain")
    return detect_stain(image) if stain == "auto" else require_stain(stain)


def detect_stain(image: np.ndarray) -> Stain:
    """``"fluorescence"`` where the grey values tail off upwards from the background, else ``"brightfield"``.

    Background is taken to be the most common grey value; chromosomes lie on the longer side of it. Inverted fluorescence cannot be
    told from brightfield.

    >>> dark = np.zeros((40, 40)); dark[10:20, 10:14] = 200
    >>> detect_stain(dark), detect_stain(255 - dark)
    ('fluorescence', 'brightfield')
    """
    require_plane("image", image)
    low, high = np.percentile(image, (0.5, 99.5))
    low, high = (float(image.min()), float(image.max())) if low == high else (float(low), float(high))
    counts, edges = np.histogram(image, bins=64, range=(low, max(high, low + 1e-6)))
    smooth = np.convolve(counts, np.ones(5) / 5, mode="same")
    background = (edges[np.argmax(smooth)] + edges[np.argmax(smooth) + 1]) / 2
    return "fluorescence" if high - background >= background - low else "brightfield"


def to_density(image: np.ndarray, stain: str) -> np.ndarray:
    """(rows, columns) float32 picture: background 0, typical chromosome about 1, chromosomes bright, for either stain.

    Uneven background is measured on a coarse grid and taken away (as a difference for fluorescence and its negative, as a ratio
    for brightfield). A picture noisier than ``QUIET`` is smoothed until it is not, unless it is noise alone. A picture
    without contrast gives zeros.
    """
    require_plane("image", image)
    plane = _quiet(image.astype(np.float32))
    background = _background(plane, bright=dark_on_light(stain))
    if stain == "brightfield":
        white = np.maximum(background, 1e-3)
        density = -np.log(np.clip(plane / white, 0.02, 1.0))
    else:
        density = np.maximum(plane - background if stain == "fluorescence" else background - plane, 0)
    scale = _typical(density)
    return (density / scale).astype(np.float32) if scale > 0 else np.zeros_like(density)


def noise_level(plane: np.ndarray) -> float:
    """Standard deviation of the noise from pixel to pixel, as a share of the range of grey values (1st to 99.5th percentile).

    From the median size of second differences along the rows, most of which lie in the background; 0 for a flat picture.
    """
    low, high = np.percentile(plane, (1, 99.5))
    if plane.shape[1] < 3 or high <= low:
        return 0.0
    bend = plane[:, :-2] - 2 * plane[:, 1:-1] + plane[:, 2:]
    return float(np.median(np.abs(bend)) / (0.6745 * np.sqrt(6)) / (high - low))


def _quiet(plane: np.ndarray) -> np.ndarray:
    """The plane smoothed by just so much that white noise falls to ``QUIET``."""
    level = noise_level(plane)
    if not QUIET < level < NOISE_ALONE:
        return plane
    return ndimage.gaussian_filter(plane, level / (2 * np.sqrt(np.pi) * QUIET))


def foreground_mask(density: np.ndarray) -> np.ndarray:
    """(rows, columns) bool: everything stained, by Otsu's threshold on values clipped at twice the typical chromosome."""
    clipped = np.clip(density, 0, 2)
    if np.ptp(clipped) == 0:
        return np.zeros(density.shape, bool)
    smooth = ndimage.gaussian_filter(clipped, 0.7)
    return smooth > threshold_otsu(smooth)


def chromosome_width(density: np.ndarray) -> float:
    """Typical chromosome width in pixels, measured on elongated objects; ``DEFAULT_WIDTH`` where there are none.

    Each object's width is its area over the length of its skeleton; the median weighted by length is returned, so
    that dust (short) and nuclei (few, round) do not count.
    """
    mask = ndimage.binary_opening(foreground_mask(density), iterations=1)
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    widths, lengths = [], []
    for found in regionprops(labels):
        if found.area < 40 or (length := np.count_nonzero(skeletonize(found.image))) < 6:
            continue
        width = found.area / (length + 0.5)
        slender = length > width and found.axis_major_length > 1.6 * found.axis_minor_length
        if slender and (found.area > 0.5 * found.area_bbox or found.area > 0.5 * found.area_convex):
            widths.append(width)
            lengths.append(length)
    return _weighted_median(np.array(widths), np.array(lengths, float)) if len(widths) >= 3 else DEFAULT_WIDTH


def _background(plane: np.ndarray, *, bright: bool, cells: int = 24) -> np.ndarray:
    """Smooth background: a percentile of each coarse block, its outliers (blocks full of object) replaced, interpolated."""
    rows = max(1, min(cells, plane.shape[0] // 24))
    columns = max(1, min(cells, plane.shape[1] // 24))
    grid = _block_percentiles(plane, (rows, columns), 80 if bright else 20)
    typical = np.median(grid)
    grid = np.maximum(grid, np.percentile(grid, 25)) if bright else np.minimum(grid, np.percentile(grid, 75))
    size = (min(5, rows), min(5, columns))
    grid = ndimage.percentile_filter(grid, 70 if bright else 30, size=size) if min(rows, columns) > 1 else np.full_like(grid, typical)
    grid = ndimage.gaussian_filter(grid, 1.0)
    row = (np.arange(plane.shape[0]) + 0.5) * rows / plane.shape[0] - 0.5
    column = (np.arange(plane.shape[1]) + 0.5) * columns / plane.shape[1] - 0.5
    mesh = np.meshgrid(row, column, indexing="ij")
    return ndimage.map_coordinates(grid.astype(np.float32), mesh, order=1, mode="nearest")


def _block_percentiles(plane: np.ndarray, blocks: tuple[int, int], share: float) -> np.ndarray:
    """(rows, columns) percentile of each of ``blocks`` nearly equal blocks, the first ones a pixel larger as in ``np.array_split``."""
    grid = np.empty(blocks, plane.dtype)
    for row_blocks, row_pixels in _by_size(plane.shape[0], blocks[0]):
        for column_blocks, column_pixels in _by_size(plane.shape[1], blocks[1]):
            part = plane[row_pixels, column_pixels]
            count = grid[row_blocks, column_blocks].shape
            sides = part.reshape(count[0], part.shape[0] // count[0], count[1], part.shape[1] // count[1])
            grid[row_blocks, column_blocks] = np.percentile(sides.swapaxes(1, 2).reshape(*count, -1), share, axis=2)
    return grid


def _by_size(pixels: int, blocks: int) -> list[tuple[slice, slice]]:
    """The larger blocks and then the smaller ones of a side: their numbers and their pixels."""
    size, larger = divmod(pixels, blocks)
    edge = larger * (size + 1)
    both = (slice(0, larger), slice(0, edge)), (slice(larger, blocks), slice(edge, pixels))
    return [(numbers, place) for numbers, place in both if numbers.stop > numbers.start]


def _typical(density: np.ndarray) -> float:
    """Median density of the stained pixels, by Otsu after clipping the brightest half per cent."""
    top = float(np.percentile(density, 99.5)) or float(density.max())
    clipped = np.minimum(density, top)
    if np.ptp(clipped) == 0:
        return 0.0
    stained = clipped[clipped > threshold_otsu(clipped)]
    return float(np.median(stained)) if stained.size else top


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
