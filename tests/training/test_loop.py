from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))
from line_task import Line

from karyokit.training.loop import Trainer
from karyokit.training.recipe import NetworkChoice, Recipe, read_recipe
from karyokit.training.run import start_network, train_recipe


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Linear(8, 1))


def recipe(**changes: object) -> Recipe:
    values = {"name": "line", "task": "line", "network": NetworkChoice(name="line"), "steps": 40, "batch": 8, "learning_rate": 0.02}
    return Recipe.model_validate({**values, "validate_every": 10, "checkpoint_every": 5, "warmup": 2, **changes})


def test_a_killed_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    whole = Trainer(recipe(), network(), Line(), tmp_path / "whole").run()
    Trainer(recipe(), network(), Line(), tmp_path / "cut").run(until=17)
    resumed = Trainer(recipe(), network(), Line(), tmp_path / "cut").run()
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(value, resumed.state_dict()[name], rtol=0, atol=0)
    assert (tmp_path / "whole" / "log.csv").read_text().count("\n") == (tmp_path / "cut" / "log.csv").read_text().count("\n")


def test_training_lowers_the_error_and_writes_its_files(tmp_path: Path) -> None:
    trainer = Trainer(recipe(steps=300), network(), Line(), tmp_path)
    trainer.run()
    fits = [row["fit"] for row in trainer.history.rows]
    assert fits[-1] > fits[0]
    for name in ("checkpoint.pt", "best.pt", "log.csv", "log.json", "curves.png"):
        assert (tmp_path / name).stat().st_size > 0


def test_recipes_refuse_unknown_keys_and_take_overrides(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name="a"\ntask="separation"\nsteps=5\nbatch=2\n[network]\nname="compact_unet"\n')
    assert read_recipe(path, ["steps=9", "network.options.outputs=4"]).network.options == {"outputs": 4}
    with pytest.raises(ValueError, match="colour"):
        read_recipe(path, ["colour=3"])
    with pytest.raises(ValueError, match="key=value"):
        read_recipe(path, ["steps"])
    with pytest.raises(FileNotFoundError, match="no recipe"):
        read_recipe(tmp_path / "none.toml")
    path.write_text("name = ")
    with pytest.raises(ValueError, match="not valid TOML"):
        read_recipe(path)


def test_all_shipped_recipes_are_valid() -> None:
    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path).name == path.stem


def test_a_second_stage_needs_the_first(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"`start_from` must be the best\.pt"):
        start_network(recipe(network=NetworkChoice(name="compact_unet"), start_from=str(tmp_path / "none.pt")))


def test_training_goes_on_from_the_weights_of_a_model(tmp_path: Path) -> None:
    choice = NetworkChoice(name="compact_unet", options={"widths": [2, 2, 2, 2, 2]})
    first = start_network(recipe(network=choice, seed=1))
    save_file(first.state_dict(), tmp_path / "model.safetensors")
    second = start_network(recipe(network=choice, seed=2, start_from=str(tmp_path / "model.safetensors")))
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True))


def test_unknown_settings_and_tasks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name="a"\ntask="separation"\nsteps=5\nbatch=2\n[network]\nname="compact_unet"\n[settings]\ncolour=1\n')
    with pytest.raises(ValueError, match=r"settings: `train`: Field required"):
        train_recipe(path, folder=tmp_path / "run", data=str(tmp_path))
    with pytest.raises(ValueError, match="`task` must be one of"):
        train_recipe(path, ["task='painting'"], folder=tmp_path / "run", data=str(tmp_path))
