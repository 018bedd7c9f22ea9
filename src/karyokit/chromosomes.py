"""The core records: a chromosome's region, a chromosome, and the cell it lies in.

Coordinates are (row, column), origin at the top left pixel, in pixels of the original picture.
Regions of different chromosomes may share pixels: that is what a crossing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from pycocotools import mask as coco_mask

from karyokit.checks import problem
from karyokit.run_lengths import columns_of

CLASS_NAMES: tuple[str, ...] = (*(str(number) for number in range(1, 23)), "X", "Y")
"""Names of the 24 classes; category ``k`` (1..24) is ``CLASS_NAMES[k - 1]``; 0 means not classified."""


def class_name_of(category: int) -> str:
    """Name of a category 0..24: ``"1"`` .. ``"22"``, ``"X"``, ``"Y"``, or ``"?"`` for 0."""
    return CLASS_NAMES[category - 1] if category else "?"


ContactKind = Literal["touching", "crossing"]
Polarity = Literal["up", "down", "unknown"]


@dataclass(frozen=True, eq=False)
class Region:
    """The pixels of one object: a boolean crop and where its corner lies.

    ``crop`` is (height, width) bool; ``row`` and ``column`` place its top left pixel in the picture.
    """

    row: int
    column: int
    crop: np.ndarray

    @classmethod
    def from_mask(cls, mask: np.ndarray) -> Region:
        """Region of the true pixels of a (rows, columns) mask; an empty mask gives an empty crop.

        >>> region = Region.from_mask(np.array([[0, 0, 0], [0, 1, 1]], bool))
        >>> (region.row, region.column, region.crop.shape, region.area)
        (1, 1, (1, 2), 2)
        """
        rows = np.flatnonzero(mask.any(axis=1))
        columns = np.flatnonzero(mask.any(axis=0))
        if rows.size == 0:
            return cls(0, 0, np.zeros((0, 0), bool))
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        return cls(int(rows[0]), int(columns[0]), mask[window].astype(bool))

    @classmethod
    def from_rle(cls, rle: dict[str, Any]) -> Region:
        """Region from COCO's run lengths (``size`` rows, columns; ``counts`` a string or a list); ``ValueError`` for damaged ones."""
        first, mask = columns_of(rle)
        found = cls.from_mask(mask)
        return cls(found.row, found.column + first if found.crop.size else 0, found.crop)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.crop))

    @property
    def bbox(self) -> tuple[int, int, int, int]:
        """COCO's box: (column, row, width, height) in pixels."""
        return self.column, self.row, self.crop.shape[1], self.crop.shape[0]

    @property
    def window(self) -> tuple[slice, slice]:
        """The slices that cut the region's box out of its picture."""
        height, width = self.crop.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)

    def to_mask(self, shape: tuple[int, int]) -> np.ndarray:
        """(rows, columns) bool mask over a picture of ``shape``."""
        bottom, right = self.row + self.crop.shape[0], self.column + self.crop.shape[1]
        if bottom > shape[0] or right > shape[1] or self.row < 0 or self.column < 0:
            raise ValueError(problem("shape", f"hold the region's box up to ({bottom}, {right})", shape, "Pass the picture's shape."))
        mask = np.zeros(shape, bool)
        mask[self.window] = self.crop
        return mask

    def to_rle(self, shape: tuple[int, int]) -> dict[str, Any]:
        """COCO's compressed run lengths over a picture of ``shape``."""
        rle = coco_mask.encode(np.asfortranarray(self.to_mask(shape).astype(np.uint8)))
        return {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")}


@dataclass(frozen=True)
class Contact:
    """One meeting with neighbours: the zone's number in the cell, the neighbours' numbers, and how they meet."""

    zone: int
    others: tuple[int, ...]
    kind: ContactKind


@dataclass(frozen=True, eq=False)
class Alternative:
    """The second-best way to take a chromosome and its neighbours apart.

    Taking it puts ``regions`` in place of the chromosomes numbered ``replaces`` (1-based, as in ``Contact.others``; the
    chromosome itself among them; the two may differ in number). ``margin`` in 0..1 says how much worse it was, 0 for a toss-up.
    """

    replaces: tuple[int, ...]
    regions: tuple[Region, ...]
    margin: float


@dataclass(frozen=True)
class Separation:
    """How a chromosome was taken apart from its neighbours.

    ``parts`` counts the arms that were joined; ``method`` names the rule; ``margin`` is the cost difference
    between the decision taken and the runner-up, 1 where there was no alternative, 0 where it was a toss-up.
    ``alternative`` is the runner-up itself, where it makes other chromosomes. ``score`` is what ``Chromosome.score`` was before
    classes were heard, None where they have not been heard since.
    """

    method: str = "isolated"
    parts: int = 1
    margin: float = 1.0
    contacts: tuple[Contact, ...] = ()
    alternative: Alternative | None = field(default=None, compare=False)
    score: float | None = None

    def renumbered(self, numbers: Mapping[int, int]) -> Separation:
        """The same with new ``numbers`` by the old ones: contacts with chromosomes that have none are dropped, and so is an
        alternative that involves one."""
        contacts = (replace(met, others=tuple(numbers[other] for other in met.others if other in numbers)) for met in self.contacts)
        other = self.alternative
        if other is not None:
            kept = all(number in numbers for number in other.replaces)
            other = replace(other, replaces=tuple(numbers[number] for number in other.replaces)) if kept else None
        return replace(self, contacts=tuple(met for met in contacts if met.others), alternative=other)


@dataclass(frozen=True, eq=False)
class Chromosome:
    """One chromosome of a cell.

    ``category`` is 1..22, 23 = X, 24 = Y, 0 = not classified; ``score`` in 0..1 is the probability that this is one
    whole, rightly separated chromosome and ``doubts`` say what speaks against it, empty unless the score is low;
    ``probabilities`` has 24 entries or none; ``polarity`` says where the p arm points once the
    chromosome is turned by ``angle`` degrees counter-clockwise (long axis upright).
    """

    number: int
    region: Region
    score: float = 1.0
    category: int = 0
    probabilities: tuple[float, ...] = ()
    polarity: Polarity = "unknown"
    polarity_probability: float = 0.5
    angle: float = 0.0
    separation: Separation = field(default_factory=Separation)
    doubts: tuple[str, ...] = ()

    @property
    def class_name(self) -> str:
        """``"1"`` .. ``"22"``, ``"X"``, ``"Y"`` or ``"?"``."""
        return class_name_of(self.category)

    @property
    def class_probability(self) -> float:
        """Probability of the class given, NaN where there is none."""
        return self.probabilities[self.category - 1] if self.category and self.probabilities else float("nan")

    @property
    def separation_score(self) -> float:
        """The score that the separation alone gave, as it was before classes were heard."""
        return self.score if self.separation.score is None else self.separation.score

    def with_changes(self, **changes: Any) -> Chromosome:
        """A copy with some fields replaced."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class Cell:
    """A metaphase picture and its chromosomes.

    ``image`` is the (rows, columns) grey picture as read (uint8, uint16 or float32); ``stain`` is ``"fluorescence"``
    (bright on dark), ``"brightfield"`` (dark on light) or ``"inverted"`` (the negative of fluorescence); ``models`` maps a
    stage to the sha256 of the weights used.
    """

    name: str
    image: np.ndarray
    stain: str
    chromosomes: tuple[Chromosome, ...] = ()
    models: dict[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the picture."""
        return int(self.image.shape[0]), int(self.image.shape[1])

    def masks(self) -> np.ndarray:
        """(n, rows, columns) bool; masks may overlap; (0, rows, columns) for an empty cell."""
        return stack_masks((chromosome.region for chromosome in self.chromosomes), self.shape)


def stack_masks(regions: Iterable[Region], shape: tuple[int, int]) -> np.ndarray:
    """(n, rows, columns) bool stack of regions, (0, rows, columns) for none."""
    masks = [region.to_mask(shape) for region in regions]
    return np.stack(masks) if masks else np.zeros((0, *shape), bool)
