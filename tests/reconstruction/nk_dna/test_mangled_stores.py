"""Damaged knowledge stores are read or refused in one line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mangling import Damage, damages, read_or_refuse

from karyokit.reconstruction.nk_dna import KnowledgeStore, load_store, save_store


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it comes."""
    folder = tmp_path_factory.mktemp("sound")
    save_store(KnowledgeStore(), folder)
    return folder


@pytest.mark.parametrize("pattern", ["knowledge.json", "states-*.npz"])
@given(damage=damages)
def test_damaged_stores_are_refused_or_read(sound: Path, tmp_path_factory: pytest.TempPathFactory, pattern: str, damage: Damage) -> None:
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("stores") / "store"))
    (path,) = folder.glob(pattern)
    path.write_bytes(damage(path.read_bytes()))
    read_or_refuse(lambda: load_store(folder), folder / "knowledge.json")
