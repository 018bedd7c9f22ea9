from __future__ import annotations

import pytest

from karyokit.data.cluster_sets import CLUSTER_SETS
from karyokit.reproduction.recipes import Variant, recipe_of
from karyokit.reproduction.scoring.clusters import READINGS
from karyokit.reproduction.tables.chromseg import BALANCE, SYSTEM
from karyokit.training.run import TASKS

TRAINED = [(table, row) for table in SYSTEM.tables for row in table.rows if row.network]


def test_all_lines_of_the_paper_are_there_on_both_sets() -> None:
    numbers = [(table.number, sum(bool(row.paper) for row in table.rows)) for table in SYSTEM.tables]
    assert numbers == [("2", 3), ("3", 9), ("4", 5), ("2-mfish", 3), ("3-mfish", 9), ("4-mfish", 5)]
    assert {table.split for table in SYSTEM.tables} <= set(CLUSTER_SETS)
    assert SYSTEM.row(SYSTEM.main)[1].network == "chromseg_unetpp"
    assert SYSTEM.row(SYSTEM.baseline)[1].paper["OverlapAcc"] == 98.2


def test_columns_of_the_paper_and_metrics_are_known() -> None:
    for table in SYSTEM.tables:
        assert all(set(row.paper) <= set(table.columns) for row in table.rows)
        prefixes = {column.metric.rpartition(":")[0] for column in table.columns.values()}
        assert prefixes <= set(READINGS)


def test_the_papers_figures_agree_with_each_other() -> None:
    _, row = SYSTEM.row("ChromSeg")
    assert row.paper["OverlapAcc"] * row.paper["SPAcc"] / 100 == pytest.approx(row.paper["Overall"], abs=0.05)
    _, best = SYSTEM.row("gamma 1, alpha 0.75")
    assert best.paper["IOU (crossing-overlap)"] == BALANCE[0.5][0]


@pytest.mark.parametrize("scale", ["paper", "small"])
def test_every_row_makes_a_recipe(scale: str) -> None:
    for table, row in TRAINED:
        recipe = recipe_of(SYSTEM, table, row, fold=0, variant=Variant(scale=scale))
        settings = TASKS[recipe.task].read_settings(recipe.settings)
        assert settings.source == table.split
        assert settings.maps == ("crossing" if recipe.network.options.get("outputs") == 1 else "both")
        assert settings.balance == (0.5 if row.label.startswith("gamma") else float(row.label.split()[1]) if "lambda" in row.label else 0.7)
        if scale == "paper":
            assert (recipe.optimizer, recipe.learning_rate, recipe.batch, recipe.epochs, recipe.patience) == ("adam", 1e-4, 8, 100, 5)
            assert (recipe.schedule, recipe.weight_decay, recipe.warmup, recipe.seed) == ("constant", 0.0, 0, 1)
