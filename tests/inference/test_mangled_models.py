"""Damaged model files are refused in one line that names the file; a session is never opened on bytes that the card does not know."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import tiny_models
from mangling import Damage, damages, read_or_refuse

from karyokit.inference import load_model
from karyokit.inference.registry import list_models
from karyokit.inference.session import open_session


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small model."""
    folder = tmp_path_factory.mktemp("sound")
    tiny_models.separator(folder, stains=("fluorescence",))
    return folder


@given(damage=damages)
def test_damaged_cards_are_refused_or_read(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("models") / "models"))
    card = folder / "tiny.json"
    card.write_bytes(damage(card.read_bytes()))
    if read_or_refuse(lambda: list_models(folder), card):
        read_or_refuse(lambda: load_model(str(folder / "tiny.onnx")), card.with_suffix(".onnx"))


@given(damage=damages)
def test_a_changed_network_is_refused(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("models") / "models"))
    onnx = folder / "tiny.onnx"
    before = onnx.read_bytes()
    onnx.write_bytes(damage(before))
    assert read_or_refuse(lambda: load_model(str(onnx)), onnx) == (onnx.read_bytes() == before)


@given(damage=damages)
def test_what_is_no_network_is_refused(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    onnx = tmp_path_factory.mktemp("networks") / "tiny.onnx"
    onnx.write_bytes(damage((sound / "tiny.onnx").read_bytes()))
    read_or_refuse(lambda: open_session(onnx, threads=1), onnx)
