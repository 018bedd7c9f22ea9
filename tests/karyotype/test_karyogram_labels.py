"""Numbers, marks and frames of a karyogram never meet, however many chromosomes a class has."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from karyokit.human import RELATIVE_LENGTHS
from karyokit.karyotype.karyogram import fitted
from karyokit.karyotype.page import KaryogramItem, Line, Page, Text, compose_page

DIPLOID = dict.fromkeys(range(1, 23), 2) | {23: 1, 24: 1}
CELLS = {
    "46": (DIPLOID, 0),
    "92": (dict.fromkeys(range(1, 23), 4) | {23: 2, 24: 2}, 0),
    "138": (dict.fromkeys(range(1, 23), 6) | {23: 3, 24: 3}, 0),
    "nine of one class": (DIPLOID | {21: 9, 7: 5}, 3),
    "many without a class": (DIPLOID, 60),
}
FONT = ImageFont.load_default(100)


def items(counts: dict[int, int], loose: int, *, first: int, width: int, doubtful: float) -> list[KaryogramItem]:
    """Chromosomes as long as their classes, the first of them doubtful to a share."""
    categories = [category for category, count in counts.items() for _ in range(count)] + [0] * loose
    return [
        KaryogramItem(
            np.zeros((round(11 * RELATIVE_LENGTHS[(category or 12) - 1]), width), np.uint8),
            category,
            low_confidence=at < doubtful * len(categories),
            number=first + at,
        )
        for at, category in enumerate(categories)
    ]


def numbers(page: Page) -> list[Text]:
    """The labels below chromosomes."""
    return [shape for shape in page.shapes if isinstance(shape, Text) and shape.words.rstrip("?")[:1].isdigit() and shape.size < 12]


def extent(label: Text) -> tuple[float, float]:
    """Left and right end of a label as it is drawn; it is drawn whole."""
    words, size = fitted(label.words, label.size, label.room, width_of=lambda words, size: FONT.getlength(words) * size / 100)
    assert words == label.words
    half = FONT.getlength(words) * size / 200
    return label.x - half, label.x + half


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=12, deadline=None)
@given(first=st.sampled_from([1, 100]), width=st.integers(5, 30), doubtful=st.sampled_from([0.0, 0.5, 1.0]))
def test_labels_meet_neither_one_another_nor_frames(name: str, first: int, width: int, doubtful: float) -> None:
    given_items = items(*CELLS[name], first=first, width=width, doubtful=doubtful)
    page = compose_page(given_items, title="Karyogram")
    labels = numbers(page)
    assert len(labels) == len(given_items)
    assert len({label.size for label in labels}) == 1, "all numbers have one size"
    frames = [shape.start[1] for shape in page.shapes if isinstance(shape, Line) and shape.dashed and shape.start[1] == shape.end[1]]
    for height in {label.y for label in labels}:
        row = sorted(extent(label) for label in labels if label.y == height)
        assert all(before[1] < after[0] for before, after in pairwise(row))
        assert all(not height - 0.75 * labels[0].size < frame < height for frame in frames)
