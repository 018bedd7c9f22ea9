"""A drawn cell of six bars and a cross, as a case folder, and an assistant with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Chromosome, Region, Separation
from karyokit.exchange.coco import CellRecord, ObjectSetAside, write_coco
from karyokit.pictures import write_png
from karyokit.review.assistant import Credits
from karyokit.review.commands import Found, Named
from karyokit.review.picture_files import CellPicture
from karyokit.review.shapes import Point, polygon_region
from karyokit.review.state import CellState

SHAPE = (160, 260)
SHA = "ab" * 32


def box(top: int, left: int, bottom: int, right: int) -> Region:
    """A filled rectangle, ends not included."""
    return Region(top, left, np.ones((bottom - top, right - left), bool))


REGIONS = (*(box(20, 15 + 30 * i, 50 + 6 * i, 25 + 30 * i) for i in range(6)), box(115, 30, 125, 90), box(90, 55, 150, 65))
"""Six upright bars, numbers 1 to 6, and a lying and a standing bar that cross, 7 and 8."""


def drawn_record(name: str = "cell.png") -> CellRecord:
    """The cell as an analysis would leave it; chromosome 6 is doubtful by its class, 3 by its score."""
    chromosomes = tuple(
        Chromosome(
            number, region, category=number, probabilities=_sure(number, 0.3 if number == 6 else 0.9), score=0.3 if number == 3 else 0.95
        )
        for number, region in enumerate(REGIONS, start=1)
    )
    crossing = tuple(one.with_changes(separation=Separation("graph", 2, 0.8)) for one in chromosomes[6:])
    aside = (ObjectSetAside(box(100, 200, 120, 220), "clump"),)
    return CellRecord(name, SHAPE, "fluorescence", (*chromosomes[:6], *crossing), {"separation": SHA}, aside, ("a note",))


def _sure(category: int, probability: float) -> tuple[float, ...]:
    rest = (1 - probability) / 23
    return tuple(probability if k == category else rest for k in range(1, 25))


def drawn_picture() -> np.ndarray:
    """(160, 260) uint8: the bars bright on dark."""
    picture = np.full(SHAPE, 12, np.uint8)
    picture[::7, ::5] += 3
    for number, region in enumerate(REGIONS):
        picture[region.window] = 150 + 5 * number
    picture[100:120, 200:220] = 140
    return picture


def make_case(folder: Path, *, names: Sequence[str] = ("cell.png",), pictures: bool = True) -> Path:
    """A case folder FOLDER/case, with its pictures in FOLDER/pictures."""
    case = folder / "case"
    case.mkdir(parents=True)
    write_coco(case / "annotations.json", [drawn_record(name) for name in names])
    if pictures:
        (folder / "pictures").mkdir()
        for i, name in enumerate(names):
            write_png(folder / "pictures" / name, np.maximum(drawn_picture(), i))
    return case


class KnowingAssistant:
    """Says class 9, p arm up, of every chromosome, and finds one rectangle that fills an area."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def name(self, picture: CellPicture, state: CellState, numbers: Sequence[int]) -> tuple[dict[int, Named], Credits]:
        assert picture.image.shape == state.shape
        self.asked.append(tuple(numbers))
        return {number: Named(9, _sure(9, 0.7), "up", 0.9) for number in numbers}, (("namer", SHA),) if numbers else ()

    def separate(self, picture: CellPicture, state: CellState, area: Sequence[Point]) -> tuple[tuple[Found, ...], Credits]:
        assert picture.image.shape == state.shape
        return (Found(polygon_region(area, state.shape).to_rle(state.shape), 0.8, 0.6, "touching"),), (("finder", SHA),)
