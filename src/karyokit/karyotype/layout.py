"""Where everything lies in a karyogram: pure geometry, no drawing.

Page units, origin at the top left, x to the right and y downwards. All chromosomes share one scale. Rows as in a
laboratory karyogram: A 1-3, B 4-5 / C 6-12 / D 13-15, E 16-18 / F 19-20, G 21-22, X, Y; the centromeres of a row lie on
one line; homologues stand side by side. Objects without a class, and copies beyond ``max_copies``, fill last rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.human import CENTROMERIC_INDICES

Group = tuple[str, tuple[int, ...]]
ROWS: tuple[tuple[Group, ...], ...] = (
    (("A", (1, 2, 3)), ("B", (4, 5))),
    (("C", (6, 7, 8, 9, 10, 11, 12)),),
    (("D", (13, 14, 15)), ("E", (16, 17, 18))),
    (("F", (19, 20)), ("G", (21, 22)), ("", (23,)), ("", (24,))),
)
"""Groups of classes per row; X and Y carry no group letter, since they stand apart from C and G."""

COPY_GAP = 10.0
SLOT_GAP = 30.0
GROUP_GAPS = 2.0
NUMBER_SPACE = 24.0
LABEL_SPACE = 26.0
GROUP_SPACE = 24.0
ROW_GAP = 26.0
NARROWEST, NARROWEST_SURPLUS = 26.0, 62.0
"""Width that a chromosome takes where there is room, so that its number fits below; more for surplus copies, which name their class."""


@dataclass(frozen=True)
class ItemSize:
    """Size in pixels of one upright chromosome picture, its class (0 = none) and the row of its centromere, if known."""

    height: int
    width: int
    category: int = 0
    centromere_row: float | None = None


@dataclass(frozen=True)
class Place:
    """Where item ``index`` goes: top left corner and size in page units; ``floor`` is the bottom of its row's pictures.

    ``room`` is the width kept for it, around its middle, so that what is written below it meets nothing.
    """

    index: int
    x: float
    y: float
    width: float
    height: float
    floor: float
    room: float


@dataclass(frozen=True)
class Span:
    """A labelled stretch from ``left`` to ``right`` at height ``y``: a class's line or a group's line."""

    label: str
    left: float
    right: float
    y: float


@dataclass(frozen=True)
class Layout:
    """A karyogram's geometry: the area's ``bottom``, the common ``scale`` (units per pixel) and all positions.

    ``unplaced`` is the line of the rows of unclassified and surplus objects, None where there are none.
    """

    bottom: float
    scale: float
    places: tuple[Place, ...]
    classes: tuple[Span, ...]
    groups: tuple[Span, ...]
    unplaced: Span | None


def lay_out(
    items: Sequence[ItemSize],
    *,
    left: float = 60.0,
    right: float = 1540.0,
    top: float = 130.0,
    tallest: float = 230.0,
    max_copies: int = 8,
) -> Layout:
    """Positions of all items between ``left`` and ``right`` from ``top`` downwards.

    The scale makes the tallest classified chromosome ``tallest`` units high, or less where a row would not fit. An
    empty list gives the empty form. Raises ``ValueError`` for sizes below 1, classes outside 0..24, or no room.
    """
    _require_sane(items, left, right, max_copies)
    members = _members(items, max_copies)
    placed = {index for indices in members.values() for index in indices}
    rest = [index for index in range(len(items)) if index not in placed]
    typical = _typical_width(items)
    scale = _common_scale(items, members, typical=typical, usable=right - left, tallest=tallest)
    places: list[Place] = []
    classes: list[Span] = []
    groups: list[Span] = []
    y = top
    for row in ROWS:
        boxes = _boxes(row, items, members, typical=typical, scale=scale, usable=right - left)
        spans = _slot_spans(row, members, boxes, pair=2 * typical * scale, limits=(left, right))
        floor = y + _place_row(spans, boxes, items, members, scale=scale, top=y, places=places)
        line = floor + NUMBER_SPACE
        classes += [Span(CLASS_NAMES[category - 1], *spans[category], line) for _, numbers in row for category in numbers]
        groups += [Span(letter, spans[n[0]][0], spans[n[-1]][1], line + LABEL_SPACE) for letter, n in row if letter]
        y = line + LABEL_SPACE + GROUP_SPACE + ROW_GAP
    unplaced, y = _place_rest(rest, items, scale=scale, limits=(left, right), top=y, places=places)
    return Layout(y, scale, tuple(sorted(places, key=lambda place: place.index)), tuple(classes), tuple(groups), unplaced)


def _require_sane(items: Sequence[ItemSize], left: float, right: float, max_copies: int) -> None:
    """Raise for what cannot be laid out."""
    if right - left < 600:
        raise ValueError(problem("right", "lie at least 600 units right of `left`", (left, right), "Use a wider page."))
    if max_copies < 2:
        raise ValueError(problem("max_copies", "be at least 2", max_copies, "Homologues stand side by side."))
    for number, item in enumerate(items):
        if item.height < 1 or item.width < 1:
            raise ValueError(problem(f"items[{number}]", "be at least 1x1 pixel", (item.height, item.width), "Leave it out."))
        if not 0 <= item.category <= len(CLASS_NAMES):
            raise ValueError(problem(f"items[{number}].category", "lie in 0..24", item.category, "Use 0 for not classified."))


def _members(items: Sequence[ItemSize], max_copies: int) -> dict[int, list[int]]:
    """Item numbers of each class 1..24, in the order given, up to ``max_copies``."""
    members: dict[int, list[int]] = {category: [] for category in range(1, len(CLASS_NAMES) + 1)}
    for index, item in enumerate(items):
        if item.category and len(members[item.category]) < max_copies:
            members[item.category].append(index)
    return members


def _typical_width(items: Sequence[ItemSize]) -> float:
    """Median width of the pictures in pixels, 20 for none."""
    widths = sorted(item.width for item in items)
    return float(widths[len(widths) // 2]) if widths else 20.0


def _slot_pixels(indices: Sequence[int], items: Sequence[ItemSize], typical: float) -> float:
    """Width in pixels that a class needs, room for two kept where it has fewer."""
    return max(sum(items[index].width for index in indices), 2 * typical)


def _gap_count(row: tuple[Group, ...]) -> float:
    """Number of slot gaps in a row, a gap between groups counting more, half a gap at either end."""
    inside = sum(len(numbers) - 1 for _, numbers in row)
    return inside + GROUP_GAPS * (len(row) - 1) + 1


def _common_scale(items: Sequence[ItemSize], members: dict[int, list[int]], *, typical: float, usable: float, tallest: float) -> float:
    """Units per pixel at which the tallest classified chromosome and every row fit."""
    heights = [items[index].height for indices in members.values() for index in indices] or [item.height for item in items]
    scales = [tallest / max(heights, default=100), *(usable / item.width for item in items)]
    for row in ROWS:
        slots = [members[category] for _, numbers in row for category in numbers]
        fixed = SLOT_GAP * _gap_count(row) + COPY_GAP * sum(max(len(slot) - 1, 1) for slot in slots)
        scales.append((usable - fixed) / sum(_slot_pixels(slot, items, typical) for slot in slots))
    if min(scales) <= 0:
        raise ValueError(problem("right", "leave room for the chromosomes of each row", usable, "Use a wider page or fewer copies."))
    return min(scales)


def _boxes(
    row: tuple[Group, ...], items: Sequence[ItemSize], members: dict[int, list[int]], *, typical: float, scale: float, usable: float
) -> dict[int, float]:
    """Width in units that each chromosome of a row takes: its picture's, at least ``NARROWEST`` where the row has room for that."""
    slots = [members[category] for _, numbers in row for category in numbers]
    plain = {index: items[index].width * scale for slot in slots for index in slot}
    wide = {index: max(width, NARROWEST) for index, width in plain.items()}
    taken = sum(max(_slot_width(slot, wide), 2 * typical * scale + COPY_GAP) for slot in slots)
    return wide if taken + SLOT_GAP * _gap_count(row) <= usable else plain


