from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from karyokit.reproduction import making
from karyokit.reproduction.recipes import Variant
from karyokit.reproduction.run import Request, reproduce

Tiny = Callable[..., Request]


def test_a_table_is_run_written_and_kept(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    folder = reproduce(tiny(command="karyokit reproduce tiny"), said.append)
    assert said == ["Runs to make: 1.", "[1/1] made: table 5: UNet, fold 0"]
    record = json.loads((folder / "table_5.json").read_text())
    row = record["rows"][0]
    assert 0 <= row["ours"]["IoU"] <= 100
    assert row["ours"]["ms"] > 0
    assert row["paper"] == {"IoU": 96.38, "ms": 3.8}
    assert record["scale"] == "small"
    assert record["split"] == "pair_disjoint"
    assert record["seed"] == 0
    assert record["command"] == "karyokit reproduce tiny"
    assert row["runs"][0]["hardware"]
    assert row["runs"][0]["seconds_of_training"] > 0
    assert record["rows"][1]["ours"]["IoU"] is None
    markdown = (folder / "table_5.md").read_text()
    assert "[96.38]" in markdown
    assert "[94.70 (0.50)]" in markdown
    assert "Scale small: two steps" in markdown
    lines = list(csv.reader((folder / "table_5.csv").read_text().splitlines()))
    assert len({len(line) for line in lines}) == 1
    monkeypatch.setattr(making, "_trained_and_scored", None)
    again = reproduce(tiny())
    assert json.loads((again / "table_5.json").read_text())["rows"][0]["ours"] == row["ours"]


def test_the_page_shows_figures_and_pictures_and_asks_nothing_of_the_network(tiny: Tiny) -> None:
    folder = reproduce(tiny())
    page = (folder / "index.html").read_text()
    assert "Tiny &lt;Net&gt;" in page
    assert "[96.38]" in page
    assert page.count("data:image/png;base64,") >= 2
    assert not re.search(r"(src|href)=.?(https?:)?//", page)
    cases = json.loads(next((folder / "runs").glob("*/cases.json")).read_text())
    assert {case["rank"] for case in cases} <= {"best", "median", "worst"}
    assert all(case["panels"] == ["picture", "truth", "network"] for case in cases)


def test_folds_have_runs_of_their_own_and_a_spread(tiny: Tiny) -> None:
    folder = reproduce(tiny(tables=("4",)))
    record = json.loads((folder / "table_4.json").read_text())
    assert [run["fold"] for run in record["rows"][0]["runs"]] == [0, 1]
    assert len(list((folder / "runs").iterdir())) == 2
    assert record["rows"][0]["spread"]["train"] >= 0


def test_runs_at_once_give_what_runs_in_turn_give(tiny: Tiny, tmp_path: Path) -> None:
    rows = [
        json.loads((reproduce(tiny(tables=("4",), workers=workers, out=tmp_path / str(workers))) / "table_4.json").read_text())["rows"][0]
        for workers in (1, 2)
    ]
    assert [run["fold"] for run in rows[1]["runs"]] == [0, 1]
    assert rows[1]["ours"]["train"] == pytest.approx(rows[0]["ours"]["train"], abs=0.01)


def test_equal_runs_of_two_tables_are_made_once(tiny: Tiny) -> None:
    said: list[str] = []
    folder = reproduce(tiny(tables=("5", "6"), rows=("UNet",)), said.append)
    assert said == ["Runs to make: 1.", "[1/1] made: table 5: UNet, fold 0; table 6: UNet, fold 0"]
    one, other = (json.loads((folder / f"table_{name}.json").read_text())["rows"][0] for name in ("5", "6"))
    assert one["runs"][0]["folder"] == other["runs"][0]["folder"]
    assert 0 <= other["ours"]["train"] <= 1


def test_rows_finished_before_stay_in_the_table(tiny: Tiny) -> None:
    reproduce(tiny(tables=("6",), rows=("UNet",)))
    said: list[str] = []
    folder = reproduce(tiny(tables=("6",), rows=("UNet with Dice",)), said.append)
    assert said == ["Runs to make: 1.", "[1/1] made: table 6: UNet with Dice, fold 0"]
    rows = json.loads((folder / "table_6.json").read_text())["rows"]
    assert [len(row["runs"]) for row in rows] == [1, 1]
    assert rows[0]["ours"]["train"] is not None


def test_another_split_is_another_run(tiny: Tiny) -> None:
    folder = reproduce(tiny())
    reproduce(tiny(variant=Variant(split="chrom_disjoint")))
    assert len(list((folder / "runs").iterdir())) == 2
    assert json.loads((folder / "table_5.json").read_text())["split"] == "chrom_disjoint"


def test_wrong_names_are_told_before_anything_is_trained(tiny: Tiny, tmp_path: Path) -> None:
    for change, message in (
        ({"tables": ("9",)}, r"`table` must be one of \['4', '5', '6', 'honest'\]"),
        ({"rows": ("Nobody",)}, r"`row` must be one of \['UNet'\]"),
        ({"variant": Variant("tall")}, "`scale` must be one of"),
    ):
        with pytest.raises(ValueError, match=message):
            reproduce(tiny(**change))
    with pytest.raises(ValueError, match="`system` must be one of"):
        reproduce(Request("nobody", tmp_path))
    assert not (tmp_path / "out").exists()
