"""The copy-number constraint helps normal cells and leaves abnormal ones abnormal."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.karyotype.assignment import assign_classes
from karyokit.karyotype.iscn import numerical_iscn

AUTOSOMES = [*range(1, 23)] * 2
XY, XX = [*AUTOSOMES, 23, 24], [*AUTOSOMES, 23, 23]


def simulated(categories: list[int], rng: np.random.Generator) -> np.ndarray:
    """Calibrated probabilities (n, 24) of a classifier that is right in about 96 %."""
    logits = rng.normal(size=(len(categories), 24))
    logits[np.arange(len(categories)), np.array(categories) - 1] += 4.0
    odds = np.exp(4.0 * (logits - logits.max(axis=1, keepdims=True)))
    return odds / odds.sum(axis=1, keepdims=True)


def certain(categories: list[int]) -> np.ndarray:
    """0.977 for each true class, 0.001 for the others."""
    given = np.full((len(categories), 24), 0.001)
    given[np.arange(len(categories)), np.array(categories) - 1] = 0.977
    return given


def accuracies(categories: list[int], cells: int) -> tuple[float, float]:
    """Mean accuracy without and with the constraint."""
    rng = np.random.default_rng(4)
    truth = np.array(categories)
    raw, ours = [], []
    for _ in range(cells):
        given = simulated(categories, rng)
        raw.append((given.argmax(axis=1) + 1 == truth).mean())
        ours.append((assign_classes(given).categories == truth).mean())
    return float(np.mean(raw)), float(np.mean(ours))


@pytest.mark.parametrize("cell", [XY, XX])
def test_normal_cells_gain(cell: list[int]) -> None:
    raw, ours = accuracies(cell, 40)
    assert 0.94 < raw < 0.98
    assert ours > 0.985


@pytest.mark.parametrize("cell", [[*XY, 21], [*AUTOSOMES, 23], [*XY, 23], [c for i, c in enumerate(XY) if i != 6], AUTOSOMES[:30]])
def test_abnormal_cells_gain_too(cell: list[int]) -> None:
    raw, ours = accuracies(cell, 25)
    assert ours > raw


@pytest.mark.parametrize(
    ("cell", "iscn"),
    [
        (XY, "46,XY"),
        ([*XX, 21], "47,XX,+21"),
        ([*AUTOSOMES, 23], "45,X"),
        ([*XY, 23], "47,XXY"),
        ([*XY, 24], "47,XYY"),
        ([c for i, c in enumerate(XY) if i != 6], "45,XY,-7"),
        ([8, *(c for i, c in enumerate(XY) if i != 6)], "46,XY,-7,+8"),
        (XY * 2, "92,XXYY"),
        ([*XX, *range(1, 24)], "69,XXX"),
        ([*XX, 18, 18, 18, 18], "50,XX,+18,+18,+18,+18"),
    ],
)
def test_clear_evidence_wins_whatever_the_cell(cell: list[int], iscn: str) -> None:
    found = assign_classes(certain(cell))
    np.testing.assert_array_equal(found.categories, cell)
    assert numerical_iscn(found.categories) == iscn
    assert (found.margins > 0).all()
    np.testing.assert_allclose(found.probabilities, 0.977)


def test_a_doubtful_third_copy_moves_to_the_missing_place_and_says_so() -> None:
    given = certain(XY)
    given[10] = 0.0
    given[10, [10, 11]] = 0.4, 0.6
    found = assign_classes(given)
    assert found.categories[10] == 11
    assert found.notes == ("chromosome 11: class 11 instead of 12 by the count of copies",)
    assert found.margins[10] == pytest.approx(5 + np.log(0.4 / 0.6), abs=1e-9)
    assert assign_classes(given, extra_penalty=0, missing_penalty=0).categories[10] == 12


def test_counts_that_differ_are_noted() -> None:
    assert "class 21: 1 more than 2 copies" in assign_classes(certain([*XX, 21])).notes
    assert "class 7: 1 fewer than 2 copies" in assign_classes(certain([c for i, c in enumerate(XX) if i != 6])).notes


def test_margins_are_the_price_of_another_class() -> None:
    given = simulated([*XY, 21, 5], np.random.default_rng(9))
    given[3] = 0.2 * given[3] + 0.8 * given[4]
    found = assign_classes(given)
    floored = -np.log(np.maximum(given / given.sum(axis=1, keepdims=True), 1e-4))

    def cost(categories: np.ndarray) -> float:
        copies = np.bincount(categories, minlength=25)[1:]
        expected = np.array([*[2] * 22, 1, 1])
        penalty = 2.5 * np.abs(copies - expected).sum()
        return float(floored[np.arange(len(categories)), categories - 1].sum() + penalty)

    best = cost(found.categories)
    for index in (0, 3, 20, 45, 47):
        single = min(
            cost(np.where(np.arange(48) == index, other, found.categories)) for other in range(1, 25) if other != found.categories[index]
        )
        assert found.margins[index] <= single - best + 1e-9
        barred = given.copy()
        barred[index, found.categories[index] - 1] = 0.0
        forced = assign_classes(barred).categories
        if forced[index] != found.categories[index] and np.bincount(forced, minlength=25)[24] == 1:
            assert cost(forced) - best == pytest.approx(found.margins[index], abs=1e-6)


def test_an_empty_cell_and_one_chromosome() -> None:
    empty = assign_classes(np.zeros((0, 24)))
    assert empty.categories.shape == empty.margins.shape == (0,)
    assert assign_classes(certain([13])).categories.tolist() == [13]


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (np.zeros((3, 23)), {}, r"`probabilities` must have shape \(n, 24\)"),
        (np.full((1, 24), 2.0), {}, r"`probabilities` must lie in 0\.\.1"),
        (np.full((1, 24), np.nan), {}, r"`probabilities` must lie in 0\.\.1"),
        (np.zeros((1, 24)), {}, "`probabilities` must have a positive sum"),
        (certain([1]), {"extra_penalty": -1.0}, "must be at least 0"),
        (certain([1]), {"floor": 0.0}, "`floor` must lie between 0 and 1"),
    ],
)
def test_wrong_input_is_refused(given: np.ndarray, options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        assign_classes(given, **options)
