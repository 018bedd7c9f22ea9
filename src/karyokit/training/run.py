"""From a recipe to trained weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from karyokit.checks import lookup, problem
from karyokit.data.sources import data_folder
from karyokit.networks import build_network
from karyokit.training.distributed import Ranks
from karyokit.training.loop import BEST, CHECKPOINT, Trainer
from karyokit.training.recipe import Recipe, read_recipe, validated, write_recipe
from karyokit.training.task import Task


@dataclass(frozen=True)
class TaskEntry:
    """Where a task lies: the module and the names of its settings and its class, which is called with (settings, data folder)."""

    module: str
    settings: str
    task: str

    def read_settings(self, settings: dict[str, Any]) -> Any:
        """The settings record; ``ValueError`` names the first wrong key."""
        return validated(getattr(import_module(self.module), self.settings), settings, "settings")

    def build(self, settings: dict[str, Any], data: str) -> Task:
        """The task with its data read."""
        make: Callable[..., Task] = getattr(import_module(self.module), self.task)
        return make(self.read_settings(settings), data)


TASKS: dict[str, TaskEntry] = {
    "separation": TaskEntry("karyokit.training.tasks.separation", "SeparationSettings", "SeparationTask"),
    "classification": TaskEntry("karyokit.training.tasks.classification", "ClassificationSettings", "ClassificationTask"),
    "instances": TaskEntry("karyokit.training.tasks.instances", "InstanceSettings", "InstanceTask"),
    "pairs": TaskEntry("karyokit.training.tasks.pairs", "PairSettings", "PairTask"),
    "clusters": TaskEntry("karyokit.training.tasks.clusters", "ClusterSettings", "ClusterTask"),
    "adversarial": TaskEntry("karyokit.training.tasks.adversarial", "AdversarialSettings", "AdversarialTask"),
}


def train_recipe(
    path: Path, overrides: Sequence[str] = (), *, folder: Path | None = None, data: str | Path = "", device: str = "cpu"
) -> Path:
    """Train by the recipe at ``path``, or go on where an earlier run in ``folder`` stopped; returns the run's folder.

    ``data`` is the folder of the data sets (default: KARYOKIT_DATA). The folder gets recipe.json, checkpoint.pt,
    best.pt, log.csv, log.json and curves.png. Raises ValueError for an unknown task or key.
    """
    recipe = read_recipe(path, overrides)
    folder = Path(folder or Path("runs") / recipe.name)
    train(recipe, folder, data=data, device=device)
    return folder


def train(recipe: Recipe, folder: Path, *, data: str | Path = "", device: str = "cpu") -> Trainer:
    """Train by a recipe in ``folder``, from its last checkpoint where there is one; the trainer holds task and history."""
    folder.mkdir(parents=True, exist_ok=True)
    task = lookup(TASKS, recipe.task, "task").build(recipe.settings, str(data_folder(data)))
    if Ranks.current().first:
        write_recipe(recipe, folder / "recipe.json")
    trainer = Trainer(recipe, wrapped_network(recipe, task), task, folder, device)
    trainer.run()
    return trainer


def wrapped_network(recipe: Recipe, task: Task) -> torch.nn.Module:
    """The recipe's network, inside what else the task trains beside it (``task.wrapped``, where it has that)."""
    network = start_network(recipe)
    wrap = getattr(task, "wrapped", None)
    return network if wrap is None else wrap(network)


def start_network(recipe: Recipe) -> torch.nn.Module:
    """The recipe's network with seeded weights, or with those of ``start_from``: best.pt of a run, or a model's .safetensors."""
    torch.manual_seed(recipe.seed)
    network = build_network(recipe.network.name, **recipe.network.options)
    if recipe.start_from and not Path(recipe.start_from).is_file():
        do = "Train that recipe first, or pass --set start_from=PATH."
        must = "be the best.pt of an earlier run or the .safetensors of a model"
        raise FileNotFoundError(problem("start_from", must, repr(recipe.start_from), do))
    if recipe.start_from:
        path = Path(recipe.start_from)
        network.load_state_dict(load_file(path) if path.suffix == ".safetensors" else stored_network(path)["network"])
    return network


def best_network(recipe: Recipe, folder: Path, device: str = "cpu") -> tuple[torch.nn.Module, dict[str, Any]]:
    """The network of a run with its best weights by validation (the last ones where none was validated), in evaluation mode.

    Of an adversarial run this is the generator. The second value is what was stored with the weights: ``step`` and ``figures``.
    """
    network = build_network(recipe.network.name, **recipe.network.options)
    stored = stored_network(folder / BEST if (folder / BEST).is_file() else folder / CHECKPOINT)
    network.load_state_dict(stored.pop("network"))
    return network.to(device).to(memory_format=torch.channels_last).eval(), stored


def stored_network(path: Path) -> dict[str, Any]:
    """A stored state whose ``network`` holds the weights of the network alone, without those of a discriminator."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    inner = {key.removeprefix("generator."): value for key, value in stored["network"].items() if key.startswith("generator.")}
    return {**stored, "network": inner or stored["network"]}
