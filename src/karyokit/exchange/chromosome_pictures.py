"""Pictures of single chromosomes with their neighbours removed."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from karyokit.checks import problem, require_plane, require_same_shape
from karyokit.chromosomes import Region
from karyokit.staining import dark_on_light, require_stain


def background_level(image: np.ndarray, stain: str) -> float:
    """Median grey level of the background: of the pixels on the unstained side of Otsu's threshold.

    ``stain`` is one of ``staining.Stain``; a flat picture gives its level.

    >>> background_level(np.array([[5, 5, 7], [5, 90, 80]]), "fluorescence")
    5.0
    """
    require_plane("image", image)
    bright = dark_on_light(stain)
    if image.min() == image.max():
        return float(image.flat[0])
    level = threshold_otsu(image)
    return float(np.median(image[image > level] if bright else image[image <= level]))


def own_picture(
    image: np.ndarray,
    region: Region,
    *,
    stain: str,
    margin: int = 4,
    own: np.ndarray | None = None,
    background: float | None = None,
) -> np.ndarray:
    """Cut one chromosome out of a cell picture: (height + 2 margin, width + 2 margin), number type of ``image``.

    Inside ``region`` the pixels are those of the picture; a rim of one pixel blends into ``background`` (``background_level``
    of the picture unless given), which fills the rest, also beyond the picture's border. ``own`` gives the (height, width) grey
    values inside the region where they are not those of the picture (restored in overlaps). Raises ``ValueError`` for an empty
    region and for shapes that do not fit.
    """
    require_plane("image", image)
    require_stain(stain)
    if region.area == 0:
        raise ValueError(problem("region", "have pixels", "an empty region", "Leave empty chromosomes out."))
    level = background_level(image, stain) if background is None else background
    inside = np.pad(region.crop, margin)
    around = _window_of(image, region, margin, level)
    if own is not None:
        require_same_shape({"region.crop": region.crop, "own": own})
        around = np.where(inside, np.pad(own.astype(float), margin), around)
    rim = ndimage.binary_dilation(inside) & ~inside
    picture = np.where(inside, around, np.where(rim, (around + level) / 2, level))
    if image.dtype.kind == "f":
        return picture.astype(image.dtype)
    limits = np.iinfo(image.dtype)
    whole: np.ndarray = np.clip(np.rint(picture), limits.min, limits.max)
    return whole.astype(image.dtype)


def _window_of(plane: np.ndarray, region: Region, margin: int, fill: float) -> np.ndarray:
    """float64 crop of the region's box and margin; beyond the picture's border ``fill``."""
    height, width = region.crop.shape
    out = np.full((height + 2 * margin, width + 2 * margin), fill, np.float64)
    top, left = region.row - margin, region.column - margin
    rows = slice(max(top, 0), max(min(top + out.shape[0], plane.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + out.shape[1], plane.shape[1]), 0))
    part = plane[rows, columns]
    out[rows.start - top : rows.start - top + part.shape[0], columns.start - left : columns.start - left + part.shape[1]] = part
    return out
