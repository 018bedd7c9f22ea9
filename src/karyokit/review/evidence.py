"""What the chromosomes of a cell say about its karyotype, with what people have said of them taken as certain."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from karyokit.chromosomes import CLASS_NAMES
from karyokit.karyotype.evidence import KaryotypeEvidence, weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.pipeline.karyotype_objects import class_is_certain, karyotype_objects
from karyokit.review.state import CellState, ReviewedChromosome

_KEPT, _LIKELY = 200, 0.5
_WORDS = {"joined": "rather two joined chromosomes", "no chromosome": "rather no whole chromosome"}


@dataclass(frozen=True)
class Opinion:
    """A chromosome that the evidence takes for something else than it is taken for now.

    ``kind`` is one of ``karyotype.evidence.KINDS``, ``category`` 1..24 for a chromosome and 0 for the other kinds.
    """

    number: int
    kind: str
    category: int
    probability: float

    @property
    def words(self) -> str:
        """The opinion as a phrase about the chromosome."""
        return _WORDS.get(self.kind) or f"rather class {CLASS_NAMES[self.category - 1]}"


@dataclass(frozen=True, eq=False)
class CellEvidence:
    """The karyotypes that a cell may have, and the chromosomes on which evidence and present classes differ."""

    karyotypes: KaryotypeEvidence
    opinions: tuple[Opinion, ...]


class Evidences:
    """The evidence of the states last asked for; safe to use from several threads.

    Weighing takes some tenths of a second, so that edits which change none of it (turning, sorting, signing) ask for nothing.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[bytes, ...], KaryotypeEvidence] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, state: CellState) -> CellEvidence | None:
        """The evidence of a state; None where no chromosome has been named."""
        items = state.present
        if not any(item.chromosome.category or item.chromosome.probabilities for item in items):
            return None
        objects = objects_of(items)
        key = tuple(part.tobytes() for part in (objects.probabilities, objects.areas, objects.scores, objects.certain) if part is not None)
        karyotypes = self._weighed(key, objects)
        return CellEvidence(karyotypes, _opinions(items, objects, karyotypes))

    def _weighed(self, key: tuple[bytes, ...], objects: CellObjects) -> KaryotypeEvidence:
        with self._lock:
            known = self._kept.get(key)
        found = known or weigh_karyotypes(objects)
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def objects_of(items: Sequence[ReviewedChromosome]) -> CellObjects:
    """Chromosomes as objects of a karyotype; those that a person checked or named are certain."""
    certain = [class_is_certain(item.chromosome, checked=item.checked, by_hand=item.by_hand) for item in items]
    return karyotype_objects([item.chromosome for item in items], certain)


def _opinions(items: Sequence[ReviewedChromosome], objects: CellObjects, found: KaryotypeEvidence) -> tuple[Opinion, ...]:
    """Of the chromosomes on which no person has decided, those that are rather taken for something else, the surest first."""
    seen = zip(items, objects.certain, found.kinds, found.categories, found.right, strict=True)
    opinions = [
        Opinion(item.number, kind, int(category), float(right))
        for item, certain, kind, category, right in seen
        if not certain and right >= _LIKELY and (category != item.chromosome.category or not category)
    ]
    return tuple(sorted(opinions, key=lambda one: (-one.probability, one.number)))
