"""Damaged files of a case: opened and followed, or refused as a case in one line that names the file."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from drawn_case import make_case
from mangling import Damage, damages, read_or_refuse

from karyokit.review.case import Case
from karyokit.review.case_file import CaseError


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with a few edits, closed, its log in one file."""
    folder = make_case(tmp_path_factory.mktemp("sound"))
    case = Case(folder, pictures=folder.parent / "pictures")
    for kind, arguments in (("flip", {"chromosomes": [1]}), ("delete", {"chromosomes": [2]}), ("marker", {"chromosome": 3, "text": "mar"})):
        case.submit(1, kind, arguments, revision=case.history(1).revision, who="Ann")
    case.close()
    return folder


def opened(folder: Path) -> None:
    """Open a case and follow its log; ``CaseError`` counts as a refusal."""
    try:
        case = Case(folder)
        try:
            for cell in case.cells:
                assert case.state(cell).present is not None
        finally:
            case.close()
    except CaseError as error:
        raise ValueError(str(error)) from error


@given(damage=damages)
def test_damaged_annotations(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    folder = tmp_path_factory.mktemp("damaged") / "case"
    folder.mkdir()
    path = folder / "annotations.json"
    path.write_bytes(damage((sound / "annotations.json").read_bytes()))
    read_or_refuse(lambda: opened(folder), path)


@given(damage=damages)
def test_a_damaged_database(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("damaged") / "case"))
    path = folder / "case.sqlite"
    path.write_bytes(damage(path.read_bytes()))
    read_or_refuse(lambda: opened(folder), path)


@given(damage=damages, column=st.sampled_from(["arguments", "outcome", "models"]), row=st.integers(1, 3))
def test_a_damaged_entry_of_the_log(sound: Path, tmp_path_factory: pytest.TempPathFactory, damage: Damage, column: str, row: int) -> None:
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("damaged") / "case"))
    base = sqlite3.connect(folder / "case.sqlite")
    (text,) = base.execute(f"SELECT {column} FROM commands WHERE id = ?", (row,)).fetchone()
    base.execute(f"UPDATE commands SET {column} = ? WHERE id = ?", (damage(text.encode()).decode("utf-8", "replace"), row))
    base.commit()
    base.close()
    read_or_refuse(lambda: opened(folder), folder / "case.sqlite")
