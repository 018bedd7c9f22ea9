"""A drawn metaphase, tiny models, and a way to run the command in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
import tiny_models

from karyokit.cli import app
from karyokit.pictures import write_png


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches stay in this process, where tests can look on."""
    monkeypatch.setattr("karyokit.cli.batches._cores", lambda: 1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options that name a thresholding separator and a classifier of the mean level."""
    folder = tmp_path_factory.mktemp("models")
    tiny_models.separator(folder, stains=("fluorescence", "brightfield"))
    tiny_models.classifier(folder, rows=128, columns=32, stains=("fluorescence", "brightfield"))
    return ["--model", str(folder / "tiny.onnx"), "--classifier", str(folder / "tiny-classes.onnx")]


@pytest.fixture(scope="session")
def metaphase() -> np.ndarray:
    """(160, 200) uint8 fluorescence picture of six upright bars, 10 px wide and 30 to 60 px long."""
    picture = np.full((160, 200), 12, np.uint8)
    picture[::7, ::5] += 3
    for number in range(6):
        picture[20 : 50 + 6 * number, 15 + 30 * number : 25 + 30 * number] = 150 + 5 * number
    return picture


@pytest.fixture
def picture_file(tmp_path: Path, metaphase: np.ndarray) -> Path:
    """The drawn metaphase as cell.png."""
    path = tmp_path / "cell.png"
    write_png(path, metaphase)
    return path


@pytest.fixture
def karyokit() -> Callable[..., Result]:
    """Run ``karyokit ARGUMENTS`` and give exit code, stdout and stderr."""
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])
