from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Run = Callable[..., object]


def test_case_of_a_run(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    karyokit("karyotype", picture_file, "-o", tmp_path / "out", *models)
    result = karyokit("case", tmp_path / "out", "-o", tmp_path / "report")
    assert result.exit_code == 0, result.stderr
    assert "1 of low confidence" in result.stdout
    assert "no cell is sure enough for a proposal" in result.stdout
    assert (tmp_path / "report" / "case.pdf").exists()


def test_a_folder_without_annotations(karyokit: Run, tmp_path: Path) -> None:
    result = karyokit("case", tmp_path, "-o", tmp_path / "report")
    assert result.exit_code == 2
    assert "there are no annotations" in result.stderr
    assert not (tmp_path / "report").exists()
