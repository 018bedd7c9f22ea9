"""What is known of the chromosomes that a proposal replaces, and of the regions that it puts in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import logsumexp, softmax

from karyokit.chromosomes import CLASS_NAMES, Region
from karyokit.inference import Maps, Model, classify_pictures
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.explanations import CellObjects, class_evidence, log_sizes
from karyokit.karyotype.straightening import straighten
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.reconstruction.confidence.shape import shape_of
from karyokit.reconstruction.proposals import ShapeSigns, shape_signs


@dataclass(frozen=True, eq=False)
class SeenObjects:
    """n regions: probabilities (n, 24) of their classes with sizes heard, how badly the best class fits (n,), their shapes."""

    classes: np.ndarray
    misfit: np.ndarray
    shapes: tuple[ShapeSigns, ...]

    def __getitem__(self, span: slice) -> SeenObjects:
        """Some of them."""
        return SeenObjects(self.classes[span], self.misfit[span], self.shapes[span])

    @property
    def entropy(self) -> np.ndarray:
        """(n,) entropy of the classes in nats."""
        return np.asarray(-(self.classes * np.log(self.classes)).sum(axis=1))


Pixels = tuple[int, int, tuple[int, ...], bytes]
"""Which pixels a region has."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of regions of one picture, by their pixels: the same from one look at its cell to the next."""

    probabilities: dict[Pixels, np.ndarray] = field(default_factory=dict)
    shapes: dict[Pixels, ShapeSigns] = field(default_factory=dict)


class Looking:
    """How the regions of one named cell, its own and proposed ones, are measured in one and the same way.

    ``length`` and ``width`` are the medians of the cell's chromosomes in pixels, ``classes`` (n, 24) their classes with sizes heard.
    What is ``measured`` already is not measured again.
    """

    def __init__(self, cell: AnalysedCell, maps: Maps, classifier: Model, measured: Measured | None = None) -> None:
        self.cell, self.maps, self.classifier = cell, maps, classifier
        self.measured = measured or Measured()
        shapes = [shape_of(one.region) for one in cell.chromosomes]
        self.length, self.width = (float(np.median([getattr(one, side) for one in shapes])) for side in ("length", "width"))
        self._probabilities = np.array([one.probabilities for one in cell.chromosomes])
        areas = np.array([one.region.area for one in cell.chromosomes], float)
        sizes = log_sizes(CellObjects(self._probabilities, areas, np.ones(len(areas)), np.zeros(len(areas), bool)))
        self._unit = float(np.log(areas[0]) - np.asarray(sizes)[0])
        self.classes = softmax(class_evidence(self._probabilities, sizes), axis=1)

    def own(self, indices: Sequence[int]) -> SeenObjects:
        """Chromosomes of the cell."""
        return self._seen([self.cell.chromosomes[index].region for index in indices], self._probabilities[list(indices)])

    def proposed(self, regions: Sequence[Region]) -> SeenObjects:
        """Regions that the cell does not have yet, classified from the picture as it is."""
        known, keys = self.measured.probabilities, [_pixels(region) for region in regions]
        fresh = {key: self._canvas(region) for key, region in zip(keys, regions, strict=True) if key not in known}
        if fresh:
            known.update(zip(fresh, classify_pictures(self.classifier, np.stack(list(fresh.values()))[:, None])[0], strict=True))
        probabilities = np.array([known[key] for key in keys], float).reshape(-1, len(CLASS_NAMES))
        return self._seen(regions, probabilities)

    def _canvas(self, region: Region) -> np.ndarray:
        straight = straighten(self.cell.density, region)
        return classifier_input(straight, width=0.5 * (self.cell.width_px + straight.median_width_px))

    def _seen(self, regions: Sequence[Region], probabilities: np.ndarray) -> SeenObjects:
        evidence = class_evidence(probabilities, np.log([float(max(region.area, 1)) for region in regions]) - self._unit)
        return SeenObjects(softmax(evidence, axis=1), -logsumexp(evidence, axis=1), tuple(map(self._signs_of_shape, regions)))

    def _signs_of_shape(self, region: Region) -> ShapeSigns:
        known, key = self.measured.shapes, _pixels(region)
        if key not in known:
            known[key] = shape_signs(region, foreground=self.maps.foreground, affinities=self.maps.affinities, width=self.cell.width_px)
        return known[key]


def _pixels(region: Region) -> Pixels:
    return region.row, region.column, region.crop.shape, np.packbits(region.crop).tobytes()
