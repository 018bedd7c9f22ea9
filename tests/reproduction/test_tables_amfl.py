from __future__ import annotations

import pytest

from karyokit.losses import PAIR_LOSSES
from karyokit.reproduction.protocol import Row
from karyokit.reproduction.recipes import Variant, recipe_of
from karyokit.reproduction.tables.amfl import EIGHT, SYSTEM

ROWS = [(table, row) for table in SYSTEM.tables for row in table.rows]
TRAINED = [(table, row) for table, row in ROWS if row.network]


def by_label(number: str) -> dict[str, Row]:
    return {row.label: row for table in SYSTEM.tables if table.number == number for row in table.rows}


def test_all_lines_of_the_paper_are_there() -> None:
    assert [(table.number, len(table.rows)) for table in SYSTEM.tables] == [
        ("1", 7),
        ("2", 11),
        ("3", 3),
        ("4", 11),
        ("4-gpu", 11),
        ("5", 10),
    ]
    assert SYSTEM.row(SYSTEM.main)[1].task == "adversarial"
    assert SYSTEM.row(SYSTEM.baseline)[1].loss == "cross_entropy"


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda value: getattr(value, "label", getattr(value, "number", "")))
def test_printed_figures_have_columns_and_agree_with_each_other(table, row) -> None:  # type: ignore[no-untyped-def]
    assert set(row.paper) <= set(table.columns)
    assert row.paper
    if table.columns is EIGHT:
        # A pixel that is not missed is found: the paper's columns agree to their last digit.
        assert row.paper["Recall"] + row.paper["FNR"] == pytest.approx(100, abs=1.5e-4)
        assert row.paper["Dice"] > row.paper["IoU"]


@pytest.mark.parametrize("scale", ["paper", "small"])
def test_every_row_makes_a_recipe(scale: str) -> None:
    for table, row in TRAINED:
        recipe = recipe_of(SYSTEM, table, row, fold=0, variant=Variant(scale=scale))
        assert recipe.learning_rate == 2e-4
        assert recipe.betas == (0.5, 0.999)
        assert recipe.seed == 123
        assert recipe.settings["split"] == "amfl_paper"
        assert recipe.settings["loss"] in PAIR_LOSSES
        assert (recipe.batch, recipe.epochs) == (64, 400) or scale == "small" or table.number.startswith("4")
        assert ("width_mult" in recipe.network.options) == (scale == "small")


def test_the_same_experiment_stands_in_several_tables() -> None:
    generators, methods, losses = by_label("1"), by_label("2"), by_label("5")
    assert generators["AMFL (NestedUNet)"].paper == methods["AMFL (Lovasz-Softmax)"].paper == losses["AMFL with Lovasz-Softmax"].paper
    assert methods["NestedUNet"].paper == losses["NestedUNet with CE"].paper
