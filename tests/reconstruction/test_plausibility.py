"""What is set aside: dust does not decide what a chromosome looks like, however much of it there is."""

from __future__ import annotations

import numpy as np

from karyokit.chromosomes import Contact, Region, Separation
from karyokit.reconstruction import Reconstructed
from karyokit.reconstruction.plausibility import REASONS, SetAside, count_reasons, sort_out


def objects(boxes: list[tuple[int, int, int, int]], *contacts: Contact) -> list[Reconstructed]:
    """One object per (row, column, rows, columns) box; the first has the contacts."""
    regions = [Region(row, column, np.ones((rows, columns), bool)) for row, column, rows, columns in boxes]
    return [Reconstructed(region, Separation(contacts=contacts if i == 0 else ())) for i, region in enumerate(regions)]


def painted(found: list[Reconstructed], levels: list[float]) -> np.ndarray:
    plane = np.zeros((200, 200), np.float32)
    for one, level in zip(found, levels, strict=True):
        plane[one.region.window] = level
    return plane


def test_much_faint_dust_does_not_turn_chromosomes_into_clumps() -> None:
    bars = [(10, 10 + 30 * i, 40, 10) for i in range(6)]
    dust = [(70 + 20 * i, 10 + 20 * j, 3, 3) for i in range(6) for j in range(5)]
    found = objects(bars + dust)
    density = painted(found, [1.0] * 6 + [0.35] * 30)
    chromosomes, aside = sort_out(found, density, np.ones_like(density))
    assert [one.region.bbox for one in chromosomes] == [one.region.bbox for one in found[:6]]
    assert count_reasons(aside) == "30 objects set aside: 30 specks"


def test_each_reason() -> None:
    boxes = [(10, 10 + 30 * i, 40, 10) for i in range(6)] + [
        (70, 10, 4, 4),
        (70, 40, 40, 10),
        (70, 60, 60, 24),
        (70, 100, 40, 10),
        (70, 140, 40, 10),
    ]
    found = objects(boxes)
    density = painted(found, [1.0] * 7 + [0.2, 3.0, 1.0, 1.0])
    density[60:130, 90:125] = np.maximum(density[60:130, 90:125], 0.9)
    foreground = (density > 0).astype(np.float32)
    foreground[found[10].region.window] = 0.6
    chromosomes, aside = sort_out(found, density, foreground)
    assert len(chromosomes) == 6
    assert [one.reason for one in aside] == ["speck", "faint debris", "clump", "piece of a nucleus", "doubtful object"]
    assert {one.reason for one in aside} == set(REASONS) - {"object cut by the edge", "object of another cell", "no whole chromosome"}


def test_neighbours_are_renumbered_and_those_set_aside_dropped() -> None:
    found = objects([(10, 100, 40, 10), (10, 10, 3, 3), (10, 60, 40, 10)], Contact(0, (2,), "touching"), Contact(1, (2, 3), "crossing"))
    density = painted(found, [1.0] * 3)
    chromosomes, aside = sort_out(found, density, np.ones_like(density))
    assert len(aside) == 1
    assert chromosomes[0].separation.contacts == (Contact(1, (2,), "crossing"),)


def test_nothing_found_and_words() -> None:
    empty = np.zeros((5, 5), np.float32)
    assert sort_out([], empty, empty) == ((), ())
    assert count_reasons([]) == ""
    assert (
        count_reasons([SetAside(Region(0, 0, np.ones((1, 1), bool)), "piece of a nucleus")]) == "1 object set aside: 1 piece of a nucleus"
    )


def test_rims_along_the_edge_are_set_aside_and_chromosomes_that_reach_it_are_kept() -> None:
    found = objects([(40, 10 + 30 * i, 40, 10) for i in range(5)] + [(160, 40, 40, 10), (90, 188, 60, 12)])
    density = painted(found, [1.0] * 7)
    chromosomes, aside = sort_out(found, density, np.ones_like(density))
    assert len(chromosomes) == 6
    assert [(one.reason, one.region.bbox) for one in aside] == [("object cut by the edge", (188, 90, 12, 60))]


def cell_of(rows: int, corner: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Boxes of ``rows`` times 11 chromosomes, 8 pixels apart."""
    return [(corner[0] + 28 * i, corner[1] + 13 * j, 20, 5) for i in range(rows) for j in range(11)]


def test_a_group_apart_from_a_whole_cell_is_another_cell() -> None:
    neighbour = [(10 + 25 * i, 185, 20, 5) for i in range(3)]
    found = objects(cell_of(4, (5, 5)) + neighbour)
    density = painted(found, [1.0] * 47)
    certain = np.ones_like(density)
    chromosomes, aside = sort_out(found, density, certain, width=5.0)
    assert count_reasons(aside) == "3 objects set aside: 3 objects of another cell"
    assert len(sort_out(found, density, certain)[0]) == 47
    assert len(chromosomes) == 44
    for kept in (cell_of(4, (5, 5)) + neighbour[:2], cell_of(3, (5, 5)) + neighbour):
        few = objects(kept)
        assert not sort_out(few, painted(few, [1.0] * len(few)), certain, width=5.0)[1]
