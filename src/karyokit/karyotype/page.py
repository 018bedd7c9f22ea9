"""A karyogram page as a list of shapes, the same for every output format.

Page units, origin at the top left. Greys run from 0 (ink) to 1 (paper), whatever the colour of the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.karyotype.iscn import numerical_iscn, sex_complement
from karyokit.karyotype.layout import COPY_GAP, ItemSize, Layout, Place, Span, lay_out
from karyokit.staining import dark_on_light

Anchor = Literal["left", "middle", "right"]
Paper = Literal["white", "black"]
WIDTH = 1600.0
LEFT, RIGHT, TOP = 60.0, 1540.0, 132.0
NUMBER_SIZE, SMALLEST_NUMBER = 11.5, 7.0
LETTER_WIDTH = 0.7
"""Width of a bold digit as a share of the size of its letters."""
RESEARCH_ONLY = "For research use only"


@dataclass(frozen=True, eq=False)
class KaryogramItem:
    """One chromosome as it goes into the karyogram.

    ``picture`` (h, w) uint8, upright, p arm up, its surroundings filled with the stain's background; ``category`` 1..24
    or 0; ``centromere_row`` in rows of the picture, if known; ``number`` is the chromosome's number in the cell; ``restored`` says
    that pixels under a crossing chromosome were restored, ``straightened`` that it was bent and is shown along its axis.
    """

    picture: np.ndarray
    category: int
    centromere_row: float | None = None
    low_confidence: bool = False
    number: int = 0
    restored: bool = False
    straightened: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """A grey (h, w) or coloured (h, w, 3) uint8 picture in a box of the page; colour lies on top of everything else."""

    x: float
    y: float
    width: float
    height: float
    pixels: np.ndarray


@dataclass(frozen=True)
class Line:
    """A straight line; a dashed one has equal dashes and gaps."""

    start: tuple[float, float]
    end: tuple[float, float]
    thickness: float
    grey: float
    dashed: bool = False


@dataclass(frozen=True)
class Text:
    """One line of text with its baseline at ``y``; ``room`` is the width it must keep within."""

    x: float
    y: float
    words: str
    size: float
    room: float
    anchor: Anchor = "left"
    bold: bool = False
    grey: float = 0.0


Shape = Picture | Line | Text


@dataclass(frozen=True, eq=False)
class Page:
    """Shapes on a page of a size in units, on white or black paper."""

    width: float
    height: float
    paper: Paper
    shapes: tuple[Shape, ...]


def compose_page(
    items: Sequence[KaryogramItem],
    *,
    title: str,
    file_name: str = "",
    stain: str = "brightfield",
    paper: Paper = "white",
    proposal: str = "",
) -> Page:
    """Put header, chromosomes, lines, labels and footer on a page.

    Pictures whose background does not suit the paper (bright chromosomes on white, dark ones on black) are shown with
    inverted grey values, and the footer says so. No items give the empty form. Raises ``ValueError`` for an unknown
    stain or paper and for what ``lay_out`` refuses, ``TypeError`` for pictures that are not (h, w) uint8.
    """
    _require_known(items, paper)
    inverted = dark_on_light(stain) != (paper == "white")
    sizes = [ItemSize(item.picture.shape[0], item.picture.shape[1], item.category, item.centromere_row) for item in items]
    layout = lay_out(sizes, left=LEFT, right=RIGHT, top=TOP)
    shapes: list[Shape] = _header(items, title, file_name, proposal)
    size = _number_size(items, layout)
    for place in layout.places:
        shapes += _chromosome(items[place.index], place, inverted, in_class=not _below(layout, place), size=size)
    shapes += _labels(layout)
    height = layout.bottom + 84
    shapes += _footer(items, height, inverted)
    return Page(WIDTH, height, paper, tuple(shapes))


def _require_known(items: Sequence[KaryogramItem], paper: str) -> None:
    """Raise for unknown words and for pictures of another kind."""
    if paper not in ("white", "black"):
        raise ValueError(problem("paper", "be 'white' or 'black'", repr(paper), "White suits printing."))
    for item in items:
        if item.picture.ndim != 2 or item.picture.dtype != np.uint8:
            got = f"shape {item.picture.shape}, dtype {item.picture.dtype}"
            raise TypeError(problem("picture", "be (h, w) uint8", got, "Scale 16-bit pictures to 0..255 first."))


def _header(items: Sequence[KaryogramItem], title: str, file_name: str, given: str) -> list[Shape]:
    """Title and file name on the left, count, sex chromosomes and the proposed ISCN string on the right."""
    categories = [item.category for item in items]
    unclassified = sum(category == 0 for category in categories)
    proposal = given or numerical_iscn(categories)
    count = f"{len(items)} object{'s' if len(items) != 1 else ''}" + (f", {unclassified} without a class" if unclassified else "")
    facts = f"{count}   |   sex chromosomes {sex_complement(categories)}"
    iscn = f"Proposed ISCN: {proposal}" if proposal else "No ISCN string proposed"
    half = (RIGHT - LEFT) / 2 - 20
    return [
        Text(LEFT, 54, title, 28, half, bold=True),
        Text(LEFT, 84, file_name, 17, half, grey=0.35),
        Text(RIGHT, 54, iscn, 24, half, "right", bold=True),
        Text(RIGHT, 84, facts, 17, half, "right", grey=0.35),
        Line((LEFT, 102), (RIGHT, 102), 1.0, 0.6),
    ]


def _below(layout: Layout, place: Place) -> bool:
    """Whether a place lies in the rows of unclassified and surplus objects."""
    return layout.unplaced is not None and place.y > max(span.y for span in layout.groups)


def _label(item: KaryogramItem, *, in_class: bool) -> str:
    """The number, the class of a surplus copy, and ``?`` for low confidence."""
    words = str(item.number) if in_class or not item.category else f"{item.number} ({CLASS_NAMES[item.category - 1]})"
    return words + ("?" if item.low_confidence else "")


def _room(place: Place) -> float:
    """Width that a label may take without meeting the next one's."""
    return place.room + COPY_GAP - 3


