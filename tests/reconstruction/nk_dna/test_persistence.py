"""Stores in folders: round trips, damage, other versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from karyokit.reconstruction.nk_dna import KnowledgeStore, load_store, save_store


def test_round_trip_is_exact_and_repeatable(learned: KnowledgeStore, tmp_path: Path) -> None:
    save_store(learned, tmp_path / "a")
    assert load_store(tmp_path / "a") == learned
    save_store(load_store(tmp_path / "a"), tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_empty_store_and_replacing(learned: KnowledgeStore, tmp_path: Path) -> None:
    save_store(learned, tmp_path)
    save_store(KnowledgeStore(), tmp_path)
    assert load_store(tmp_path) == KnowledgeStore()
    assert len(list(tmp_path.iterdir())) == 2  # the old table of states is gone


def test_file_names_the_four_elements_in_plain_text(learned: KnowledgeStore, tmp_path: Path) -> None:
    save_store(learned, tmp_path)
    content = json.loads((tmp_path / "knowledge.json").read_text())
    assert content["schema"] == 1
    assert {row["action"]["kind"] for row in content["experiences"]} == {"refine", "band"}
    assert {row["parameters"]["w1"] for row in content["networks"]} == {row.parameters.w1 for row in learned.networks}
    with np.load(tmp_path / content["states"]["file"]) as archive:
        assert archive["states"].shape == (len(learned.experiences), len(content["features"]))


def _edit(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        content = json.loads((folder / "knowledge.json").read_text())
        change(content)
        (folder / "knowledge.json").write_text(json.dumps(content))

    return apply


def _states(folder: Path) -> Path:
    return next(folder.glob("states-*.npz"))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "half a file": lambda folder: (folder / "knowledge.json").write_text((folder / "knowledge.json").read_text()[:200]),
    "not json": lambda folder: (folder / "knowledge.json").write_bytes(b"\xff\xfe\x00"),
    "a list": lambda folder: (folder / "knowledge.json").write_text("[]"),
    "no states": lambda folder: _states(folder).unlink(),
    "cut states": lambda folder: _states(folder).write_bytes(_states(folder).read_bytes()[:60]),
    "other states": lambda folder: np.savez(_states(folder), states=np.zeros((1, 2))),
    "states without table": lambda folder: np.savez(_states(folder), other=np.zeros((1, 2))),
    "reward made better": _edit(lambda content: content["experiences"][0].update(iou_change=0.9)),
    "score made better": _edit(lambda content: content["networks"][0].update(score=1.0)),
    "experience dropped": _edit(lambda content: content["experiences"].pop()),
    "unknown parameter": _edit(lambda content: content["networks"][0]["parameters"].update(sigma=1)),
    "missing key": _edit(lambda content: content["networks"][0].pop("version")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_one_message_that_names_the_file(learned: KnowledgeStore, tmp_path: Path, damage: str) -> None:
    save_store(learned, tmp_path)
    DAMAGES[damage](tmp_path)
    with pytest.raises(ValueError, match="undamaged knowledge store") as caught:
        load_store(tmp_path)
    assert "knowledge.json" in str(caught.value)


@pytest.mark.parametrize("change", [{"schema": 2}, {"features": ["area"]}])
def test_other_versions_are_told_apart_from_damage(tmp_path: Path, change: dict[str, object]) -> None:
    save_store(KnowledgeStore(), tmp_path)
    _edit(lambda content: content.update(change))(tmp_path)
    with pytest.raises(ValueError, match="version of karyokit that wrote it"):
        load_store(tmp_path)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"knowledge\.json"):
        load_store(tmp_path / "none")
