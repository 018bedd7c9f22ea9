"""Classes and polarity of a cell of separated chromosomes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Polarity
from karyokit.inference import Model, classify_pictures
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.evidence import weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.karyotype.straightening import StraightChromosome
from karyokit.pictures import Picture
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.models import model_for
from karyokit.pipeline.second_look import look_again
from karyokit.pipeline.separating import separate
from karyokit.reconstruction.confidence import judge_classes

Seen = dict[bytes, tuple[np.ndarray, float]]
"""By the bytes of a classifier's picture, the probabilities of its classes and that its p arm points up."""


def analyse(
    image: np.ndarray | Picture | str | Path,
    *,
    stain: str = "auto",
    classify: bool = True,
    mode: str = "graph",
    model: str | Path | None = None,
    classifier: str | Path | None = None,
    threads: int | None = None,
    name: str = "cell",
) -> AnalysedCell:
    """Separate the chromosomes of a metaphase picture, name them and find where their p arm points.

    Arguments and errors as for ``separate``; ``classifier`` is a classification model as ``model`` is a separation model;
    ``classify=False`` stops after the separation.
    """
    cell = separate(image, stain=stain, mode=mode, model=model, threads=threads, name=name)
    return name_chromosomes(cell, model_for("classification", cell.stain, classifier, threads)) if classify else cell


def name_chromosomes(cell: AnalysedCell, classifier: Model) -> AnalysedCell:
    """The cell with class, probabilities and polarity of each chromosome, decided together, and the evidence for its karyotype.

    Where classes speak against a doubtful separation, it is mended and the cell named once more. An object that is
    rather two joined chromosomes or none has no class (category 0); where it is most probably none, it is set aside.
    """
    name = partial(name_as_separated, classifier=classifier, seen={})
    return look_again(name(cell), classifier, name).renamed(maps=None)


def name_as_separated(cell: AnalysedCell, classifier: Model, seen: Seen | None = None) -> AnalysedCell:
    """The cell with classes, polarity and evidence of the chromosomes that it has; only pictures not yet ``seen`` are classified."""
    canvases = [
        _upright_canvas(straight, one.angle, 0.5 * (cell.width_px + straight.median_width_px))
        for one, straight in zip(cell.chromosomes, cell.straightened, strict=True)
    ]
    probabilities, up = _classified(classifier, canvases, {} if seen is None else seen)
    areas = np.array([one.region.area for one in cell.chromosomes], float)
    scores = np.array([one.separation_score for one in cell.chromosomes])
    evidence = weigh_karyotypes(CellObjects(probabilities.astype(float), areas, scores, np.zeros(len(scores), bool)))
    chromosomes = tuple(
        one.with_changes(
            category=int(category), probabilities=tuple(map(float, row)), polarity=_polarity(p_up), polarity_probability=float(p_up)
        )
        for one, category, row, p_up in zip(cell.chromosomes, evidence.categories, probabilities, up, strict=True)
    )
    models = {**cell.models, "classification": classifier.card.sha256["onnx"]}
    return cell.renamed(chromosomes=judge_classes(chromosomes), models=models, doubts=evidence.sentences(), evidence=evidence)


def _classified(classifier: Model, canvases: Sequence[np.ndarray], seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    """As ``classify_pictures``, of n pictures; those not yet ``seen`` are added to it."""
    keys = [canvas.tobytes() for canvas in canvases]
    fresh = {key: canvas for key, canvas in zip(keys, canvases, strict=True) if key not in seen}
    if fresh:
        answers = classify_pictures(classifier, np.stack(list(fresh.values()))[:, None])
        seen.update(zip(fresh, zip(*answers, strict=True), strict=True))
    return np.array([seen[key][0] for key in keys]), np.array([seen[key][1] for key in keys])


def _upright_canvas(straight: StraightChromosome, angle: float, width: float) -> np.ndarray:
    """The classifier's picture with the end on top that is on top once the chromosome is turned by ``angle``."""
    canvas = classifier_input(straight, width=width)
    turn = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])
    return canvas if (straight.axis[0] - straight.axis[-1]) @ turn <= 0 else canvas[::-1]


def _polarity(p_up: float) -> Polarity:
    return "up" if p_up >= 0.5 else "down"