def _number_size(items: Sequence[KaryogramItem], layout: Layout) -> float:
    """One size of letters at which all numbers fit."""
    size = NUMBER_SIZE
    for place in layout.places:
        letters = len(_label(items[place.index], in_class=not _below(layout, place)))
        size = min(size, _room(place) / (LETTER_WIDTH * letters))
    return max(size, SMALLEST_NUMBER)


def _chromosome(item: KaryogramItem, place: Place, inverted: bool, *, in_class: bool, size: float) -> list[Shape]:
    """Picture, number and, for low confidence, a dashed frame and a question mark."""
    pixels = 255 - item.picture if inverted else item.picture
    shapes: list[Shape] = [Picture(place.x, place.y, place.width, place.height, pixels)]
    words, room = _label(item, in_class=in_class), _room(place)
    grey = 0.0 if item.low_confidence else 0.5
    shapes.append(Text(place.x + place.width / 2, place.floor + 17, words, size, room, "middle", item.low_confidence, grey))
    if item.low_confidence:
        left, right, top, bottom = place.x - 3, place.x + place.width + 3, place.y - 3, place.y + place.height + 3
        corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        shapes += [Line(corners[k], corners[k + 1], 1.4, 0.1, dashed=True) for k in range(4)]
    return shapes


def _labels(layout: Layout) -> list[Shape]:
    """Lines and names of classes and groups."""
    shapes: list[Shape] = []
    for span in layout.classes:
        shapes.append(Line((span.left, span.y), (span.right, span.y), 1.6, 0.0))
        shapes.append(Text((span.left + span.right) / 2, span.y + 19, span.label, 18, span.right - span.left, "middle"))
    for span in layout.groups:
        shapes += _group(span)
    if layout.unplaced is not None:
        span = layout.unplaced
        shapes.append(Line((span.left, span.y), (span.right, span.y), 1.6, 0.0))
        shapes.append(
            Text((span.left + span.right) / 2, span.y + 19, "?  (no class, or surplus copies)", 18, span.right - span.left, "middle")
        )
    return shapes


def _group(span: Span) -> list[Shape]:
    """A thin line along a group, its letter in the middle of it."""
    middle = (span.left + span.right) / 2
    y = span.y + 8
    return [
        Line((span.left, y), (middle - 16, y), 0.8, 0.6),
        Line((middle + 16, y), (span.right, y), 0.8, 0.6),
        Text(middle, y + 5.5, span.label, 16, 30, "middle", bold=True, grey=0.35),
    ]


def _footer(items: Sequence[KaryogramItem], height: float, inverted: bool) -> list[Shape]:
    """The words that belong under every karyogram, and what its marks mean."""
    doubtful, restored = sum(item.low_confidence for item in items), sum(item.restored for item in items)
    bent = sum(item.straightened for item in items)
    notes = ["Grey values as in the picture" + (", inverted" if inverted else "")]
    notes += [f"overlaps restored ({restored})"] if restored else []
    notes += [f"straightened ({bent})"] if bent else []
    notes.append("one scale")
    if doubtful:
        notes.append(f"dashed frame and '?': low confidence, check by eye ({doubtful})")
    return [
        Line((LEFT, height - 54), (RIGHT, height - 54), 1.0, 0.6),
        Text(LEFT, height - 30, RESEARCH_ONLY, 17, 380, bold=True),
        Text(RIGHT, height - 30, ";  ".join(notes), 15, RIGHT - LEFT - 400, "right", grey=0.35),
    ]
