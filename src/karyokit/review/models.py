"""What models do in a review: name chromosomes whose outline changed, and separate an area anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Chromosome, Region
from karyokit.inference import Maps, Model, classify_pictures, separation_maps
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.evidence import weigh_karyotypes
from karyokit.karyotype.orientation import first_is_upper
from karyokit.pipeline.models import model_for
from karyokit.reconstruction import Reconstructed, reconstruct
from karyokit.reconstruction.confidence import judge_classes, judge_separation
from karyokit.reconstruction.plausibility import sort_out
from karyokit.regions import EIGHT, moved, union, without
from karyokit.review.assistant import Credits
from karyokit.review.commands import Found, Named
from karyokit.review.contacts import crossing_regions
from karyokit.review.edits.outlines import lying_in
from karyokit.review.evidence import objects_of
from karyokit.review.picture_files import CellPicture
from karyokit.review.shapes import Point, polygon_region
from karyokit.review.state import CellState, Refused
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
        heard, items = _heard(state, rows), state.items
        named = {
            number: _named(heard[number], float(p_up), outlined_by_hand="outline" in items[number].by_hand)
            for number, p_up in zip(numbers, up, strict=True)
        }
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
        if not kept:
            raise Refused("the model finds no chromosome in this area. Draw it larger, or add the chromosome by its outline.")
        judged = _judged(kept, maps, picture, state, drawn=drawn, corner=(top, left))
        return tuple(_found(one, state.shape) for one in judged), (_credit(network),)


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


def _judged(
    found: Sequence[Reconstructed], maps: Maps, picture: CellPicture, state: CellState, *, drawn: Region, corner: tuple[int, int]
) -> tuple[Chromosome, ...]:
    """What was found, in coordinates of the picture and judged among the cell's other chromosomes as in a whole analysis."""
    inside = lying_in(state, drawn)
    regions = [moved(one.region, *corner) for one in found]
    new = [Chromosome(at, region, separation=one.separation) for at, (region, one) in enumerate(zip(regions, found, strict=True), start=1)]
    others = [item.chromosome for item in state.present if item not in inside]
    affinities = {step: _placed(plane, corner, state.shape) for step, plane in maps.affinities.items()}
    foreground = _placed(maps.foreground, corner, state.shape)
    return judge_separation([*new, *others], density=picture.density, foreground=foreground, affinities=affinities)[: len(new)]


def _placed(plane: np.ndarray, corner: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """A map of an area in the picture, 0 around it."""
    whole = np.zeros(shape, plane.dtype)
    whole[corner[0] : corner[0] + plane.shape[0], corner[1] : corner[1] + plane.shape[1]] = plane
    return whole


def _found(one: Chromosome, shape: tuple[int, int]) -> Found:
    separation = one.separation
    return Found(one.region.to_rle(shape), one.score, float(np.clip(separation.margin, 0, 1)), separation.method, one.doubts)


def _canvas(picture: CellPicture, state: CellState, number: int) -> np.ndarray:
    """The classifier's picture of a chromosome, the end on top that is on top in the karyogram when its p arm is taken to be up."""
    chromosome = state.items[number].chromosome
    view = ChromosomeView(chromosome, picture, crossing_regions(state).get(number, ()))
    straight = view.straightened
    canvas = classifier_input(straight, width=0.5 * (picture.width_px + straight.median_width_px))
    return canvas if first_is_upper(straight.axis, chromosome.angle) else canvas[::-1]


def _heard(state: CellState, rows: dict[int, np.ndarray]) -> dict[int, Chromosome]:
    """The chromosomes with new (24,) ``rows`` of probabilities: named in view of all others of the cell, and judged anew."""
    items = [
        item.with_changes(probabilities=tuple(map(float, rows.get(item.number, item.chromosome.probabilities)))) for item in state.present
    ]
    categories = weigh_karyotypes(objects_of(items)).categories
    named = [item.chromosome.with_changes(category=int(category)) for item, category in zip(items, categories, strict=True)]
    judged = judge_classes([one for one in named if one.probabilities])
    return {one.number: one for one in judged if one.number in rows}


def _named(one: Chromosome, p_up: float, *, outlined_by_hand: bool) -> Named:
    """What is logged; the score only of outlines that no person drew, since those are certain."""
    answer = Named(one.category, one.probabilities, "up" if p_up >= 0.5 else "down", round(p_up, 5))
    return answer if outlined_by_hand else replace(answer, score=one.score, doubts=one.doubts)


def _credit(model: Model) -> tuple[str, str]:
    return model.card.name, model.card.sha256["onnx"]
