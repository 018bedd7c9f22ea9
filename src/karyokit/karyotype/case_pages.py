"""The pages of a case report: composite karyotype, counts, clones, the best karyograms, all cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from karyokit.karyotype.cases import Case, CaseCell
from karyokit.karyotype.page import LEFT, RESEARCH_ONLY, RIGHT, WIDTH, Anchor, Line, Page, Picture, Shape, Text

HEIGHT = WIDTH / 2**0.5
_ROW, _CELLS_A_PAGE, _MOST_CLONES = 26.0, 32, 12
_Column = tuple[str, float, float, Anchor]
_CLONES: tuple[_Column, ...] = (
    ("clone", LEFT, 500, "left"),
    ("cells", 640, 70, "right"),
    ("changes", 680, 260, "left"),
    ("seen in", 960, RIGHT - 960, "left"),
)
_CELLS: tuple[_Column, ...] = (
    ("cell", LEFT, 330, "left"),
    ("objects", 490, 90, "right"),
    ("number", 590, 90, "right"),
    ("karyotype", 620, 270, "left"),
    ("probability", 1000, 110, "right"),
    ("next", 1030, 240, "left"),
    ("remark", 1280, RIGHT - 1280, "left"),
)


def case_pages(name: str, case: Case, left_out: Mapping[str, str], karyograms: Mapping[str, np.ndarray]) -> list[Page]:
    """Summary, a page per karyogram, and the table of cells.

    ``left_out`` gives the reason by cell that could not be used; ``karyograms`` grey pictures (h, w) uint8 by cell.
    """
    rows = [*map(_cell_words, case.cells), *((cell, "", "", "", "", "", f"left out: {why}") for cell, why in left_out.items())]
    chunks = [rows[start : start + _CELLS_A_PAGE] for start in range(0, len(rows), _CELLS_A_PAGE)]
    shown = [_karyogram_page(name, cell, case, karyograms[cell.name]) for cell in _in_clone_order(case) if cell.name in karyograms]
    return [_summary(name, case, left_out), *shown, *(_cells_page(name, chunk) for chunk in chunks)]


def _summary(name: str, case: Case, left_out: Mapping[str, str]) -> Page:
    """The first page."""
    iscn = case.table.iscn or "No cell is sure enough for a proposal"
    counted = f"{len(case.sure)} counted, {len(case.doubtful)} of low confidence listed apart, {len(left_out)} left out"
    modal = f"modal number {case.modal_number}   |   modal karyotype {case.modal_iscn}" if case.sure else "no modal number"
    apart = Counter(",".join((cell.iscn, *cell.structural)) for cell in case.doubtful)
    waiting = [f"of low confidence, not counted: {', '.join(f'{iscn} ({n})' for iscn, n in apart.most_common(8))}"] if apart else []
    facts = [f"{len(case.cells) + len(left_out)} cells: {counted}", modal, *waiting]
    shapes: list[Shape] = _heading(name, "Composite karyotype (proposed, numerical)")
    shapes.append(Text(LEFT, 196, iscn, 44, RIGHT - LEFT, bold=True))
    shapes += [Text(LEFT, 244 + 30 * i, words, 20, RIGHT - LEFT, grey=0.25) for i, words in enumerate(facts)]
    shapes += _histogram(case, top=360, bottom=610)
    shapes += _table(_CLONES, [_clone_words(case, index) for index in range(len(case.table.clones))][:_MOST_CLONES], top=690)
    below = 690 + _ROW * (min(len(case.table.clones), _MOST_CLONES) + 2)
    rule = "A gain or structural change is clonal in two cells, a loss in three. Single changes: " + _single_changes(case)
    shapes.append(Text(LEFT, below, rule, 16, RIGHT - LEFT, grey=0.35))
    return _page(shapes)


def _heading(name: str, title: str) -> list[Shape]:
    half = (RIGHT - LEFT) / 2 - 20
    return [
        Text(LEFT, 72, title, 26, half + 200, bold=True),
        Text(RIGHT, 72, name, 20, half - 200, "right", grey=0.35),
        Line((LEFT, 92), (RIGHT, 92), 1.0, 0.6),
    ]


def _page(shapes: Sequence[Shape]) -> Page:
    footer: list[Shape] = [
        Line((LEFT, HEIGHT - 74), (RIGHT, HEIGHT - 74), 1.0, 0.6),
        Text(LEFT, HEIGHT - 46, RESEARCH_ONLY, 17, 380, bold=True),
        Text(RIGHT, HEIGHT - 46, "Numbers of whole chromosomes; structural changes are for the eye", 15, 900, "right", grey=0.35),
    ]
    return Page(WIDTH, HEIGHT, "white", (*shapes, *footer))


def _histogram(case: Case, *, top: float, bottom: float) -> list[Shape]:
    """Cells by number of chromosomes: counted ones dark, those of low confidence light on top."""
    counted, doubtful = Counter(cell.number for cell in case.sure), Counter(cell.number for cell in case.doubtful)
    numbers = range(min(counted | doubtful), max(counted | doubtful) + 1)
    wide = min((RIGHT - LEFT) / len(numbers), 110.0)
    unit = (bottom - top - 60) / max((counted + doubtful).values())
    shapes: list[Shape] = [Text(LEFT, top, "Cells by number of chromosomes (light: low confidence)", 18, 700, bold=True)]
    for place, number in enumerate(numbers):
        x = LEFT + wide * (place + 0.5)
        dark, light = bottom - unit * counted[number], bottom - unit * (counted + doubtful)[number]
        shapes += _bar(x, wide * 0.6, bottom, dark, 0.35) + _bar(x, wide * 0.6, dark, light, 0.8)
        if counted[number] + doubtful[number]:
            shapes.append(Text(x, light - 8, str(counted[number] + doubtful[number]), 16, wide, "middle", grey=0.35))
        shapes.append(Text(x, bottom + 26, str(number), 18, wide, "middle"))
    return [*shapes, Line((LEFT, bottom), (LEFT + wide * len(numbers), bottom), 1.2, 0.3)]


def _bar(x: float, wide: float, low: float, high: float, grey: float) -> list[Shape]:
    return [Picture(x - wide / 2, high, wide, low - high, np.full((2, 2), round(255 * grey), np.uint8))] if low - high > 0.5 else []


def _table(columns: Sequence[_Column], rows: Sequence[Sequence[str]], *, top: float) -> list[Shape]:
    """A header line and rows of words."""
    shapes: list[Shape] = [Text(x, top, words, 16, room, anchor, grey=0.4) for words, x, room, anchor in columns]
    shapes.append(Line((LEFT, top + 9), (RIGHT, top + 9), 1.2, 0.3))
    for place, row in enumerate(rows, start=1):
        y = top + _ROW * place + 6
        shapes += [Text(x, y, words, 17, room, anchor) for words, (_, x, room, anchor) in zip(row, columns, strict=True) if words]
    return shapes


def _clone_words(case: Case, index: int) -> tuple[str, ...]:
    clone = case.table.clones[index]
    names = ", ".join(name.rpartition(".")[0] or name for name in clone.cells)
    return clone.iscn, str(len(clone.cells)), " ".join(clone.changes) or "none", names


def _cell_words(cell: CaseCell) -> tuple[str, ...]:
    by = "by a person" if cell.by_hand else ""
    following = f"{cell.next_iscn} ({cell.next_probability:.2f})" if cell.next_probability >= 0.005 else ""
    karyotype = ",".join((cell.iscn, *cell.structural))
    remark = by if cell.sure else "low confidence, not counted"
    return cell.name, str(cell.objects), str(cell.number), karyotype, f"{cell.probability:.2f}", following, remark


def _single_changes(case: Case) -> str:
    found = [f"{' '.join(changes)} ({name})" for name, changes in case.table.single_changes.items()]
    return "; ".join(found) or "none."


def _in_clone_order(case: Case) -> list[CaseCell]:
    place = {name: index for index, clone in enumerate(case.table.clones) for name in clone.cells}
    return sorted(case.cells, key=lambda cell: (place.get(cell.name, len(place)), -cell.probability))


def _karyogram_page(name: str, cell: CaseCell, case: Case, picture: np.ndarray) -> Page:
    """The karyogram of a cell that stands for its clone."""
    clone = next((one for one in case.table.clones if cell.name in one.cells), None)
    stands = f"{clone.iscn}[{len(clone.cells)}], surest cell" if clone else "Surest cell, of low confidence"
    scale = min((RIGHT - LEFT) / picture.shape[1], (HEIGHT - 200) / picture.shape[0])
    width, height = picture.shape[1] * scale, picture.shape[0] * scale
    return _page([*_heading(name, f"{stands}: {cell.name}"), Picture((WIDTH - width) / 2, 106, width, height, picture)])


def _cells_page(name: str, rows: Sequence[Sequence[str]]) -> Page:
    return _page([*_heading(name, "Cells"), *_table(_CELLS, rows, top=130)])
