"""A recipe: everything a training run depends on, read from TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
    """One training run. ``steps`` counts weight updates; a batch of a step depends on ``seed`` and the step alone.

    ``card`` holds what the model's card says beyond what the run itself knows (stains, data, licence, split ...).
    """

    name: str
    task: str
    network: NetworkChoice
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    steps: int = Field(gt=0)
    batch: int = Field(gt=0)
    learning_rate: float = Field(default=2e-3, gt=0)
    warmup: int = Field(default=100, ge=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    gradient_clip: float = Field(default=5.0, gt=0)
    average: float = Field(default=0.998, ge=0, lt=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    validate_every: int = Field(default=500, gt=0)
    checkpoint_every: int = Field(default=100, gt=0)
    threads: int = Field(default=0, ge=0)
    start_from: str = ""
    card: dict[str, Any] = Field(default_factory=dict)


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of a TOML file; each override is ``key.key=value`` with the value written as in TOML.

    Raises FileNotFoundError for a missing file, ValueError for a broken file, an unknown key or a wrong value.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"no recipe at {path}: give a TOML file, for example one of recipes/")
    try:
        table = tomllib.loads(Path(path).read_text())
        for override in overrides:
            _put(table, override)
        return validated(Recipe, table, str(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error


def validated(record: type[Kind], table: dict[str, Any], source: str) -> Kind:
    """The record of a table; ``ValueError`` in one line names the first wrong or unknown key."""
    try:
        return record.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
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
