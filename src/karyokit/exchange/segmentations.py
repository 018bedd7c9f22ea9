"""The ways in which COCO files write a mask: run lengths, compressed or not, and polygons; all checked before they are decoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from karyokit.checks import problem
from karyokit.chromosomes import Region

_MAX_OUTLINE = 10_000_000  # pixels; pycocotools needs memory in proportion


def region_of(segmentation: Any, shape: tuple[int, int]) -> Region:
    """Region of a COCO ``segmentation`` over a picture of ``shape``: compressed or uncompressed run lengths, or polygons.

    Polygons of one list are united and rasterised as pycocotools does. Raises ``ValueError`` for run lengths of another size or
    that do not add up, and for what is no segmentation.
    """
    if isinstance(segmentation, list):
        return _polygon_region(segmentation, shape)
    if not isinstance(segmentation, dict):
        raise ValueError(problem("segmentation", "be run lengths or polygons", repr(segmentation)[:60], "Export masks."))
    if tuple(segmentation["size"]) != shape:
        raise ValueError(problem("segmentation", f"have the picture's size {shape}", segmentation["size"], "Export it again."))
    return Region.from_rle(segmentation)


def _polygon_region(polygons: Sequence[Any], shape: tuple[int, int]) -> Region:
    rows, columns = shape
    checked = [_polygon(points, shape) for points in polygons]
    if not checked:
        raise ValueError(problem("segmentation", "hold a mask", "an empty list", "Export masks, boxes alone are not enough."))
    return Region.from_mask(coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(checked, rows, columns))).astype(bool))


def _polygon(points: Any, shape: tuple[int, int]) -> list[float]:
    flat = np.asarray(points, float)
    if flat.ndim != 1 or flat.size < 6 or flat.size % 2 or not np.isfinite(flat).all():
        raise ValueError(
            problem("segmentation", "hold polygons x, y, x, y, ... of three or more points", str(points)[:60], "Export it again.")
        )
    outline = np.abs(np.diff(flat.reshape(-1, 2), axis=0, append=flat[None, :2])).sum()
    if np.abs(flat).max() > 10 * max(shape) or outline > _MAX_OUTLINE:
        raise ValueError(problem("segmentation", "lie in the picture", f"a polygon {outline:.0f} pixels long", "Export it again."))
    listed: list[float] = flat.tolist()
    return listed
