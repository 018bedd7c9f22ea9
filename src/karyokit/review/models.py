"""What models do in a review: name chromosomes whose outline changed, and separate an area anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import CLASS_NAMES, Region
from karyokit.inference import Model, classify_pictures, separation_maps
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.evidence import weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.karyotype.orientation import first_is_upper
from karyokit.pipeline.models import model_for
from karyokit.reconstruction import Reconstructed, reconstruct
from karyokit.reconstruction.plausibility import sort_out
from karyokit.review.assistant import Credits
from karyokit.review.commands import Found, Named
from karyokit.review.contacts import crossing_regions
from karyokit.review.edits.outlines import lying_in
from karyokit.review.picture_files import CellPicture
from karyokit.review.shapes import EIGHT, Point, moved, polygon_region, union, without
from karyokit.review.state import CellState, Refused, ReviewedChromosome
from karyokit.review.views import ChromosomeView

_MARGIN = 3.0
"""Typical widths around an area that the network sees, too."""


class ShippedModels:
    """The assistant that uses the models the pipeline uses, by name or the shipped ones."""

    def __init__(self, *, model: str | None = None, classifier: str | None = None, threads: int | None = None) -> None:
        self.model, self.classifier, self.threads = model, classifier, threads

    def name(self, picture: CellPicture, state: CellState, numbers: Sequence[int]) -> tuple[dict[int, Named], Credits]:
        """Class and polarity of chromosomes by the classification model for the stain; nothing for no numbers."""
        if not numbers:
            return {}, ()
        network = model_for("classification", state.stain, self.classifier, self.threads)
        canvases = [_canvas(picture, state, number) for number in numbers]
        probabilities, up = classify_pictures(network, np.stack(canvases)[:, None])
        rows = dict(zip(numbers, probabilities.round(5), strict=True))
        categories = _categories(state, rows)
        named = {number: _named(categories[number], row, float(p_up)) for (number, row), p_up in zip(rows.items(), up, strict=True)}
        return named, (_credit(network),)

    def separate(self, picture: CellPicture, state: CellState, area: Sequence[Point]) -> tuple[tuple[Found, ...], Credits]:
        """Chromosomes lying mostly in an area, by the separation model for the stain, which does not see those around it.

        Raises ``Refused`` where it finds none.
        """
        drawn = polygon_region(area, state.shape)
        if drawn.area == 0:
            raise Refused("the area lies outside the picture. Draw it around chromosomes.")
        network = model_for("separation", state.stain, self.model, self.threads)
        density, top, left = _without_others(picture, state, drawn)
        maps = separation_maps(network, density, picture.width_px)
        objects = reconstruct(maps.foreground, maps.overlap, border=maps.border, image=density, affinities=maps.affinities)
        kept, _ = sort_out(objects, density, maps.foreground)
        found = tuple(_found(one, maps.foreground, corner=(top, left), shape=state.shape) for one in kept)
        if not found:
            raise Refused("the model finds no chromosome in this area. Draw it larger, or add the chromosome by its outline.")
        return found, (_credit(network),)


def _without_others(picture: CellPicture, state: CellState, drawn: Region) -> tuple[np.ndarray, int, int]:
    """Density of the area and what lies close around it, all that belongs to other chromosomes or lies outside the area removed."""
    margin = round(_MARGIN * picture.width_px)
    top, left = max(drawn.row - margin, 0), max(drawn.column - margin, 0)
    bottom = min(drawn.row + drawn.crop.shape[0] + margin, state.shape[0])
    right = min(drawn.column + drawn.crop.shape[1] + margin, state.shape[1])
    inside = lying_in(state, drawn)
    own = union([item.region for item in inside])
    others = without(union([item.region for item in state.present if item not in inside]), own)
    hidden = ndimage.binary_dilation(others.to_mask(state.shape), EIGHT) & ~own.to_mask(state.shape)
    hidden |= ~ndimage.binary_dilation(union([drawn, own]).to_mask(state.shape), EIGHT, iterations=2)
    density = np.where(hidden, 0, picture.density).astype(np.float32)
    return density[top:bottom, left:right], top, left


def _found(one: Reconstructed, foreground: np.ndarray, *, corner: tuple[int, int], shape: tuple[int, int]) -> Found:
    """A chromosome in coordinates of the picture, scored as the pipeline scores: sure of its pixels, sure of its decisions."""
    sure = float(foreground[one.region.window][one.region.crop].mean())
    margin = float(np.clip(one.separation.margin, 0, 1))
    return Found(moved(one.region, *corner).to_rle(shape), sure * (0.5 + 0.5 * margin), margin, one.separation.method)


def _canvas(picture: CellPicture, state: CellState, number: int) -> np.ndarray:
    """The classifier's picture of a chromosome, the end on top that is on top in the karyogram when its p arm is taken to be up."""
    chromosome = state.items[number].chromosome
    view = ChromosomeView(chromosome, picture, crossing_regions(state).get(number, ()))
    straight = view.straightened
    canvas = classifier_input(straight, width=0.5 * (picture.width_px + straight.median_width_px))
    return canvas if first_is_upper(straight.axis, chromosome.angle) else canvas[::-1]


def _categories(state: CellState, rows: dict[int, np.ndarray]) -> dict[int, int]:
    """The classes of chromosomes with new (24,) ``rows`` of probabilities, in view of all others of the cell."""
    known = [item for item in state.present if item.number in rows or item.chromosome.probabilities]
    fixed = np.array(["class" in item.by_hand and item.chromosome.category > 0 for item in known])
    given = [_certain(item.chromosome.category) if sure else _row(item, rows) for item, sure in zip(known, fixed, strict=True)]
    areas = np.array([item.region.area for item in known], float)
    scores = np.array([item.chromosome.score for item in known])
    evidence = weigh_karyotypes(CellObjects(np.stack(given), areas, scores, fixed))
    return {item.number: int(category) for item, category in zip(known, evidence.categories, strict=True) if item.number in rows}


def _row(item: ReviewedChromosome, rows: dict[int, np.ndarray]) -> np.ndarray:
    row = np.asarray(rows.get(item.number, item.chromosome.probabilities), float)
    return row / row.sum()


def _certain(category: int) -> np.ndarray:
    return np.eye(len(CLASS_NAMES))[category - 1]


def _named(category: int, row: np.ndarray, p_up: float) -> Named:
    return Named(category, tuple(map(float, row)), "up" if p_up >= 0.5 else "down", round(p_up, 5))


def _credit(model: Model) -> tuple[str, str]:
    return model.card.name, model.card.sha256["onnx"]
