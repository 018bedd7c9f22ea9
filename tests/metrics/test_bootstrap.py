from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.bootstrap import Interval, bootstrap_interval, fold_mean, interval_of_draws, mean_present, ratio_of_sums


def test_mean_present_leaves_nan_out() -> None:
    assert mean_present([np.nan, 1.0, 3.0]) == 2.0
    assert np.isnan(mean_present([np.nan]))
    assert np.isnan(mean_present([]))


def test_ratio_of_sums_is_pooled_not_a_mean_of_ratios() -> None:
    assert ratio_of_sums([[1, 1], [0, 3]]) == 0.25
    assert np.isnan(ratio_of_sums([[0, 0], [0, 0]]))


def test_interval_of_two_values_spans_both() -> None:
    interval = bootstrap_interval([0.0, 1.0], rng=np.random.default_rng(1))
    assert interval == Interval(0.5, 0.0, 1.0)  # a quarter of the resamples lies at each end


def test_interval_agrees_with_the_normal_approximation() -> None:
    values = np.random.default_rng(2).normal(5.0, 2.0, 400)
    value, low, high = bootstrap_interval(values, rng=np.random.default_rng(3))
    half = 1.96 * values.std() / 20
    assert value == pytest.approx(values.mean())
    assert low == pytest.approx(value - half, abs=0.05)
    assert high == pytest.approx(value + half, abs=0.05)


def test_ratio_statistic_over_images() -> None:
    rows = np.array([[1, 2], [3, 6], [5, 10]])
    assert bootstrap_interval(rows, ratio_of_sums, rng=np.random.default_rng(0)) == Interval(0.5, 0.5, 0.5)


def test_same_seed_same_interval_and_the_input_stays() -> None:
    values = np.arange(6.0)
    first, second = (bootstrap_interval(values, rng=np.random.default_rng(7)) for _ in range(2))
    assert first == second
    assert values.tolist() == [0, 1, 2, 3, 4, 5]


def test_resamples_without_a_value_are_left_out() -> None:
    value, low, high = bootstrap_interval([np.nan, 2.0], rng=np.random.default_rng(0))
    assert (value, low, high) == (2.0, 2.0, 2.0)
    assert np.isnan(bootstrap_interval([np.nan], rng=np.random.default_rng(0))).all()


def test_percentiles_of_draws() -> None:
    assert interval_of_draws(5.0, np.arange(11.0), level=0.8) == pytest.approx((5.0, 1.0, 9.0))


def test_fold_mean_and_deviation() -> None:
    assert fold_mean([0.99, 0.97]) == pytest.approx((0.98, 0.0141421356))
    mean, deviation = fold_mean([0.5])
    assert mean == 0.5
    assert np.isnan(deviation)


def test_wrong_input() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="`values_per_image` must hold at least one"):
        bootstrap_interval([], rng=rng)
    with pytest.raises(ValueError, match="`level` must lie in"):
        bootstrap_interval([1.0], rng=rng, level=95)
    with pytest.raises(ValueError, match="`resamples` must be at least 1"):
        bootstrap_interval([1.0], rng=rng, resamples=0)
    with pytest.raises(ValueError, match="`values` must hold at least one"):
        fold_mean([])
