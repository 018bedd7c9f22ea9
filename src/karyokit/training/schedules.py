"""How the learning rate goes through a run, and when a run has stopped gaining.

Every schedule is a function of the recipe, the step and the merits (larger is better) of the validations so far, so that a
resumed run needs no state of its own for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from karyokit.training.recipe import Recipe

Schedule = Callable[[Recipe, int, Sequence[float]], float]


def cosine(recipe: Recipe, step: int, merits: Sequence[float]) -> float:
    """Half a cosine from 1 down to a hundredth."""
    del merits
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))


def constant(recipe: Recipe, step: int, merits: Sequence[float]) -> float:
    """Always 1."""
    del recipe, step, merits
    return 1.0


def plateau(recipe: Recipe, step: int, merits: Sequence[float]) -> float:
    """Times ``factor`` whenever ``plateau_patience`` validations after the best one, or after the last cut, brought no gain.

    As ReduceLROnPlateau of Keras without cool-down: the validation after the patience has run out does the cut.
    """
    del step
    best, waited, cuts = -math.inf, 0, 0
    for value in merits:
        if value > best:
            best, waited = value, 0
            continue
        waited += 1
        if waited >= recipe.plateau_patience:
            waited, cuts = 0, cuts + 1
    return recipe.factor**cuts


def milestones(recipe: Recipe, step: int, merits: Sequence[float]) -> float:
    """Times ``factor`` at each of the recipe's ``milestones``: shares of the run from 0 to 1."""
    del merits
    return recipe.factor ** sum(step >= share * recipe.steps for share in recipe.milestones)


SCHEDULES: dict[str, Schedule] = {"cosine": cosine, "constant": constant, "plateau": plateau, "milestones": milestones}


def learning_rate(recipe: Recipe, step: int, merits: Sequence[float]) -> float:
    """The rate of a step: the recipe's rate times its schedule, behind a linear warm-up."""
    warm = min(1.0, (step + 1) / max(recipe.warmup, 1))
    return recipe.learning_rate * warm * SCHEDULES[recipe.schedule](recipe, step, merits)


def has_stalled(recipe: Recipe, merits: Sequence[float]) -> bool:
    """Whether the last ``patience`` validations brought no gain over those before; never with a patience of 0."""
    if not recipe.patience or len(merits) <= recipe.patience:
        return False
    return max(merits[-recipe.patience :]) <= max(merits[: -recipe.patience])
