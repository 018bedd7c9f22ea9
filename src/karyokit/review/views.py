"""What a chromosome looks like and measures, worked out once for each outline, turn and class."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.chromosome_pictures import background_level
from karyokit.karyotype.measurements import Measurements, measure
from karyokit.karyotype.orientation import first_is_upper, straight_picture, upright_picture, upright_point
from karyokit.karyotype.straightening import StraightChromosome, medial_axis, straighten
from karyokit.reconstruction.layers import restored_grey, separate_layers
from karyokit.review.picture_files import CellPicture
from karyokit.review.shapes import Ring, outlines

Key = TypeVar("Key")
Value = TypeVar("Value")
_KEPT = 4000
"""Chromosomes whose views are kept, about 25 KB each."""


@dataclass(frozen=True, eq=False)
class ChromosomeView:
    """A chromosome seen in its picture without those that cross it (``crossing``); everything is computed on first use."""

    chromosome: Chromosome
    picture: CellPicture
    crossing: tuple[Region, ...] = ()

    @property
    def flipped(self) -> bool:
        """Whether it is shown half a turn further, so that the p arm is on top."""
        return self.chromosome.polarity == "down"

    @cached_property
    def own_density(self) -> np.ndarray | None:
        """(height, width) density of the region's box restored where others cross, None where none does."""
        if not self.crossing:
            return None
        regions = (self.chromosome.region, *self.crossing)
        return separate_layers(self.picture.density, regions, [medial_axis(region) for region in regions])[0]

    @cached_property
    def own_grey(self) -> np.ndarray | None:
        """(height, width) uint8 grey values of the region's box restored where others cross, None where none does."""
        if self.own_density is None:
            return None
        grey, stain = self.picture.display, self.picture.stain
        level = background_level(grey, stain)
        return restored_grey(grey, self.picture.density, self.chromosome.region, self.own_density, stain=stain, background=level)

    @cached_property
    def straightened(self) -> StraightChromosome:
        """Straightened density, as the classifier sees it."""
        return straighten(self.picture.density, self.chromosome.region, own=self.own_density)

    @cached_property
    def measurements(self) -> Measurements:
        """Length, area, width, centromere and arms."""
        one = self.chromosome
        return measure(
            self.picture.density,
            one.region,
            category=one.category,
            polarity=one.polarity,
            angle=one.angle,
            straight=self.straightened,
            own=self.own_density,
        )

    @cached_property
    def upright(self) -> np.ndarray:
        """(rows, columns) uint8: upright, p arm up, without neighbours."""
        one, picture = self.chromosome, self.picture
        return upright_picture(picture.display, one.region, angle=one.angle, flip=self.flipped, stain=picture.stain, own=self.own_grey)

    @cached_property
    def centromere_row(self) -> float:
        """Row of the centromere in ``upright``."""
        point = self.measurements.centromere
        row, _ = upright_point(self.chromosome.region, point, angle=self.chromosome.angle, flip=self.flipped)
        return float(np.clip(row, 0, len(self.upright) - 1))

    @cached_property
    def straight(self) -> np.ndarray:
        """(rows, columns) uint8: straightened, p arm up."""
        one, picture = self.chromosome, self.picture
        along = straight_picture(picture.display, one.region, self.straightened, stain=picture.stain, own=self.own_grey)
        return along if first_is_upper(self.straightened.axis, one.angle) != self.flipped else along[::-1, ::-1]

    @cached_property
    def version(self) -> str:
        """A short text that differs where the pictures would."""
        one = self.chromosome
        content = hashlib.blake2b(repr((one.angle, one.polarity)).encode(), digest_size=6)
        for region in (one.region, *self.crossing):
            content.update(repr((region.row, region.column, region.crop.shape)).encode())
            content.update(np.packbits(region.crop).tobytes())
        return content.hexdigest()


class Views:
    """The views of chromosomes that were last in use; safe to use from several threads."""

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[Chromosome, tuple[Region, ...]], ChromosomeView] = OrderedDict()
        self._outlines: OrderedDict[Region, list[Ring]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, chromosome: Chromosome, picture: CellPicture, crossing: tuple[Region, ...] = ()) -> ChromosomeView:
        """The view of a chromosome among those that cross it."""
        key = (chromosome, crossing)
        with self._lock:
            known = self._views.get(key)
            view = known if known is not None and known.picture is picture else ChromosomeView(chromosome, picture, crossing)
            _remember(self._views, key, view)
            return view

    def outlines(self, region: Region) -> list[Ring]:
        """The outlines of a region."""
        with self._lock:
            rings = self._outlines.get(region)
            _remember(self._outlines, region, outlines(region) if rings is None else rings)
            return self._outlines[region]


def _remember(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _KEPT:
        kept.popitem(last=False)
