"""What is known of the chromosomes that a proposal replaces, and of the regions that it puts in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

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


class Looking:
    """How the regions of one named cell, its own and proposed ones, are measured in one and the same way.

    ``length`` and ``width`` are the medians of the cell's chromosomes in pixels, ``classes`` (n, 24) their classes with sizes heard.
    """

    def __init__(self, cell: AnalysedCell, maps: Maps, classifier: Model) -> None:
        self.cell, self.classifier = cell, classifier
        self._signs_of_shape = cache(partial(shape_signs, foreground=maps.foreground, affinities=maps.affinities, width=cell.width_px))
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
        canvases = []
        for region in regions:
            straight = straighten(self.cell.density, region)
            canvases.append(classifier_input(straight, width=0.5 * (self.cell.width_px + straight.median_width_px)))
        probabilities = classify_pictures(self.classifier, np.stack(canvases)[:, None])[0] if canvases else np.zeros((0, len(CLASS_NAMES)))
        return self._seen(regions, probabilities.astype(float))

    def _seen(self, regions: Sequence[Region], probabilities: np.ndarray) -> SeenObjects:
        evidence = class_evidence(probabilities, np.log([float(max(region.area, 1)) for region in regions]) - self._unit)
        return SeenObjects(softmax(evidence, axis=1), -logsumexp(evidence, axis=1), tuple(map(self._signs_of_shape, regions)))
