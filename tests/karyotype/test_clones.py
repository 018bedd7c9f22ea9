"""Clones of hand-made cases by the ISCN's rule, and that the composite strings are valid ISCN."""

from __future__ import annotations

import pytest
from iscn_authenticator import validate_karyotype

from karyokit.karyotype.clones import CountedCell, find_clones
from karyokit.karyotype.copies import Copies


def cell(name: str, *changes: str, sex: tuple[int, int] = (2, 0), structural: tuple[str, ...] = ()) -> CountedCell:
    """A diploid cell with gains and losses such as ``+21`` and ``-7``."""
    copies = [2] * 22
    for change in changes:
        copies[int(change[1:]) - 1] += 1 if change[0] == "+" else -1
    return CountedCell(name, (*copies, *sex), structural)


def cells(count: int, *changes: str, start: int = 0, sex: tuple[int, int] = (2, 0)) -> list[CountedCell]:
    return [cell(f"{start + number}", *changes, sex=sex) for number in range(count)]


CASES = [
    (cells(20), "46,XX[20]"),
    ([*cells(3, "+21"), *cells(17, start=3)], "47,XX,+21[3]/46,XX[17]"),
    ([*cells(1, "+8"), *cells(19, start=1)], "46,XX[20]"),
    ([*cells(2, "+8"), *cells(18, start=2)], "47,XX,+8[2]/46,XX[18]"),
    ([*cells(2, "-7"), *cells(18, start=2)], "46,XX[20]"),
    ([*cells(3, "-7"), *cells(17, start=3)], "45,XX,-7[3]/46,XX[17]"),
    ([*cells(1, "-7"), *cells(1, "-9", start=1), *cells(1, "-17", start=2), *cells(17, start=3)], "46,XX[20]"),
    (cells(20, sex=(2, 1)), "47,XXY[20]"),
    ([*cells(5, sex=(1, 0)), *cells(15, start=5)], "45,X[5]/46,XX[15]"),
    ([*cells(5, sex=(1, 0)), *cells(2, sex=(3, 0), start=5), *cells(13, start=7)], "45,X[5]/47,XXX[2]/46,XX[13]"),
    ([*cells(2, sex=(1, 0)), *cells(18, sex=(1, 1), start=2)], "46,XY[20]"),
    ([*cells(6, "+8"), *cells(4, "+8", "+21", start=6), *cells(10, start=10)], "47,XX,+8[6]/48,XX,+8,+21[4]/46,XX[10]"),
    ([*cells(6, "+8"), *cells(1, "+8", "-5", start=6), *cells(3, start=7)], "47,XX,+8[7]/46,XX[3]"),
    ([*cells(4, "+18", "+18"), *cells(6, start=4)], "48,XX,+18,+18[4]/46,XX[6]"),
]


@pytest.mark.parametrize(("case", "iscn"), CASES)
def test_composite_karyotype(case: list[CountedCell], iscn: str) -> None:
    table = find_clones(case)
    assert table.iscn == iscn
    assert sorted(name for clone in table.clones for name in clone.cells) == sorted(one.name for one in case)
    whole = [table.iscn] if len(table.clones) > 1 else []  # the package reads brackets only where there are several clones
    for string in [*whole, *(clone.iscn for clone in table.clones)]:
        checked = validate_karyotype(string)
        assert checked.valid, checked.errors


def test_order_of_cells_changes_nothing() -> None:
    for case, iscn in CASES:
        assert find_clones(case[::-1]).iscn == iscn


def test_random_losses_are_noted_by_cell() -> None:
    table = find_clones([cell("a", "-7"), cell("b", "-9", "-17"), *cells(18)])
    assert table.single_changes == {"a": ("-7",), "b": ("-9", "-17")}
    assert table.clones[0].normal


def test_structural_changes_need_two_cells() -> None:
    one = [cell("a", structural=("der(9)",)), *cells(9)]
    assert find_clones(one).iscn == "46,XX[10]"
    assert find_clones([*one, cell("b", structural=("der(9)",))]).iscn == "46,XX,der(9)[2]/46,XX[9]"


def test_other_numbers_of_sets_are_clones_of_their_own() -> None:
    tetraploid: Copies = (4,) * 22 + (2, 2)
    table = find_clones([CountedCell("t1", tetraploid), CountedCell("t2", tetraploid), *cells(8, sex=(1, 1))])
    assert table.iscn == "92,XXYY[2]/46,XY[8]"


def test_no_cells() -> None:
    table = find_clones([])
    assert (table.clones, table.iscn, table.single_changes) == ((), "", {})
