from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from karyokit.reproduction.honest import SPLITS, all_tables, honest_table
from karyokit.reproduction.recipes import Variant, digest, recipe_of
from karyokit.reproduction.run import Request
from karyokit.reproduction.tables import SYSTEMS, read_system
from karyokit.training.recipe import Recipe


def written() -> list[str]:
    """The systems whose tables are there."""
    import importlib.util

    return [name for name, module in SYSTEMS.items() if importlib.util.find_spec(module)]


def recipes(name: str, scale: str) -> list[Recipe]:
    system = read_system(name)
    rows = [(table, row, fold) for table in all_tables(system) for row in table.rows if row.network for fold in table.folds]
    return [recipe_of(system, table, row, fold=fold, variant=Variant(scale)) for table, row, fold in rows]


@pytest.mark.parametrize("scale", ["small", "paper"])
@pytest.mark.parametrize("name", written())
def test_every_row_of_every_system_is_a_valid_recipe(name: str, scale: str) -> None:
    from karyokit.training.run import TASKS

    found = recipes(name, scale)
    assert found
    for recipe in {digest(recipe): recipe for recipe in found}.values():
        TASKS[recipe.task].read_settings(recipe.settings)


@pytest.mark.parametrize("name", written())
def test_paper_figures_name_columns_and_labels_are_unique(name: str) -> None:
    system = read_system(name)
    assert system.name == name
    assert len({table.number for table in system.tables}) == len(system.tables)
    for table in system.tables:
        assert len({row.label for row in table.rows}) == len(table.rows)
        for row in table.rows:
            assert set(row.paper) <= set(table.columns), f"table {table.number}, {row.label}"
    for label in (system.main, system.baseline):
        assert system.row(label)[1].network


def test_small_scale_narrows_and_shortens(tiny: Callable[..., Request]) -> None:
    tiny()
    system = read_system("tiny")
    small = recipe_of(system, system.tables[0], system.tables[0].rows[0], fold=0, variant=Variant())
    assert (small.steps, small.epochs) == (2, 0)
    assert small.network.options["width_mult"] == 1 / 32
    assert small.settings["limits"] == (4, 2, 4)
    assert small.settings["loss"] == "bce"


def test_equal_runs_have_equal_digests_whatever_their_name(tiny: Callable[..., Request]) -> None:
    tiny()
    system = read_system("tiny")
    recipe = recipe_of(system, system.tables[0], system.tables[0].rows[0], fold=0, variant=Variant())
    assert digest(recipe) == digest(recipe.model_copy(update={"name": "other"}))
    assert digest(recipe) != digest(recipe.model_copy(update={"seed": 1}))


def test_the_honest_table_has_each_network_on_each_split(tiny: Callable[..., Request], tmp_path: Path) -> None:
    tiny(out=tmp_path)
    system = read_system("tiny")
    splits = [row.settings["split"] for row in honest_table(system).rows]
    assert splits == list(SPLITS)
    assert all(not row.paper for row in honest_table(system).rows)
