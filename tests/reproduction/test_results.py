from __future__ import annotations

import json

from karyokit.reproduction.protocol import Column, Row, System, Table
from karyokit.reproduction.recipes import Variant
from karyokit.reproduction.results import Run, TableResult, as_csv, as_markdown, as_record


def result() -> TableResult:
    row = Row("A|B", "net", paper={"IoU": (99.29, 0.27)})
    table = Table("4", "Folds", {"IoU": Column("pooled/iou")}, (row, Row("quoted", paper={"IoU": 95.0})), split="rse", folds=(0, 1))
    found = TableResult(System("s", "S", "A 2021", "pairs", (table,), "A|B", "A|B"), table, Variant(), "karyokit reproduce s")
    for fold, value in ((0, 0.98), (1, 0.99)):
        found.add(row, Run(fold, f"net-{fold}", {"pooled/iou": value}, {"hardware": "an abacus"}))
    return found


def test_mean_and_spread_over_folds_beside_the_paper() -> None:
    markdown = as_markdown(result())
    assert "| A\\|B | 98.50 ± 0.71 [99.29 (0.27)] |" in markdown
    assert "| quoted | - [95.00] |" in markdown
    assert "an abacus" in markdown
    assert "Command: `karyokit reproduce s`" in markdown


def test_plain_values_by_hand() -> None:
    assert as_csv(result()).splitlines()[1].split(",")[:2] == ["A|B", "98.5"]
    record = as_record(result())
    assert record["rows"][0]["ours"]["IoU"] == 98.5
    assert record["rows"][1]["ours"]["IoU"] is None
    json.dumps(record, allow_nan=False)


def test_one_fold_has_no_spread() -> None:
    found = result()
    found.runs["A|B"].pop()
    assert as_record(found)["rows"][0]["spread"]["IoU"] is None
    assert "± " not in as_markdown(found)
