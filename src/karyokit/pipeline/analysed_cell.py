"""The record of an analysed cell, and what follows from it without any network."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from karyokit.chromosomes import Cell, Chromosome
from karyokit.karyotype.iscn import numerical_iscn
from karyokit.karyotype.karyogram import draw_karyogram
from karyokit.karyotype.measurements import Measurements, measure
from karyokit.karyotype.orientation import upright_picture, upright_point
from karyokit.karyotype.page import KaryogramItem
from karyokit.karyotype.straightening import StraightChromosome, straighten
from karyokit.pictures import to_display
from karyokit.reconstruction.plausibility import SetAside, count_reasons

LOW_CONFIDENCE = 0.5
"""Class probability, score and margin below which a chromosome is marked for a check by eye."""


@dataclass(frozen=True, eq=False)
class AnalysedCell(Cell):
    """A cell with what the analysis needs again: its density picture, the typical chromosome width in pixels, notes on
    the picture, and ``doubts``: which counts are unusual and which chromosomes got another class than their likeliest.

    ``set_aside`` holds the objects that were found but not taken for chromosomes, each with the reason.
    """

    density: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    width_px: float = 0.0
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

    @property
    def classified(self) -> bool:
        """Whether any chromosome has a class."""
        return any(chromosome.category for chromosome in self.chromosomes)

    @cached_property
    def straightened(self) -> tuple[StraightChromosome, ...]:
        """Each chromosome straightened along its medial axis, in order."""
        return tuple(straighten(self.density, chromosome.region) for chromosome in self.chromosomes)

    def measurements(self) -> tuple[Measurements, ...]:
        """Length, area, width, centromere and arms of each chromosome, in order."""
        return tuple(
            measure(self.density, one.region, category=one.category, polarity=one.polarity, angle=one.angle, straight=straight)
            for one, straight in zip(self.chromosomes, self.straightened, strict=True)
        )

    def karyogram(self) -> np.ndarray:
        """(rows, columns, 3) uint8 picture of the karyogram."""
        return draw_karyogram(self.karyogram_items(), file_name=self.name, stain=self.stain)

    def karyogram_items(self) -> list[KaryogramItem]:
        """Each chromosome as it goes into the karyogram."""
        grey = to_display(self.image)
        return [_item(grey, one, found, self.stain) for one, found in zip(self.chromosomes, self.measurements(), strict=True)]

    def summary(self) -> str:
        """Count, proposed ISCN string, what was set aside and the notes, in one line."""
        count = f"{len(self.chromosomes)} chromosome{'s' if len(self.chromosomes) != 1 else ''}"
        proposal = numerical_iscn(one.category for one in self.chromosomes) if self.classified else None
        found = f"{count}, proposed {proposal}" if proposal else count
        return "; ".join(filter(None, (found, count_reasons(self.set_aside), *self.notes)))


def _item(grey: np.ndarray, one: Chromosome, found: Measurements, stain: str) -> KaryogramItem:
    flip = one.polarity == "down"
    upright = upright_picture(grey, one.region, angle=one.angle, flip=flip, stain=stain)
    row, _ = upright_point(one.region, found.centromere, angle=one.angle, flip=flip)
    doubtful = min(one.class_probability, one.score) < LOW_CONFIDENCE
    return KaryogramItem(upright, one.category, float(np.clip(row, 0, len(upright) - 1)), low_confidence=doubtful, number=one.number)
