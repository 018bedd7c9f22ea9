"""Damaged recipes and weights are refused in one line that names the file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mangling import Damage, damages, read_or_refuse

from karyokit.training.recipe import read_recipe

RECIPE = b"""name = "one"
task = "separation"
steps = 10
[network]
name = "compact_unet"
[settings]
train = [{ name = "mfish" }]
validate_on = { name = "mfish" }
"""


@given(damage=damages)
def test_damaged_recipes_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    path = tmp_path_factory.mktemp("recipes") / "recipe.toml"
    path.write_bytes(damage(RECIPE))
    read_or_refuse(lambda: read_recipe(path), path)
