"""Pictures that hold one chromosome each: named one by one, or together as the chromosomes of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import NothingFound
from karyokit.chromosomes import CLASS_NAMES, Polarity, Region, class_name_of
from karyokit.inference import classify_pictures
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.evidence import weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.karyotype.straightening import straighten
from karyokit.pictures import Picture, read_picture
from karyokit.pipeline.models import model_for
from karyokit.staining import dark_on_light, resolve_stain

WHOLE = 0.995
"""Score of a chromosome that somebody has cut out: one whole chromosome, as far as a score can tell."""

SingleName = tuple[str, float, Polarity]
"""Class name, its probability, and where the p arm points."""


@dataclass(frozen=True, eq=False)
class SeenSingle:
    """One picture as the classifier sees it: ``probabilities`` (24,) of the classes, ``p_up`` that the p arm lies at the upper (of
    a lying chromosome, the left) end, and the chromosome's ``area`` in pixels."""

    probabilities: np.ndarray
    p_up: float
    area: int

    @property
    def polarity(self) -> Polarity:
        """Where the p arm points."""
        return "up" if self.p_up >= 0.5 else "down"

    @property
    def name(self) -> SingleName:
        """The likeliest class by itself."""
        best = int(self.probabilities.argmax())
        return CLASS_NAMES[best], float(self.probabilities[best]), self.polarity


def classify_picture(
    picture: str | Path, *, stain: str = "auto", classifier: str | Path | None = None, threads: int | None = None
) -> SingleName:
    """Class name, its probability and polarity of the one chromosome in a picture file.

    ``polarity`` says whether the p arm lies at the upper (of a lying chromosome, the left) end of the picture.
    """
    return see_single(picture, stain=stain, classifier=classifier, threads=threads).name


def see_single(picture: str | Path, *, stain: str = "auto", classifier: str | Path | None = None, threads: int | None = None) -> SeenSingle:
    """What the classifier sees in the picture file of one chromosome; arguments as for `classify_picture`.

    Raises ``PictureError`` for a file that is no picture, ``NothingFound`` where no chromosome stands out.
    """
    grey = read_picture(picture, min_side=4)
    kind = _single_stain(grey.pixels) if stain.lower() == "auto" else resolve_stain(stain, grey.pixels)
    canvas, area = single_canvas(replace(grey, name=str(picture)), kind)
    probabilities, up = classify_pictures(model_for("classification", kind, classifier, threads), canvas[None, None])
    return SeenSingle(probabilities[0], float(up[0]), area)


def name_together(probabilities: np.ndarray, areas: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Classes (n,) 1..24 of the n chromosomes of one cell, and the probability (n,) of each, from all of them and their sizes.

    ``probabilities`` (n, 24) are the classifier's, ``areas`` (n,) in pixels of one scale. A class of 0 stands for what is rather not
    one whole chromosome, whatever its picture shows. No chromosomes give empty arrays.
    """
    count = len(probabilities)
    if not count:
        return np.zeros(0, int), np.zeros(0)
    objects = CellObjects(probabilities.astype(float), np.asarray(areas, float), np.full(count, WHOLE), np.zeros(count, bool))
    evidence = weigh_karyotypes(objects)
    return evidence.categories, evidence.right


def names_of_cell(cell: Sequence[SeenSingle]) -> list[SingleName]:
    """Class name, probability and polarity of the chromosomes of one cell, `name_together`."""
    categories, right = name_together(np.array([one.probabilities for one in cell]), [one.area for one in cell])
    return [(class_name_of(int(category)), float(sure), one.polarity) for category, sure, one in zip(categories, right, cell, strict=True)]


def single_canvas(grey: Picture, stain: str) -> tuple[np.ndarray, int]:
    """The classifier's picture of the largest object in a picture of one chromosome, and the object's area in pixels.

    Raises ``NothingFound`` where none stands out.
    """
    density, region = _single_chromosome(grey, stain)
    return classifier_input(straighten(density, region)), region.area


def _single_stain(pixels: np.ndarray) -> str:
    """The stain of a picture of one chromosome: brightfield where its rim is lighter than its middle level."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return "brightfield" if np.median(rim) > (float(pixels.min()) + float(pixels.max())) / 2 else "fluorescence"


def _single_chromosome(grey: Picture, stain: str) -> tuple[np.ndarray, Region]:
    """Density and region of the largest object in a picture of one chromosome."""
    plane = grey.pixels.astype(np.float32)
    rim = float(np.median(np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])))
    if stain == "brightfield":
        density = -np.log(np.clip((plane + 1) / (rim + 1), 0.004, 1))
        stained = density > 0.06
    else:
        density = np.maximum(rim - plane if dark_on_light(stain) else plane - rim, 0)
        density /= max(float(np.percentile(density, 99)), 1e-6)
        stained = density > 0.3
    labels, count = ndimage.label(np.pad(stained, 2), np.ones((3, 3), bool))
    sizes = np.bincount(labels.ravel())[1:]
    if count == 0 or sizes.max() < 12:
        raise NothingFound(f"{grey.name}: no chromosome is in view. Check the picture, or set the stain.")
    region = Region.from_mask(ndimage.binary_fill_holes(labels == 1 + int(sizes.argmax())))
    return np.pad(density, 2), region
