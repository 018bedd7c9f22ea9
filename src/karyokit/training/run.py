"""From a recipe file to trained weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from karyokit.checks import lookup, problem
from karyokit.data.sources import data_folder
from karyokit.networks import build_network
from karyokit.training.loop import Trainer
from karyokit.training.recipe import Recipe, read_recipe, validated, write_recipe
from karyokit.training.task import Task
from karyokit.training.tasks.classification import ClassificationSettings, ClassificationTask
from karyokit.training.tasks.separation import SeparationSettings, SeparationTask


def _separation(settings: dict[str, Any], data: str) -> Task:
    return SeparationTask(validated(SeparationSettings, settings, "settings"), data)


def _classification(settings: dict[str, Any], data: str) -> Task:
    return ClassificationTask(validated(ClassificationSettings, settings, "settings"), data)


TASKS: dict[str, Callable[[dict[str, Any], str], Task]] = {"separation": _separation, "classification": _classification}


def train_recipe(path: Path, overrides: Sequence[str] = (), *, folder: Path | None = None, data: str = "", device: str = "cpu") -> Path:
    """Train what the recipe says, or go on where an earlier call stopped; returns the run's folder.

    ``data`` is the folder of the data sets (default: KARYOKIT_DATA). The folder gets recipe.json, checkpoint.pt,
    best.pt, log.csv, log.json and curves.png. Raises ValueError for an unknown task or key.
    """
    recipe = read_recipe(path, overrides)
    folder = Path(folder or Path("runs") / recipe.name)
    folder.mkdir(parents=True, exist_ok=True)
    task = lookup(TASKS, recipe.task, "task")(recipe.settings, str(data_folder(data)))
    write_recipe(recipe, folder / "recipe.json")
    Trainer(recipe, start_network(recipe), task, folder, device).run()
    return folder


def start_network(recipe: Recipe) -> torch.nn.Module:
    """The recipe's network with seeded weights, or with those of an earlier run named by ``start_from``."""
    torch.manual_seed(recipe.seed)
    network = build_network(recipe.network.name, **recipe.network.options)
    if recipe.start_from and not Path(recipe.start_from).is_file():
        do = "Train that recipe first, or pass --set start_from=PATH."
        raise FileNotFoundError(problem("start_from", "be the best.pt of an earlier run", repr(recipe.start_from), do))
    if recipe.start_from:
        network.load_state_dict(torch.load(recipe.start_from, map_location="cpu", weights_only=True)["network"])
    return network
