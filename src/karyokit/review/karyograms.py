"""The karyogram of a cell under review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from karyokit.karyotype.layout import ItemSize, Layout, lay_out
from karyokit.karyotype.page import LEFT, RIGHT, WIDTH, KaryogramItem
from karyokit.review.contacts import crossing_regions
from karyokit.review.doubts import doubts_of
from karyokit.review.picture_files import CellPicture
from karyokit.review.state import CellState, ReviewedChromosome
from karyokit.review.views import ChromosomeView, Views

Slot = tuple[int, tuple[float, float, float, float], Sequence[int]]
_HEADER = 20.0
"""Page units above the first row where no title is drawn."""


@dataclass(frozen=True, eq=False)
class PlacedKaryogram:
    """A layout and the chromosomes that its places are of, in the order of their index."""

    layout: Layout
    items: tuple[ReviewedChromosome, ...]
    width: float
    height: float


def in_karyogram_order(state: CellState) -> list[ReviewedChromosome]:
    """The present chromosomes by class, homologues as they were put."""
    return sorted(state.present, key=lambda item: (item.chromosome.category or 99, item.order, item.number))


def place_karyogram(state: CellState, picture: CellPicture, views: Views) -> PlacedKaryogram:
    """Where every present chromosome lies in the karyogram."""
    items, crossing = in_karyogram_order(state), crossing_regions(state)
    found = [views.of(item.chromosome, picture, crossing.get(item.number, ())) for item in items]
    layout = lay_out([_size(view) for view in found], left=LEFT, right=RIGHT, top=_HEADER)
    return PlacedKaryogram(layout, tuple(items), WIDTH, layout.bottom)


def karyogram_items(state: CellState, picture: CellPicture, views: Views) -> list[KaryogramItem]:
    """Each chromosome as it goes into the printed karyogram; doubtful ones are marked."""
    crossing = crossing_regions(state)
    found = [(item, views.of(item.chromosome, picture, crossing.get(item.number, ()))) for item in in_karyogram_order(state)]
    return [_karyogram_item(item, view) for item, view in found]


def slots_of(placed: PlacedKaryogram) -> list[Slot]:
    """Class, (left, right, top, bottom) and chromosome numbers of each slot; class 0 is the row below, empty or not."""
    layout = placed.layout
    rows = sorted({span.y for span in layout.classes})
    tops = {y: (rows[i - 1] + 50 if i else 0.0) for i, y in enumerate(rows)}
    slots: list[Slot] = []
    for category, span in enumerate(layout.classes, start=1):
        members = [item.number for item in placed.items if item.chromosome.category == category]
        slots.append((category, (span.left, span.right, tops[span.y], span.y), members))
    loose = [item.number for item in placed.items if item.chromosome.category == 0]
    slots.append((0, (LEFT, RIGHT, rows[-1] + 50, max(layout.bottom, rows[-1] + 150)), loose))
    return slots


def _size(view: ChromosomeView) -> ItemSize:
    height, width = view.upright.shape
    return ItemSize(height, width, view.chromosome.category, view.centromere_row)


def _karyogram_item(item: ReviewedChromosome, view: ChromosomeView) -> KaryogramItem:
    doubtful, restored = bool(doubts_of(item)), view.own_density is not None
    return KaryogramItem(view.upright, item.chromosome.category, view.centromere_row, doubtful, item.number, restored)
