"""Cells of one person weighed together."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from karyokit.karyotype.case_pages import case_pages
from karyokit.karyotype.cases import CellOfCase, weigh_case
from karyokit.karyotype.copies import copies_of
from karyokit.karyotype.page import Text

sys.path.insert(0, str(Path(__file__).parent))
from drawn_objects import XX, objects_of, with_debris


def drawn(name: str, categories: list[int], **options: float) -> CellOfCase:
    return CellOfCase(name, objects_of(categories, seed=len(name), **options))  # type: ignore[arg-type]


def test_mosaic_and_doubtful_cells() -> None:
    unclear = with_debris(with_debris(objects_of(XX, sure=0.3), 60.0), 50.0)
    cells = [*(drawn(f"t{i}", [*XX, 21]) for i in range(3)), *(drawn(f"n{i}", XX) for i in range(4)), CellOfCase("dim", unclear)]
    case = weigh_case(cells)
    assert case.table.iscn in ("47,XX,+21[3]/46,XX[4]", "47,XX,+21[3]/46,XX[5]")
    assert (case.modal_number, case.modal_iscn) == (46, "46,XX")
    assert [cell.name for cell in case.cells] == [cell.name for cell in cells]
    assert all(name not in clone.cells for clone in case.table.clones for name in (cell.name for cell in case.doubtful))


def test_what_other_cells_show_is_believed_sooner() -> None:
    doubtful = drawn("x", [*XX, 5], sure=0.98)
    alone = weigh_case([doubtful]).cells[0]
    together = weigh_case([*(drawn(f"t{i}", [*XX, 5]) for i in range(3)), doubtful]).cells[-1]
    believed = {one.iscn: one.probability for one in (alone, together)}
    assert together.iscn == "47,XX,+5"
    assert alone.iscn != together.iscn or believed["47,XX,+5"] > alone.probability


def test_a_settled_cell_is_taken_as_it_is() -> None:
    copies = copies_of([*XX, 3])
    case = weigh_case([CellOfCase("a", objects_of(XX), copies), CellOfCase("b", objects_of(XX), copies), drawn("c", XX)])
    assert [cell.by_hand for cell in case.cells] == [True, True, False]
    assert case.cells[0].iscn == "47,XX,+3"
    assert case.cells[0].probability == pytest.approx(1)
    assert case.table.iscn.startswith("47,XX,+3[2]")


def test_pages_say_what_counts() -> None:
    case = weigh_case([CellOfCase("a.png", objects_of(XX), copies_of(XX)), CellOfCase("b.png", objects_of(XX), copies_of(XX))])
    pages = case_pages("person 1", case, {"c.png": "no chromosomes"}, {"a.png": np.full((40, 60), 200, np.uint8)})
    words = [[shape.words for shape in page.shapes if isinstance(shape, Text)] for page in pages]
    assert len(pages) == 3
    assert "46,XX[2]" in words[0]
    assert all("For research use only" in page for page in words)
    assert "left out: no chromosomes" in words[2]
    assert all(page.width > page.height for page in pages)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="`cells` must be at least one"):
        weigh_case([])
    with pytest.raises(ValueError, match="each with a name of its own"):
        weigh_case([CellOfCase("a", objects_of(XX)), CellOfCase("a", objects_of(XX))])
