"""Proposed numerical ISCN strings."""

from __future__ import annotations

import pytest

from karyokit.karyotype.iscn import numerical_iscn, ploidy_of, sex_complement

AUTOSOMES = [*range(1, 23)] * 2


def without(cell: list[int], *gone: int) -> list[int]:
    """The cell less one copy of each class named."""
    left = list(cell)
    for category in gone:
        left.remove(category)
    return left


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ([*AUTOSOMES, 24, 23], "46,XY"),
        ([*AUTOSOMES, 23], "45,X"),
        ([*AUTOSOMES, 23, 24, 23], "47,XXY"),
        ([*AUTOSOMES, 24], "45,Y"),
        (AUTOSOMES, "44,?"),
        (without([*AUTOSOMES, 23, 24], 7), "45,XY,-7"),
        (without([*AUTOSOMES, 23, 23, 21, 21, 8], 13, 2), "47,XX,-2,+8,-13,+21,+21"),
        ([*AUTOSOMES, *AUTOSOMES, 23, 23, 24, 24, 5], "93<4n>,XXYY,+5"),
        ([*AUTOSOMES, *range(1, 23), 23, 23, 24], "69,XXY"),
        ([*range(1, 23), 23, 21], "24<1n>,X,+21"),
        ([], None),
        ([*AUTOSOMES, 23, 23, 0], None),
    ],
)
def test_strings(cell: list[int], expected: str | None) -> None:
    assert numerical_iscn(cell) == expected


def test_order_of_the_objects_does_not_matter() -> None:
    cell = [*AUTOSOMES, 23, 23, 9]
    assert numerical_iscn(cell[::-1]) == numerical_iscn(cell)


def test_ploidy_limits_and_sex() -> None:
    assert [ploidy_of(count) for count in (0, 34, 35, 57, 58, 80, 81, 103, 104)] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert sex_complement([1, 2]) == "?"
    assert sex_complement([24, 23, 24]) == "XYY"


def test_unknown_categories_are_refused() -> None:
    with pytest.raises(ValueError, match=r"`categories` must lie in 0\.\.24, got \[-1, 25\]"):
        numerical_iscn([1, 25, -1])