def _slot_width(slot: Sequence[int], boxes: dict[int, float]) -> float:
    return sum(boxes[index] for index in slot) + COPY_GAP * max(len(slot) - 1, 0)


def _slot_spans(
    row: tuple[Group, ...], members: dict[int, list[int]], boxes: dict[int, float], *, pair: float, limits: tuple[float, float]
) -> dict[int, tuple[float, float]]:
    """Left and right end of each class of a row, evenly spaced between the limits; room for two (``pair``) is kept."""
    widths = {category: max(_slot_width(members[category], boxes), pair + COPY_GAP) for _, numbers in row for category in numbers}
    gap = (limits[1] - limits[0] - sum(widths.values())) / _gap_count(row)
    x = limits[0] + gap / 2
    spans = {}
    for _, numbers in row:
        for category in numbers:
            spans[category] = (x, x + widths[category])
            x += widths[category] + gap
        x += (GROUP_GAPS - 1) * gap
    return spans


def _centromere(item: ItemSize) -> float:
    """Row of the centromere, where unknown the place at which the class has it."""
    if item.centromere_row is not None:
        return min(max(item.centromere_row, 0.0), float(item.height))
    return CENTROMERIC_INDICES[item.category - 1] / 100 * item.height


def _place_row(
    spans: dict[int, tuple[float, float]],
    boxes: dict[int, float],
    items: Sequence[ItemSize],
    members: dict[int, list[int]],
    *,
    scale: float,
    top: float,
    places: list[Place],
) -> float:
    """Add the places of one row, centromeres on one line; return the height of its pictures."""
    above = max((_centromere(items[index]) for index in boxes), default=30.0) * scale
    below = max((items[index].height - _centromere(items[index]) for index in boxes), default=30.0) * scale
    for category, (left, right) in spans.items():
        x = (left + right - _slot_width(members[category], boxes)) / 2
        for index in members[category]:
            width, height = items[index].width * scale, items[index].height * scale
            y, room = top + above - _centromere(items[index]) * scale, boxes[index]
            places.append(Place(index, x + (room - width) / 2, y, width, height, top + above + below, room))
            x += room + COPY_GAP
    return above + below


def _place_rest(
    rest: Sequence[int],
    items: Sequence[ItemSize],
    *,
    scale: float,
    limits: tuple[float, float],
    top: float,
    places: list[Place],
) -> tuple[Span | None, float]:
    """Add unclassified and surplus items below, wrapped at the right edge; return their line and the new bottom."""
    boxes = {index: max(items[index].width * scale, NARROWEST_SURPLUS if items[index].category else NARROWEST) for index in rest}
    lines: list[list[int]] = []
    x = limits[1]
    for index in rest:
        if x + boxes[index] > limits[1] + 1e-6 or not lines:
            lines.append([])
            x = limits[0]
        lines[-1].append(index)
        x += boxes[index] + 2 * COPY_GAP
    y = top
    for line in lines:
        floor = y + max(items[index].height for index in line) * scale
        x = limits[0]
        for index in line:
            width, height = items[index].width * scale, items[index].height * scale
            places.append(Place(index, x + (boxes[index] - width) / 2, floor - height, width, height, floor, boxes[index]))
            x += boxes[index] + 2 * COPY_GAP
        y = floor + NUMBER_SPACE + COPY_GAP
    if not lines:
        return None, top - ROW_GAP
    return Span("?", *limits, y), y + LABEL_SPACE
