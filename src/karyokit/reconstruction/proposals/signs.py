"""What shapes and maps say about the regions of a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karyokit.chromosomes import Region
from karyokit.reconstruction.affinities import Affinities, gather_evidence
from karyokit.reconstruction.confidence.shape import shape_of
from karyokit.reconstruction.confidence.signs import BESIDE, CORE, faint_and_cut
from karyokit.regions import moved, union


@dataclass(frozen=True)
class ShapeSigns:
    """Of one region: length and width in pixels, the share of it that lies ``beside`` its axis, how ``faint`` the foreground is
    along the axis (0..1), and the strongest word of the affinities for a ``cut`` across it (0..2 times ``SURE``)."""

    length: float
    width: float
    beside: float
    faint: float
    cut: float


def shape_signs(region: Region, *, foreground: np.ndarray, affinities: Affinities, width: float) -> ShapeSigns:
    """Signs of a region with at least one pixel; ``foreground`` (rows, columns) and ``width``, the typical one, as in ``propose``."""
    shape = shape_of(region)
    faint, cut = faint_and_cut(region, shape, foreground, affinities, CORE * width)
    beside = float((shape.aside[region.crop] > BESIDE * width).mean())
    return ShapeSigns(shape.length, shape.width, beside, faint, cut)


def held_together(regions: Sequence[Region], affinities: Affinities) -> float:
    """Mean log odds of the two regions that the affinities hold together most, pixels of several left out; 0 where none meet."""
    whole = union(regions)
    labels, owners = np.zeros(whole.crop.shape, np.int32), np.zeros(whole.crop.shape, np.uint8)
    for number, region in enumerate(regions, start=1):
        window = moved(region, -whole.row, -whole.column).window
        labels[window][region.crop] = number
        owners[window] += region.crop
    labels[owners > 1] = 0
    evidence = gather_evidence(labels, {step: plane[whole.window] for step, plane in affinities.items()})
    return max((evidence.mean(*pair) for pair in evidence.answers), default=0.0)
