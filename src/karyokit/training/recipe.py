"""A recipe: everything a training run depends on, read from TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from karyokit.checks import problem

Kind = TypeVar("Kind", bound=BaseModel)


class Strict(BaseModel):
    """Records that refuse unknown keys and never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkChoice(Strict):
    """A name of ``networks.NETWORKS`` and its options."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Recipe(Strict):
    """One training run.

    Its length is ``steps`` (weight updates), or ``epochs`` (rounds over the samples of a task that has a fixed number of
    them; one validation a round unless ``validate_every`` is given). The batch of a step depends on ``seed`` and the step
    alone. ``schedule`` is a name of ``training.schedules.SCHEDULES``; ``factor``, ``plateau_patience`` and ``milestones``
    are its values. ``patience`` counts validations without gain after which the run ends, 0 for never; ``gradient_clip``
    0 clips nothing; ``average`` 0 keeps no averaged weights. ``card`` holds what the model's card says beyond what the
    run itself knows (stains, data, licence, split ...).
    """

    name: str
    task: str
    network: NetworkChoice
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    steps: int = Field(default=0, ge=0)
    epochs: float = Field(default=0, ge=0)
    batch: int = Field(gt=0)
    optimizer: Literal["adam", "adamw"] = "adamw"
    betas: tuple[float, float] = (0.9, 0.999)
    learning_rate: float = Field(default=2e-3, gt=0)
    schedule: Literal["cosine", "constant", "plateau", "milestones"] = "cosine"
    factor: float = Field(default=0.1, gt=0, lt=1)
    plateau_patience: int = Field(default=3, gt=0)
    milestones: tuple[float, ...] = ()
    patience: int = Field(default=0, ge=0)
    warmup: int = Field(default=100, ge=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    gradient_clip: float = Field(default=5.0, ge=0)
    average: float = Field(default=0.998, ge=0, lt=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    compile: bool = False
    validate_every: int = Field(default=500, gt=0)
    checkpoint_every: int = Field(default=100, gt=0)
    threads: int = Field(default=0, ge=0)
    start_from: str = ""
    card: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_length(self) -> Recipe:
        if (self.steps > 0) == (self.epochs > 0):
            raise ValueError("give either `steps` or `epochs`, above 0")
        return self


def in_steps(recipe: Recipe, samples: int) -> Recipe:
    """The recipe with its epochs over ``samples`` turned into steps; unchanged where it is in steps already.

    Raises ``ValueError`` for epochs of a task that draws without end.

    >>> recipe = Recipe(name="a", task="pairs", network=NetworkChoice(name="unet"), epochs=3, batch=4)
    >>> in_steps(recipe, 10).steps, in_steps(recipe, 10).validate_every
    (9, 3)
    """
    if recipe.steps:
        return recipe
    if not samples:
        raise ValueError(problem("epochs", "be used with a task of a fixed number of samples", recipe.task, "Give `steps` instead."))
    round_ = -(-samples // recipe.batch)
    every = recipe.validate_every if "validate_every" in recipe.model_fields_set else round_
    return recipe.model_copy(update={"steps": max(1, round(recipe.epochs * round_)), "epochs": 0.0, "validate_every": every})


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of a TOML file; each override is ``key.key=value`` with the value written as in TOML.

    Raises FileNotFoundError for a missing file, ValueError for a broken file, an unknown key or a wrong value.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"no recipe at {path}: give a TOML file, for example one of recipes/")
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        for override in overrides:
            _put(table, override)
        return validated(Recipe, table, str(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error


def validated(record: type[Kind], table: dict[str, Any], source: str) -> Kind:
    """The record of a table; ``ValueError`` in one line names the first wrong or unknown key."""
    try:
        return record.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "recipe"
        raise ValueError(f"{source}: `{where}`: {first['msg']}. Correct the recipe or the --set option.") from error


def write_recipe(recipe: Recipe, path: Path) -> None:
    """The resolved recipe as JSON beside what it made."""
    path.write_text(json.dumps(recipe.model_dump(), indent=1, sort_keys=True) + "\n")


def _put(table: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key.strip():
        raise ValueError(problem("--set", "read key=value", repr(override), "Write for example --set steps=100."))
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
    table[last] = value
