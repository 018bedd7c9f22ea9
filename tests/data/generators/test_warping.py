from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyokit.data.generators.records import Single
from karyokit.data.generators.warping import HalfBend, Pose, bent_axis, draw_pose, fit_half, frame_of, pose_single

Bar = Callable[..., Single]


def test_an_upright_pose_changes_nothing(flat_bar: Bar) -> None:
    single = flat_bar(40, 8)
    posed = pose_single(single, Pose())
    assert np.array_equal(posed.mask, single.mask[1:-1, 1:-1])
    assert posed.density.sum() == pytest.approx(single.density.sum(), rel=1e-5)


def test_a_quarter_turn_lays_the_bar_down(flat_bar: Bar) -> None:
    posed = pose_single(flat_bar(40, 8), Pose(angle=np.pi / 2))
    rows, columns = np.flatnonzero(posed.mask.any(axis=1)), np.flatnonzero(posed.mask.any(axis=0))
    assert (rows.size, columns.size) == (8, 40)


def test_mirroring_swaps_left_and_right() -> None:
    mask = np.pad(np.ones((30, 6), bool), 4)
    density = np.where(mask, np.linspace(0.5, 1.5, mask.shape[1], dtype=np.float32), np.float32(0))
    plain, mirrored = (pose_single(Single(density, mask), Pose(mirrored=mirrored)) for mirrored in (False, True))
    assert np.allclose(plain.density, mirrored.density[:, ::-1], atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 6.28), st.floats(-90, 90), st.floats(-90, 90), st.floats(0.7, 1.4))
def test_bends_and_turns_keep_the_area(angle: float, upper: float, lower: float, scale: float) -> None:
    mask = np.pad(np.ones((80, 10), bool), 4)
    halves = [fit_half(np.deg2rad(turn), start=5.0, length=30.0 * scale, least_radius=9.0 * scale) for turn in (upper, lower)]
    posed = pose_single(Single(mask.astype(np.float32), mask), Pose(angle, scale, upper=halves[0], lower=halves[1]))
    assert np.count_nonzero(posed.mask) == pytest.approx(800 * scale**2, rel=0.15)


def test_axis_keeps_its_length_and_runs_inside_the_mask(flat_bar: Bar) -> None:
    single = flat_bar(80, 10)
    half = fit_half(1.2, start=4.0, length=20.0, least_radius=10.0)
    posed = pose_single(single, Pose(0.7, 1.0, upper=half, lower=half))
    assert np.linalg.norm(np.diff(posed.axis, axis=0), axis=1).sum() == pytest.approx(80, rel=0.02)
    inner = np.rint(posed.axis[2:-2]).astype(int)
    assert posed.mask[inner[:, 0], inner[:, 1]].all()


def test_axis_of_a_straight_pose_is_straight(flat_bar: Bar) -> None:
    axis = bent_axis(frame_of(flat_bar(60, 10).mask), Pose(), count=7)
    assert axis[:, 0] == pytest.approx([-30, -20, -10, 0, 10, 20, 30])
    assert axis[:, 1] == pytest.approx(np.zeros(7))


def test_arcs_are_made_long_enough_for_their_turn() -> None:
    assert fit_half(1.0, start=0.0, length=3.0, least_radius=8.0) == HalfBend(1.0, 0.0, 8.0)
    assert fit_half(0.0, start=0.0, length=0.0, least_radius=8.0).length == 1.0


def test_short_chromosomes_bend_less(flat_bar: Bar) -> None:
    turns = [
        np.std(
            [
                draw_pose(frame_of(flat_bar(length, 10).mask), rng=np.random.default_rng(seed), scale=1.0, bend=20).upper.turn
                for seed in range(60)
            ]
        )
        for length in (12, 90)
    ]
    assert turns[0] < 0.4 * turns[1]


def test_a_scale_that_leaves_nothing_is_refused(flat_bar: Bar) -> None:
    with pytest.raises(ValueError, match="`scale` must leave a pixel"):
        pose_single(flat_bar(10, 1), Pose(angle=0.8, scale=0.05))
