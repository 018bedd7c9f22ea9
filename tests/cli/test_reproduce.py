from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

pytest.importorskip("torch", reason="reproducing needs the train extra")


def test_unknown_names_are_listed(karyokit: Callable[..., Result], tmp_path: Path) -> None:
    result = karyokit("reproduce", "armss", "-o", tmp_path)
    assert result.exit_code == 2
    assert "`system` must be one of ['amfl', 'arms', 'chromseg', 'kemr', 'rse'], got 'armss'. Did you mean 'arms'?" in result.stderr


def test_help_names_the_scales(karyokit: Callable[..., Result]) -> None:
    text = karyokit("reproduce", "--help").stdout
    assert "--scale" in text
    assert "paper" in text
    assert "small" in text
