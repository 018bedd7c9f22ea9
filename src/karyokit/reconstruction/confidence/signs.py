"""Signs of a wrong separation, chromosome by chromosome: each is 0 or more, and the larger the more doubtful it is.

None depends on the stain: lengths, areas and densities are held against the cell's other chromosomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region, Separation
from karyokit.human import RELATIVE_LENGTHS
from karyokit.reconstruction.affinities import SURE, Affinities, gather_evidence
from karyokit.reconstruction.arms import EIGHT, grown_window
from karyokit.reconstruction.confidence.maps import inner_answers, weakest_cut
from karyokit.reconstruction.confidence.shape import Shape, shape_of

Signs = dict[str, np.ndarray]
"""Name of a sign -> its value (n,) for each chromosome of a cell."""

SECOND_PIECE = 0.02
"""Share of the area outside the largest piece above which a region lies in pieces."""
CORE, BESIDE = 0.25, 0.8
"""Distance from the axis in typical widths within which a pixel is core, and beyond which it lies beside the chromosome."""
USUAL_WIDER, USUAL_NARROWER, USUAL_LONGER, USUAL_SHORTER, USUAL_DENSITY, USUAL_CLASS_SIZE = 0.1, 0.15, 0.45, 0.5, 0.1, 0.1
"""Logarithms of ratios to the cell's median (or to the size expected of the class) that say nothing."""
RIM = 2
LEAST_PROBABILITY = 1e-4


class Separated(Protocol):
    """A chromosome's region and how it was separated."""

    @property
    def region(self) -> Region: ...

    @property
    def separation(self) -> Separation: ...


def separation_signs(
    chromosomes: Sequence[Separated], *, density: np.ndarray, foreground: np.ndarray, affinities: Affinities | None = None
) -> Signs:
    """Signs seen in shapes, decisions and maps; keys are those of ``SEPARATION_WORDS``.

    ``density`` and ``foreground`` (rows, columns) are the picture (background 0) and the probability of a chromosome;
    without ``affinities`` the signs taken from them are 0. No chromosomes give empty arrays.
    """
    if not chromosomes:
        return {}
    regions = [one.region for one in chromosomes]
    shapes = [shape_of(region) for region in regions]
    width = float(np.median([shape.width for shape in shapes]))
    return {
        **_size_signs(shapes, width),
        "rivalled": np.array([1 - np.clip(one.separation.margin, 0, 1) for one in chromosomes]),
        **_inner_signs(regions, shapes, foreground, affinities or {}, CORE * width),
        **_outer_signs(regions, density.shape, affinities or {}),
        **_density_signs(regions, density),
    }


def class_signs(probabilities: np.ndarray, categories: np.ndarray, areas: np.ndarray) -> Signs:
    """Signs seen once chromosomes are named; keys are those of ``CLASS_WORDS``.

    ``probabilities`` (n, 24) of the classifier, ``categories`` (n,) 0..24 as given in the end, ``areas`` (n,) in
    pixels: they follow the lengths, since chromosomes of a cell are equally wide.
    """
    likeliest = probabilities.argmax(axis=1)
    named = categories > 0
    given = np.where(named, categories - 1, likeliest)
    sizes = np.log(np.maximum(areas, 1.0)) - np.log(np.array(RELATIVE_LENGTHS))[given]
    sizes -= np.median(sizes) if len(sizes) else 0.0
    return {
        "unlike": 1 - probabilities.max(axis=1, initial=0.0),
        "unlikely": -np.log(np.maximum(probabilities[np.arange(len(given)), given], LEAST_PROBABILITY)),
        "nameless": (~named).astype(float),
        "large_for_class": _above(sizes, USUAL_CLASS_SIZE),
        "small_for_class": _above(-sizes, USUAL_CLASS_SIZE),
    }


def _above(values: np.ndarray, usual: float) -> np.ndarray:
    """What exceeds the usual, 0 below."""
    excess: np.ndarray = np.maximum(values - usual, 0.0)
    return excess


