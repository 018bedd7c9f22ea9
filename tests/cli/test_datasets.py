from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result


def test_sets_are_listed_where_nothing_is_there(karyokit: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KARYOKIT_DATA", str(tmp_path / "nowhere"))
    result = karyokit("data", "list", "--json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert {"mfish", "pommier", "gband_cells"} <= {row["name"] for row in rows}
    assert not any(row["present"] for row in rows)


def test_a_present_set_is_marked(karyokit: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "gband_cells").mkdir()
    (tmp_path / "gband_cells" / "train.json").write_text("{}")
    rows = json.loads(karyokit("data", "list", "--data", tmp_path, "--json").stdout)
    assert [row["name"] for row in rows if row["present"]] == ["gband_cells"]


def test_building_without_the_sources_names_the_folder(karyokit: Callable[..., Result], tmp_path: Path) -> None:
    result = karyokit("data", "build", "pommier", "-o", tmp_path / "pairs.npz", "--data", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "nowhere is not there" in result.stderr.replace("\n", "")
    assert not list(tmp_path.iterdir())


def test_unknown_set_and_unwritable_output_are_one_line(karyokit: Callable[..., Result], tmp_path: Path) -> None:
    unknown = karyokit("data", "fetch", "mfsh", "--data", tmp_path)
    assert (unknown.exit_code, unknown.stderr.count("\n")) == (2, 1)
    assert "Did you mean 'mfish'?" in unknown.stderr
    nowhere = karyokit("data", "build", "pommier", "-o", tmp_path / "no" / "pairs.npz", "--data", tmp_path)
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)
    assert "its folder does not exist" in nowhere.stderr


def test_clusters_are_written_as_clusters_in_their_layout(
    karyokit: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from karyokit.data import cluster_sets
    from karyokit.data.cluster_sets import CLUSTER_SETS

    few = [picture for _, picture in zip(range(2), CLUSTER_SETS["procedural"](tmp_path, "val"), strict=False)]
    for name in ("mfish", "gband"):
        monkeypatch.setitem(cluster_sets.CLUSTER_SETS, name, lambda _data, split: iter(few if split == "val" else few[:1]))
    result = karyokit("data", "build", "clusters", "-o", tmp_path / "clusters", "--data", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "mfish: 1 train, 2 val, 1 test" in result.stdout
    written = sorted(path.name for path in (tmp_path / "clusters" / "gband" / "val").iterdir())
    assert written[:2] == ["binary_label1_val_1.png", "binary_label1_val_2.png"]
    assert len(written) == 8
