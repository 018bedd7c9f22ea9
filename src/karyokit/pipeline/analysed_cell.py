"""The record of an analysed cell, and what follows from it without any network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from karyokit.chromosomes import Cell
from karyokit.exchange.chromosome_pictures import background_level
from karyokit.inference import Maps
from karyokit.karyotype.evidence import KaryotypeEvidence
from karyokit.karyotype.karyogram import draw_karyogram
from karyokit.karyotype.measurements import Measurements, measure
from karyokit.karyotype.orientation import first_is_upper, is_bent, straight_picture, upright_picture, upright_point
from karyokit.karyotype.page import KaryogramItem
from karyokit.karyotype.straightening import StraightChromosome, straighten
from karyokit.pictures import to_display
from karyokit.reconstruction.layers import restored_grey, separate_layers
from karyokit.reconstruction.plausibility import SetAside, count_reasons

LOW_CONFIDENCE = 0.5
"""Probability of a class below which a chromosome is marked for a check by eye."""


@dataclass(frozen=True, eq=False)
class AnalysedCell(Cell):
    """A cell with what the analysis needs again: its density picture, the typical chromosome width in pixels, notes on
    the picture, the ``evidence`` for its karyotype once it is classified, and ``doubts``: the same in sentences.

    ``set_aside`` holds the objects that were found but not taken for chromosomes, each with the reason. ``maps`` are the
    network's, kept until the chromosomes are named; None where the chromosomes do not come from maps with affinities.
    """

    density: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    width_px: float = 0.0
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    evidence: KaryotypeEvidence | None = None
    maps: Maps | None = None

    def renamed(self, **changes: Any) -> AnalysedCell:
        """A copy with some fields replaced, for which no region is straightened anew: regions, density and image must stay."""
        copy = replace(self, **changes)
        copy.__dict__.update({name: self.__dict__[name] for name in ("_as_seen", "layers", "straightened") if name in self.__dict__})
        return copy

    @property
    def classified(self) -> bool:
        """Whether the chromosomes were named."""
        return self.evidence is not None or any(chromosome.category for chromosome in self.chromosomes)

    @cached_property
    def _as_seen(self) -> tuple[StraightChromosome, ...]:
        """Each chromosome straightened, with its neighbours' density in overlaps."""
        return tuple(straighten(self.density, chromosome.region) for chromosome in self.chromosomes)

    @cached_property
    def layers(self) -> tuple[np.ndarray, ...]:
        """Each chromosome's own density, a float32 crop of its region's box, restored in overlaps, 0 outside the region."""
        regions = [one.region for one in self.chromosomes]
        return tuple(separate_layers(self.density, regions, [straight.axis for straight in self._as_seen]))

    def restored(self) -> tuple[np.ndarray, ...]:
        """Of each chromosome, the pixels of its box (bool) that were restored because they show others too."""
        pairs = zip(self.chromosomes, self.layers, strict=True)
        return tuple(one.region.crop & (layer != self.density[one.region.window]) for one, layer in pairs)

    @cached_property
    def straightened(self) -> tuple[StraightChromosome, ...]:
        """Each chromosome's own density straightened along its medial axis, in order."""
        found = zip(self.chromosomes, self._as_seen, self.layers, self.restored(), strict=True)
        return tuple(straighten(self.density, one.region, own=layer) if changed.any() else seen for one, seen, layer, changed in found)

    def greys(self, *, display: bool = False) -> list[np.ndarray]:
        """Of each chromosome, its own grey values in its region's box, restored in overlaps; as read or stretched for display."""
        level = background_level(self.image, self.stain)
        read = [
            restored_grey(self.image, self.density, one.region, layer, stain=self.stain, background=level)
            for one, layer in zip(self.chromosomes, self.layers, strict=True)
        ]
        if not display or not read:
            return read
        shown = to_display(np.concatenate([crop.ravel() for crop in read]), like=self.image)
        ends = np.cumsum([crop.size for crop in read])
        return [part.reshape(crop.shape) for part, crop in zip(np.split(shown, ends[:-1]), read, strict=True)]

    def measurements(self) -> tuple[Measurements, ...]:
        """Length, area, width, centromere and arms of each chromosome, in order."""
        return self._measured

    @cached_property
    def _measured(self) -> tuple[Measurements, ...]:
        return tuple(
            measure(self.density, one.region, category=one.category, polarity=one.polarity, angle=one.angle, straight=straight, own=layer)
            for one, straight, layer in zip(self.chromosomes, self.straightened, self.layers, strict=True)
        )

    def karyogram(self) -> np.ndarray:
        """(rows, columns, 3) uint8 picture of the karyogram."""
        return draw_karyogram(self.karyogram_items(), file_name=self.name, stain=self.stain, proposal=self.proposal())

    def karyogram_items(self) -> list[KaryogramItem]:
        """Each chromosome as it goes into the karyogram."""
        tiles = zip(self.chromosomes, self._tiles(), self.confidences(), self.restored(), strict=True)
        return [
            KaryogramItem(
                picture,
                one.category,
                float(np.clip(centromere, 0, len(picture) - 1)),
                low_confidence=not one.category or not sure >= LOW_CONFIDENCE or bool(one.doubts),
                number=one.number,
                restored=bool(changed.any()),
                straightened=bent,
            )
            for one, (picture, centromere, bent), sure, changed in tiles
        ]

    def _tiles(self) -> Iterator[tuple[np.ndarray, float, bool]]:
        """Of each chromosome: uint8 picture with the p arm up, row of the centromere in it, and whether it was bent and is straightened."""
        grey = to_display(self.image)
        known = zip(self.chromosomes, self.straightened, self.measurements(), self.greys(display=True), strict=True)
        for one, straight, found, own in known:
            flip = one.polarity == "down"
            if is_bent(straight.axis) and straight.even:
                along = straight_picture(grey, one.region, straight, stain=self.stain, own=own)
                share = 1 - found.centromere_share if flip else found.centromere_share
                yield (along if first_is_upper(straight.axis, one.angle) != flip else along[::-1, ::-1]), share * len(along), True
            else:
                upright = upright_picture(grey, one.region, angle=one.angle, flip=flip, stain=self.stain, own=own)
                yield upright, upright_point(one.region, found.centromere, angle=one.angle, flip=flip)[0], False

    def confidences(self) -> tuple[float, ...]:
        """Per chromosome, the probability that the class given is right (that it is none, where it has none); NaN before naming."""
        return tuple(self.evidence.right.tolist()) if self.evidence else (float("nan"),) * len(self.chromosomes)

    def proposal(self) -> str:
        """The proposed ISCN string and its probability, ``check`` where that is low; empty before naming."""
        if self.evidence is None:
            return ""
        best = self.evidence.best
        return f"{best.iscn} ({best.probability:.0%}{'' if self.evidence.sure else ', check'})"

    def summary(self) -> str:
        """Count, proposed ISCN string, what was set aside and the notes, in one line."""
        count = f"{len(self.chromosomes)} chromosome{'s' if len(self.chromosomes) != 1 else ''}"
        found = f"{count}, proposed {self.proposal()}" if self.evidence else count
        return "; ".join(filter(None, (found, count_reasons(self.set_aside), *self.notes)))
