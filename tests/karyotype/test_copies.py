from __future__ import annotations

import numpy as np
import pytest

from karyokit.karyotype.copies import copies_of, iscn_of, likeliest, log_usual, seen_weights

NORMAL = (2,) * 22


def changed(number: int, by: int, sex: tuple[int, int] = (2, 0)) -> tuple[int, ...]:
    return tuple(count + by * (index + 1 == number) for index, count in enumerate(NORMAL)) + sex


def test_usual_cells_come_before_unusual_ones() -> None:
    normal, down, trisomy, monosomy = ((*NORMAL, 2, 0), changed(21, 1), changed(5, 1), changed(5, -1))
    twice = tuple(np.array(trisomy) + np.array(changed(7, 1)) - np.array(normal))
    shares = [log_usual(copies) for copies in (normal, down, trisomy, twice)]
    assert shares == sorted(shares, reverse=True)
    assert log_usual(monosomy) < log_usual(down)
    assert log_usual((4,) * 22 + (2, 2)) > log_usual((4,) * 22 + (0, 4))
    assert sum(np.exp(log_usual((*NORMAL, x, y))) for x in range(5) for y in range(5)) < 1


def test_copies_and_names() -> None:
    assert iscn_of(copies_of([*range(1, 23), *range(1, 23), 21, 23, 23])) == "47,XX,+21"
    assert copies_of([0, 0]) == (0,) * 24
    assert iscn_of((0,) * 24) == "?"


def test_seen_weights_sum_over_objects_to_one() -> None:
    ways = np.array([[1.0, 1.0, 0.5, 1 / 6]])  # objects that may each be any copy count each set of copies s! times
    assert (seen_weights()[:4, :4] * ways).sum(axis=1) == pytest.approx(1)
    assert (np.triu(seen_weights(), 1) == 0).all()


def test_likeliest_in_order() -> None:
    shares = np.array([[0.6, 0.4], [0.1, 0.9]])
    assert list(likeliest(shares, 3)) == [(0, 1), (1, 1), (0, 0)]
    assert len(list(likeliest(shares, 9))) == 4


def test_each_further_sex_chromosome_is_rarer() -> None:
    logs = [log_usual((*NORMAL, 1, males)) for males in range(1, 7)]
    assert (np.diff(logs) < -1).all()
    assert log_usual((*NORMAL, 2, 5)) < log_usual((*NORMAL, 1, 1)) - 15
