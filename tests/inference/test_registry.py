"""Cards, hashes and the choice of a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).parent))
import tiny_models

from karyokit.files import sha256_of
from karyokit.inference import default_model, list_models, load_model, seal_card
from karyokit.inference.session import open_session


def test_list_is_sorted_and_empty_for_an_empty_folder(tmp_path: Path) -> None:
    assert list_models(tmp_path) == ()
    tiny_models.separator(tmp_path, "b")
    tiny_models.classifier(tmp_path, "a")
    assert [card.name for card in list_models(tmp_path)] == ["a", "b"]


def test_shipped_cards_match_their_files() -> None:
    for card in list_models():
        assert load_model(card.name).card == card
        assert load_model(card.name).path.stat().st_size < 20e6


def test_load_by_name_and_by_path(tmp_path: Path) -> None:
    card = tiny_models.separator(tmp_path)
    assert load_model("tiny", folder=tmp_path).card == card
    assert load_model(tmp_path / "tiny.onnx").card == card
    assert card.sha256["onnx"] == sha256_of(tmp_path / "tiny.onnx")


def test_unknown_name_lists_the_known(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path)
    with pytest.raises(ValueError, match=r"one of \['tiny'\].*Did you mean 'tiny'"):
        load_model("tinny", folder=tmp_path)


@pytest.mark.parametrize("suffix", [".onnx", ".safetensors"])
def test_changed_file_is_refused(tmp_path: Path, suffix: str) -> None:
    tiny_models.separator(tmp_path)
    with (tmp_path / f"tiny{suffix}").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ValueError, match=rf"`tiny{suffix}` must be the file its card describes, got sha256"):
        load_model("tiny", folder=tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path)
    (tmp_path / "tiny.onnx").rename(tmp_path / "alone.onnx")
    with pytest.raises(FileNotFoundError, match="card beside it"):
        load_model(tmp_path / "alone.onnx")
    with pytest.raises(FileNotFoundError, match=r"its file tiny\.onnx"):
        load_model("tiny", folder=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"hold tiny\.onnx"):
        seal_card(tiny_models.card(), tmp_path)


def test_wrong_card_names_the_file_and_the_field(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path)
    fields = json.loads((tmp_path / "tiny.json").read_text())
    (tmp_path / "tiny.json").write_text(json.dumps({**fields, "colour": "red"}))
    with pytest.raises(ValueError, match=r"tiny\.json: colour"):
        list_models(tmp_path)
    with pytest.raises(ValidationError, match="temperature"):
        tiny_models.card(temperature=0)


def test_default_model(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path, "a")
    tiny_models.separator(tmp_path, "b", default_for=("fluorescence",))
    assert default_model("separation", "fluorescence", folder=tmp_path).card.name == "b"
    with pytest.raises(ValueError, match="`stain` must be one that a separation model is shipped for, got 'brightfield'"):
        default_model("separation", "brightfield", folder=tmp_path)


def test_session_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="exists"):
        open_session(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ValueError, match="readable ONNX"):
        open_session(tmp_path / "text.onnx")
    with pytest.raises(ValueError, match="`threads` must lie"):
        open_session(tmp_path / "text.onnx", threads=0)
