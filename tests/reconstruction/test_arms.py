from __future__ import annotations

from collections.abc import Callable

import numpy as np

from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import cut_into_pieces, grown_window, renumbered, typical_width, without_specks

OPTIONS = ReconstructionOptions()


def test_width_of_drawn_bars(draw: Callable) -> None:
    assert abs(typical_width(draw([(30, 20), (30, 100)], 9.0) | draw([(80, 20), (80, 100)], 9.0)) - 9) <= 1
    assert typical_width(np.zeros((5, 5), bool)) == 10.0


def test_a_crossing_has_four_arms_and_one_zone(scenes: dict) -> None:
    scene = scenes["X"]
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=OPTIONS)
    assert pieces.arm_count == 4
    assert pieces.touch == {1: (1, 2, 3, 4)}
    assert pieces.faint == frozenset()
    assert np.array_equal((pieces.arms > 0) | (pieces.zones > 0), scene.foreground)
    assert not ((pieces.arms > 0) & (pieces.zones > 0)).any()


def test_arms_that_touch_only_beside_a_zone_are_apart(scenes: dict) -> None:
    scene = scenes["star"]
    assert cut_into_pieces(scene.foreground, scene.overlap, border=None, options=OPTIONS).arm_count == 6


def test_a_thin_bridge_round_a_zone_does_not_hold(draw: Callable) -> None:
    across, down = draw([(60, 15), (60, 105)]), draw([(15, 60), (105, 60)])
    overlap = across & down
    overlap[:57] = False
    pieces = cut_into_pieces(across | down, overlap, border=None, options=OPTIONS)
    assert pieces.arm_count == 4


def test_border_pixels_go_back_to_the_arms(draw: Callable) -> None:
    bar = draw([(60, 20), (60, 100)])
    border = np.zeros_like(bar)
    border[:, 50:52] = True
    pieces = cut_into_pieces(bar, np.zeros_like(bar), border=border, options=OPTIONS)
    assert pieces.arm_count == 2
    assert np.array_equal(pieces.arms > 0, bar)
    assert set(np.unique(pieces.arms[60, 20:51])) == {1}
    assert set(np.unique(pieces.arms[60, 51:100])) == {2}


def test_small_zones_are_faint(scenes: dict) -> None:
    scene = scenes["X"]
    overlap = np.zeros_like(scene.overlap)
    overlap[59:61, 59:61] = True
    assert cut_into_pieces(scene.foreground, overlap, border=None, options=OPTIONS).faint == frozenset({1})


def test_specks_go() -> None:
    mask = np.zeros((10, 10), bool)
    mask[1:4, 1:4] = mask[8, 8] = True
    assert np.count_nonzero(without_specks(mask, 2)) == 9
    assert not without_specks(np.zeros((4, 4), bool), 1).any()


def test_windows_are_clipped_and_labels_renumbered() -> None:
    assert grown_window((slice(1, 3), slice(4, 9)), 2, (10, 10)) == (slice(0, 5), slice(2, 10))
    assert renumbered(np.zeros((2, 2), int)).tolist() == [[0, 0], [0, 0]]