def _to_median(values: Sequence[float]) -> np.ndarray:
    """Logarithm of each value's ratio to the median."""
    known = np.maximum(np.array(values, float), 1e-3)
    ratios: np.ndarray = np.log(known / np.median(known))
    return ratios


def _size_signs(shapes: Sequence[Shape], width: float) -> Signs:
    widths, lengths = _to_median([one.width for one in shapes]), _to_median([one.length for one in shapes])
    return {
        "pieces": np.array([float(one.loose > SECOND_PIECE) for one in shapes]),
        "wide": _above(widths, USUAL_WIDER),
        "narrow": _above(-widths, USUAL_NARROWER),
        "long": _above(lengths, USUAL_LONGER),
        "large": _above(_to_median([one.area for one in shapes]), USUAL_LONGER),
        "short": _above(-lengths, USUAL_SHORTER),
        "beside": np.array([float((one.aside[one.crop] > BESIDE * width).mean()) for one in shapes]),
    }


def _inner_signs(regions: Sequence[Region], shapes: Sequence[Shape], foreground: np.ndarray, affinities: Affinities, core: float) -> Signs:
    """How surely the maps see a chromosome along the axis, and how surely a single one."""
    faint, cut = [], []
    for region, shape in zip(regions, shapes, strict=True):
        one = faint_and_cut(region, shape, foreground, affinities, core)
        faint.append(one[0])
        cut.append(one[1])
    return {"faint": np.array(faint), "cut": np.array(cut)}


def faint_and_cut(region: Region, shape: Shape, foreground: np.ndarray, affinities: Affinities, core: float) -> tuple[float, float]:
    """How faintly one region is seen within ``core`` pixels of its axis (0..1), and the strongest word for a cut across it (0 or more)."""
    middle = region.crop & (shape.aside < core)
    seen = foreground[region.window][middle if middle.any() else region.crop]  # the axis of a ring may run through its hole
    own = {step: plane[region.window] for step, plane in affinities.items()}
    return 1 - float(seen.mean()), SURE - weakest_cut(*inner_answers(region.crop, shape.place, own), len(shape.axis))


def _outer_signs(regions: Sequence[Region], shape: tuple[int, ...], affinities: Affinities) -> Signs:
    """What the surroundings say: neighbours that the maps hold for the same chromosome, crowding, the picture's edge."""
    count, labels = np.zeros(shape, np.uint8), np.zeros(shape, np.int32)
    for number, region in enumerate(regions, start=1):
        count[region.window] += region.crop
        labels[region.window][region.crop] = number
    labels[count != 1] = 0
    evidence = gather_evidence(labels, affinities)
    pull = np.zeros(len(regions))
    for one, two in evidence.answers:
        said = max(evidence.mean(one, two) + SURE, 0.0)
        pull[[one - 1, two - 1]] = np.maximum(pull[[one - 1, two - 1]], said)
    return {
        "pull": pull,
        "crowded": np.array([_crowding(region, count > 0) for region in regions]),
        "edge": np.array([float(_at_edge(region, shape)) for region in regions]),
    }


def _crowding(region: Region, occupied: np.ndarray) -> float:
    """Share of the rim around a region that other chromosomes cover; those that cross it do not count twice."""
    window = grown_window(region.window, RIM, occupied.shape)
    own = np.zeros(occupied[window].shape, bool)
    row, column = region.row - window[0].start, region.column - window[1].start
    own[row : row + region.crop.shape[0], column : column + region.crop.shape[1]] = region.crop
    rim = ndimage.binary_dilation(own, EIGHT, iterations=RIM) & ~own
    return float(occupied[window][rim].mean()) if rim.any() else 0.0


def _at_edge(region: Region, shape: tuple[int, ...]) -> bool:
    bottom, right = region.row + region.crop.shape[0], region.column + region.crop.shape[1]
    return region.row == 0 or region.column == 0 or bottom == shape[0] or right == shape[1]


def _density_signs(regions: Sequence[Region], density: np.ndarray) -> Signs:
    densities = _to_median([float(density[region.window][region.crop].mean()) for region in regions])
    return {"dense": _above(densities, USUAL_DENSITY), "pale": _above(-densities, USUAL_DENSITY)}
