"""Length, area, width, centromere, arms and density of a chromosome.

The centromere is the primary constriction: where the density, taken across the axis, is gathered most narrowly. The
width used is the spread (standard deviation times the square root of 12) of the density in each row of the
straightened picture; it answers to a constriction more sharply than the width of the mask and does not answer to bands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.checks import problem, require_range
from karyokit.chromosomes import Polarity, Region
from karyokit.human import CENTROMERIC_INDICES
from karyokit.karyotype.orientation import first_is_upper, upright_angle
from karyokit.karyotype.straightening import StraightChromosome, straighten

_PRIOR_WEIGHT = 2.0
_TIP_SHARE = 0.1
_CLEAR_DEPTH = 0.35


@dataclass(frozen=True)
class Measurements:
    """What can be measured on one chromosome; lengths in pixels, the ``_um`` values None without a pixel size.

    ``centromere`` is its (row, column) in the cell picture, ``centromere_share`` its distance from the upper tip as a
    share of the length (upper: after turning by ``angle`` degrees counter-clockwise), ``centromere_confidence`` in
    0..1 says how clear the constriction is. ``centromeric_index`` is short arm / length (0..0.5), ``arm_ratio`` is
    long arm / short arm. ``mean_density`` is the mean of the density picture over the mask.
    """

    length_px: float
    area_px: int
    width_px: float
    angle: float
    centromere: tuple[float, float]
    centromere_share: float
    centromere_confidence: float
    centromeric_index: float
    arm_ratio: float
    mean_density: float
    length_um: float | None = None
    area_um2: float | None = None
    width_um: float | None = None


def measure(
    density: np.ndarray,
    region: Region,
    *,
    pixel_size_um: float | None = None,
    category: int = 0,
    polarity: Polarity = "unknown",
    angle: float | None = None,
    straight: StraightChromosome | None = None,
    own: np.ndarray | None = None,
) -> Measurements:
    """Measure one chromosome of a cell.

    ``density`` is the (rows, columns) picture with bright chromosomes on 0; ``pixel_size_um`` micrometres per pixel.
    A class (1..24) and a polarity guide the search for the centromere towards the place where that class has it, and
    do not force it there. ``angle`` and ``straight`` take results that exist already, ``own`` the density of the region's box
    where the chromosome's own is not the picture's. Raises ``ValueError`` for an empty region,
    a class outside 0..24 or a pixel size that is not positive.
    """
    require_range("category", category, 0, 24)
    if pixel_size_um is not None and not (pixel_size_um > 0 and math.isfinite(pixel_size_um)):
        raise ValueError(problem("pixel_size_um", "be positive", pixel_size_um, "Pass micrometres per pixel, or leave it out."))
    straight = straighten(density, region, own=own) if straight is None else straight
    angle = upright_angle(region, axis=straight.axis) if angle is None else angle
    upper_first = first_is_upper(straight.axis, angle)
    row, confidence = find_centromere(straight, expected=_expected(category, polarity, upper_first))
    share = (row + 0.5) / len(straight.axis)
    index = min(share, 1 - share)
    scale = float("nan") if pixel_size_um is None else pixel_size_um
    micrometres = (straight.length_px * scale, region.area * scale**2, straight.median_width_px * scale)
    return Measurements(
        straight.length_px,
        region.area,
        straight.median_width_px,
        angle,
        (float(straight.axis[row, 0]), float(straight.axis[row, 1])),
        share if upper_first else 1 - share,
        confidence,
        index,
        (1 - index) / index,
        float((density[region.window] if own is None else own)[region.crop].mean()),
        *(micrometres if pixel_size_um is not None else (None, None, None)),
    )


def find_centromere(straight: StraightChromosome, *, expected: tuple[float, ...] = ()) -> tuple[int, float]:
    """Row of the straightened picture at the primary constriction, and how clear it is (0..1).

    ``expected`` lists shares of the length (0..1) where the centromere is likely; none means anywhere but the tips.
    """
    depth = _constriction(straight)
    rows = len(depth)
    share = (np.arange(rows) + 0.5) / rows
    tip = min(int(_TIP_SHARE * rows) + 1, (rows - 1) // 2)
    score = depth.copy()
    if expected:
        score -= _PRIOR_WEIGHT * np.min([(share - place) ** 2 for place in expected], axis=0)
    score[:tip] = score[rows - tip :] = -np.inf
    best = int(np.argmax(score))
    return best, float(np.clip(depth[best] / _CLEAR_DEPTH, 0.0, 1.0))


def _constriction(straight: StraightChromosome) -> np.ndarray:
    """(rows,) share by which the chromosome is narrower than the wider parts on both sides, 0 where it is not."""
    columns = np.arange(straight.picture.shape[1])
    mass = straight.picture.sum(axis=1) + 1e-6
    middle = (straight.picture * columns).sum(axis=1) / mass
    spread = (straight.picture * (columns - middle[:, None]) ** 2).sum(axis=1) / mass
    width = ndimage.gaussian_filter1d(np.sqrt(12 * spread), 1.5, mode="nearest")
    left = np.maximum.accumulate(width)
    right = np.maximum.accumulate(width[::-1])[::-1]
    return np.asarray(1 - width / np.maximum(np.minimum(left, right), 1e-6), float)


def _expected(category: int, polarity: Polarity, upper_first: bool) -> tuple[float, ...]:
    """Shares of the length, from the first axis point, where the class has its centromere."""
    if category == 0:
        return ()
    index = CENTROMERIC_INDICES[category - 1] / 100
    if polarity == "unknown":
        return index, 1 - index
    return (index,) if (polarity == "up") == upper_first else (1 - index,)
