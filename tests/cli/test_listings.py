"""Lists, data sets and training from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from karyokit.cli.errors import describe, exit_code
from karyokit.data.catalogue import CATALOGUE
from karyokit.inference import registry

Run = Callable[..., object]


def test_models_json(karyokit: Run, models: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MODELS_FOLDER", Path(models[1]).parent)
    rows = json.loads(karyokit("models", "--json").stdout)
    assert [row["name"] for row in rows] == ["tiny", "tiny-classes"]
    assert all(len(row["sha256"]["onnx"]) == 64 and row["paper"] and row["parameters"] >= 0 for row in rows)
    assert "tiny-classes" in karyokit("models").stdout


def test_no_models(karyokit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MODELS_FOLDER", tmp_path)
    assert "There are none." in karyokit("models").stdout


def test_networks_json(karyokit: Run) -> None:
    pytest.importorskip("torch", reason="networks need the train extra")
    rows = json.loads(karyokit("networks", "--json").stdout)
    assert all(row["parameters"] > 0 and row["paper"] for row in rows)


def test_missing_extra_is_explained(karyokit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("karyokit.networks", "torch"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = karyokit("networks")
    assert result.exit_code == 1
    assert "pip install 'karyokit[train]'" in result.stderr


def test_data_list(karyokit: Run, tmp_path: Path) -> None:
    rows = json.loads(karyokit("data", "list", "--data", tmp_path, "--json").stdout)
    assert {row["name"] for row in rows} == set(CATALOGUE)
    assert not any(row["present"] for row in rows)


def test_data_refusals(karyokit: Run, tmp_path: Path) -> None:
    unknown = karyokit("data", "fetch", "pommeir", "--data", tmp_path)
    assert unknown.exit_code == 2
    assert "Did you mean 'pommier'" in unknown.stderr
    assert karyokit("data", "build", "nothing", "-o", tmp_path / "x.npz").exit_code == 2
    missing = karyokit("data", "build", "pommier", "-o", tmp_path / "x.npz", "--data", tmp_path)
    assert missing.exit_code == 2
    assert "pommier" in missing.stderr


def test_train_refusals(karyokit: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the train extra")
    assert karyokit("train", tmp_path / "none.toml").exit_code == 2
    assert karyokit("train").exit_code == 2


def test_unknown_command_and_no_command(karyokit: Run) -> None:
    assert karyokit("karyotpye").exit_code == 2
    assert "Usage" in karyokit().output


def test_descriptions() -> None:
    assert "memory" in describe(MemoryError())
    assert "karyokit[data]" in describe(ModuleNotFoundError("no", name="h5py"))
    assert "defect" in describe(KeyError("x"))
    assert exit_code(FileNotFoundError("x")) == 2
    assert exit_code(OSError("x")) == 1
