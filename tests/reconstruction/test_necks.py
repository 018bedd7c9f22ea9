from __future__ import annotations

from collections.abc import Callable

import numpy as np

from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.necks import TERMS, WEIGHTS, cut_necks, possible_cuts

NONE = np.zeros((120, 120), bool)


def cut(mask: np.ndarray, border: np.ndarray | None = None) -> np.ndarray:
    return cut_necks(mask.astype(np.int32), NONE, 9.0, border)


def test_two_bars_that_touch_end_to_side_are_cut(draw: Callable) -> None:
    one, two = draw([(40, 15), (40, 105)]), draw([(49, 60), (105, 60)])
    arms = cut(one | two)
    assert set(np.unique(arms)) == {0, 1, 2}
    assert np.array_equal(arms > 0, one | two)
    sizes = sorted(np.bincount(arms.ravel())[1:])
    assert abs(sizes[1] - np.count_nonzero(one)) < 0.1 * sizes[1]


def test_a_straight_a_bent_and_a_waisted_bar_stay_whole(draw: Callable) -> None:
    bent = draw([(30, 30), (60, 60), (30, 90)])
    waisted = draw([(60, 20), (60, 50)]) | draw([(60, 60), (60, 105)]) | draw([(60, 45), (60, 65)], 6.0)
    for mask in (draw([(60, 15), (60, 105)]), bent, waisted):
        assert set(np.unique(cut(mask))) == {0, 1}


def test_a_cut_along_the_border_map_is_made_sooner(draw: Callable) -> None:
    pair = draw([(60, 15), (60, 55)]) | draw([(60, 63.6), (60, 105)])
    full = NONE.copy()
    full[:, 56:63] = True
    assert set(np.unique(cut(pair, NONE))) == {0, 1}
    assert set(np.unique(cut(pair, full))) == {0, 1, 2}


def test_cutting_can_be_turned_off(draw: Callable) -> None:
    mask = draw([(40, 15), (40, 105)]) | draw([(49, 60), (105, 60)])
    assert len(reconstruct(mask, NONE, options=ReconstructionOptions(split_touching=False))) == 1
    assert len(reconstruct(mask, NONE)) == 2


def test_terms_and_weights_match(draw: Callable) -> None:
    mask = draw([(40, 15), (40, 105)]) | draw([(49, 60), (105, 60)])
    cuts = list(possible_cuts(mask, NONE, 9.0))
    assert cuts
    assert all(one.terms.size == WEIGHTS.size == len(TERMS) for one in cuts)
    assert list(possible_cuts(NONE, NONE, 9.0)) == []
