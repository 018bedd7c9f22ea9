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
        (70, 70, 40, 10),
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
    assert {one.reason for one in aside} == set(REASONS)


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
