"""A system of one table over the bars of the training tests, run in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))
from bar_pairs import bars

from karyokit.data.pommier import save_pairs
from karyokit.reproduction import tables
from karyokit.reproduction.protocol import Column, Row, System, Table
from karyokit.reproduction.run import Request
from karyokit.reproduction.scales import SCALES, Reduction
from karyokit.training import timing

COLUMNS = {"IoU": Column("pooled/iou"), "Dice": Column("per_image/dice", digits=1), "ms": Column("ms", factor=1, digits=1)}
SIGMOID = {"activation": "sigmoid", "decision": "sigmoid_round"}


def tiny_system(cache: Path) -> System:
    """UNet beside a quoted line; a table with two folds that shares no run with the first; a table of the first one's run and one more."""
    rows = (
        Row(
            "UNet",
            "arms_unet",
            loss="bce",
            settings={"activation": "sigmoid", "decision": "sigmoid_round"},
            paper={"IoU": 96.38, "ms": 3.8},
        ),
        Row("Quoted", paper={"IoU": (94.7, 0.5)}, note="not run"),
    )
    first = Table("5", "Ablation", COLUMNS, rows, split="pair_disjoint")
    folds = Table("4", "Folds", {"train": Column("train:pooled/iou")}, rows[:1], split="rse", folds=(0, 1))
    other = replace(rows[0], label="UNet with Dice", loss="dice", paper={})
    again = Table("6", "The run of table 5, and another", {"train": Column("train:pooled/iou")}, (rows[0], other), split="pair_disjoint")
    settings = {"cache": str(cache), "labels": "truth"}
    return System("tiny", "Tiny <Net>", "A. Author 2021", "pairs", (first, folds, again), "UNet", "UNet", settings=settings)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Request]:
    """Registers the system ``tiny`` and makes requests for it."""
    cache = tmp_path / "prepared"
    cache.mkdir()
    save_pairs(cache / "pommier.npz", bars())
    module = ModuleType("tiny_tables")
    module.SYSTEM = tiny_system(cache)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tiny_tables", module)
    monkeypatch.setitem(tables.SYSTEMS, "tiny", "tiny_tables")
    training = {"steps": 2, "batch": 2, "validate_every": 1, "schedule": "constant", "average": 0.0}
    reduction = Reduction("two steps", training, {"limits": (4, 2, 4)}, width_mult=1 / 32)
    monkeypatch.setitem(SCALES, "small", {"pairs": reduction})
    monkeypatch.setattr(timing, "WARM_UP", 1)
    monkeypatch.setattr(timing, "RUNS", 3)
    return lambda **changes: Request("tiny", **{"out": tmp_path / "out", "tables": ("5",), "data": str(tmp_path), **changes})
