"""Laws of the karyogram's geometry: nothing overlaps, nothing is lost, centromeres in line."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.karyotype.layout import ROWS, ItemSize, Layout, lay_out

sizes = st.builds(
    ItemSize,
    height=st.integers(5, 120),
    width=st.integers(4, 60),
    category=st.integers(0, 24),
    centromere_row=st.none() | st.floats(-5, 150),
)


def normal_cell() -> list[ItemSize]:
    """46,XY with sizes that fall with the class, centromeres a third down."""
    numbers = [*range(1, 23), *range(1, 23), 23, 24]
    return [ItemSize(110 - 4 * number, 20, number, (110 - 4 * number) / 3) for number in numbers]


def overlapping(layout: Layout) -> list[tuple[int, int]]:
    """Pairs of items whose boxes share area."""
    pairs = []
    for a, b in combinations(layout.places, 2):
        apart = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6 or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6
        if not apart:
            pairs.append((a.index, b.index))
    return pairs


@given(st.lists(sizes, max_size=70))
def test_every_item_has_its_place_inside_the_page_and_overlaps_none(items: list[ItemSize]) -> None:
    layout = lay_out(items)
    assert [place.index for place in layout.places] == list(range(len(items)))
    assert overlapping(layout) == []
    for place, item in zip(layout.places, items, strict=True):
        assert place.width == pytest.approx(item.width * layout.scale)
        assert place.height == pytest.approx(item.height * layout.scale)
        assert place.x >= 60 - 1e-6
        assert place.x + place.width <= 1540 + 1e-6
        assert place.y >= 130 - 1e-6
        assert place.y + place.height <= place.floor + 1e-6 <= layout.bottom


def test_rows_groups_and_labels_are_those_of_a_karyogram() -> None:
    layout = lay_out(normal_cell())
    rows: dict[float, list[str]] = {}
    for span in sorted(layout.classes, key=lambda span: (span.y, span.left)):
        rows.setdefault(span.y, []).append(span.label)
    assert list(rows.values()) == [
        ["1", "2", "3", "4", "5"],
        ["6", "7", "8", "9", "10", "11", "12"],
        ["13", "14", "15", "16", "17", "18"],
        ["19", "20", "21", "22", "X", "Y"],
    ]
    assert "".join(span.label for span in layout.groups) == "ABCDEFG"
    assert layout.unplaced is None


def test_centromeres_of_a_row_lie_on_one_line_and_homologues_side_by_side() -> None:
    items = normal_cell()
    layout = lay_out(items)
    for row in ROWS:
        numbers = {number for _, group in row for number in group}
        lines = [p.y + (items[p.index].centromere_row or 0) * layout.scale for p in layout.places if items[p.index].category in numbers]
        assert np.ptp(lines) < 1e-6
    one, two = layout.places[0], layout.places[22]
    assert two.x - one.x - one.width == pytest.approx(10)
    span = layout.classes[0]
    assert span.left <= one.x < two.x + two.width <= span.right + 1e-6


def test_gaps_between_the_classes_of_a_row_are_even() -> None:
    spans = [span for span in lay_out(normal_cell()).classes if span.label in {"6", "7", "8", "9", "10", "11", "12"}]
    gaps = [right.left - left.right for left, right in pairwise(spans)]
    assert np.ptp(gaps) < 1e-6
    assert gaps[0] >= 30


def test_unclassified_and_surplus_objects_go_to_the_last_row() -> None:
    items = [*normal_cell(), ItemSize(30, 20), *[ItemSize(20, 15, 21, 5.0)] * 8]
    layout = lay_out(items, max_copies=4)
    assert layout.unplaced is not None
    below = {place.index for place in layout.places if place.y > layout.classes[-1].y}
    assert below == {46, *range(49, 55)}


def test_an_empty_cell_gives_the_empty_form() -> None:
    layout = lay_out([])
    assert layout.places == ()
    assert len(layout.classes) == 24


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`items\[0\]` must be at least 1x1"):
        lay_out([ItemSize(0, 5, 1)])
    with pytest.raises(ValueError, match=r"`items\[0\].category` must lie in 0..24"):
        lay_out([ItemSize(5, 5, 25)])
    with pytest.raises(ValueError, match="`right` must lie at least 600"):
        lay_out([], right=100)
    with pytest.raises(ValueError, match="`max_copies` must be at least 2"):
        lay_out([], max_copies=1)
    with pytest.raises(ValueError, match="`right` must leave room"):
        lay_out([ItemSize(50, 10, 1)] * 200, max_copies=200)
