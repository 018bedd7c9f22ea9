"""A cell under review: its chromosomes with what people decided about them. Nothing here is ever changed in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from karyokit.chromosomes import Alternative, Chromosome, Region

StatusName = Literal["new", "reviewed", "signed"]


class Refused(ValueError):  # noqa: N818
    """An edit that makes no sense on the state it meets; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class ReviewedChromosome:
    """A chromosome and what people decided about it.

    ``by_hand`` names what a person set, which models must not change any more: ``"class"``, ``"polarity"``, ``"angle"``,
    ``"outline"``. ``order`` sorts homologues in the karyogram; equal orders are sorted by number.
    """

    chromosome: Chromosome
    order: float = 0.0
    by_hand: frozenset[str] = frozenset()
    marker: str = ""
    locked: bool = False
    checked: bool = False
    deleted: bool = False

    @property
    def number(self) -> int:
        """Its number in the cell, never used for another one."""
        return self.chromosome.number

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Other ways to take it apart from its neighbours: the runner-up of the reconstruction, where there is one."""
        found = self.chromosome.separation.alternative
        return () if found is None else (found,)

    @property
    def region(self) -> Region:
        """Its pixels."""
        return self.chromosome.region

    def with_changes(self, **changes: Any) -> ReviewedChromosome:
        """A copy with some fields replaced; fields of ``Chromosome`` are replaced in it."""
        inner = {name: changes.pop(name) for name in tuple(changes) if name in Chromosome.__dataclass_fields__}
        chromosome = self.chromosome.with_changes(**inner) if inner else self.chromosome
        return replace(self, chromosome=chromosome, **changes)


@dataclass(frozen=True, eq=False)
class AsideObject:
    """An object that was not taken for a chromosome, with a number of its own, and why."""

    number: int
    region: Region
    reason: str


@dataclass(frozen=True)
class Status:
    """How far the review is; ``who`` and ``when`` (ISO 8601, UTC) are empty for a new cell."""

    value: StatusName = "new"
    who: str = ""
    when: str = ""


@dataclass(frozen=True, eq=False)
class CellState:
    """A cell as the edits so far have left it.

    ``items`` maps numbers to chromosomes, the deleted ones included; ``aside`` maps numbers to objects set aside;
    ``shape`` is (rows, columns) of the picture.
    """

    name: str
    shape: tuple[int, int]
    stain: str
    items: dict[int, ReviewedChromosome]
    aside: dict[int, AsideObject] = field(default_factory=dict)
    status: Status = field(default_factory=Status)
    notes: tuple[str, ...] = ()
    models: dict[str, str] = field(default_factory=dict)

    @property
    def present(self) -> tuple[ReviewedChromosome, ...]:
        """The chromosomes that are not deleted, by number."""
        return tuple(item for _, item in sorted(self.items.items()) if not item.deleted)

    def item(self, number: int) -> ReviewedChromosome:
        """A present, unlocked chromosome; ``Refused`` for any other."""
        found = self.known(number)
        if found.deleted:
            raise Refused(f"chromosome {number} is deleted. Restore it first.")
        if found.locked:
            raise Refused(f"chromosome {number} is locked. Unlock it first.")
        return found

    def known(self, number: int) -> ReviewedChromosome:
        """Any chromosome of the cell; ``Refused`` where there is none of that number."""
        if number not in self.items:
            raise Refused(f"there is no chromosome {number} in this cell. Pick one that is shown.")
        return self.items[number]

    def with_items(self, changed: Iterable[ReviewedChromosome], *, without: Iterable[int] = ()) -> CellState:
        """A copy with chromosomes added or replaced, and others gone."""
        items = {number: item for number, item in self.items.items() if number not in set(without)}
        items.update((item.number, item) for item in changed)
        return replace(self, items=items)


def touched(before: CellState, after: CellState) -> frozenset[tuple[str, int]]:
    """What differs between two states: ``("chromosome", number)`` and ``("object", number)``, added and gone ones included."""
    pairs = (("chromosome", before.items, after.items), ("object", before.aside, after.aside))
    return frozenset(
        (kind, number) for kind, one, two in pairs for number in one.keys() | two.keys() if one.get(number) is not two.get(number)
    )
