from __future__ import annotations

import numpy as np
import pytest

from karyokit.training.recipe import NetworkChoice, Recipe, in_steps
from karyokit.training.schedules import SCHEDULES, has_stalled, learning_rate


def recipe(**changes: object) -> Recipe:
    values = {"name": "a", "task": "t", "network": NetworkChoice(name="n"), "steps": 100, "batch": 4, "learning_rate": 0.1, "warmup": 0}
    return Recipe.model_validate({**values, **changes})


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_begins_at_the_full_rate_and_never_rises(schedule: str) -> None:
    chosen = recipe(schedule=schedule, milestones=(0.5, 0.9))
    rates = [learning_rate(chosen, step, [0.0] * (step // 10)) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert (np.diff(rates) <= 1e-12).all()


def test_warm_up_is_linear() -> None:
    rates = [learning_rate(recipe(schedule="constant", warmup=4), step, []) for step in range(6)]
    np.testing.assert_allclose(rates, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


def test_plateau_cuts_after_its_patience_and_counts_anew() -> None:
    chosen = recipe(schedule="plateau", plateau_patience=2, factor=0.5)
    merits = [1.0, 0.9, 0.8, 0.7, 0.6, 2.0, 1.0]
    cuts = [learning_rate(chosen, 0, merits[:seen]) / 0.1 for seen in range(len(merits) + 1)]
    np.testing.assert_allclose(cuts, [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25])


def test_milestones_are_shares_of_the_run() -> None:
    chosen = recipe(schedule="milestones", milestones=(0.5, 0.75), factor=0.1)
    np.testing.assert_allclose([learning_rate(chosen, step, []) for step in (49, 50, 74, 75)], [0.1, 0.01, 0.01, 0.001])


def test_a_run_stalls_when_its_patience_brought_no_gain() -> None:
    chosen = recipe(patience=2)
    for merits, stalled in (([], False), ([3.0], False), ([3.0, 3.0], False), ([3.0, 3.0, 1.0], True), ([3.0, 1.0, 4.0], False)):
        assert has_stalled(chosen, merits) == stalled
    assert not has_stalled(recipe(), [5.0] + [0.0] * 50)


def test_a_recipe_has_one_length() -> None:
    for wrong in ({"epochs": 2}, {"steps": 0}):
        with pytest.raises(ValueError, match="either `steps` or `epochs`"):
            recipe(**wrong)
    epochs = recipe(steps=0, epochs=3, validate_every=7)
    assert (in_steps(epochs, 9).steps, in_steps(epochs, 9).validate_every) == (9, 7)
    with pytest.raises(ValueError, match="`epochs` must be used with a task"):
        in_steps(epochs, 0)
