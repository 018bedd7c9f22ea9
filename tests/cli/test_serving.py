"""`karyokit serve` and `karyokit review` as a user meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "review"))
from drawn_case import make_case

from karyokit.review.case import Case

Run = Callable[..., Result]
LOST = "Without them outlines can be edited, but not looked at. Name their folder:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case that remembers its pictures, with one signed cell."""
    made = make_case(tmp_path)
    case = Case(made, pictures=tmp_path / "pictures")
    case.submit(1, "brush", {"chromosome": 1, "line": [[30, 25]], "radius": 3, "mode": "add"}, revision=0, who="Ann")
    case.submit(1, "status", {"status": "signed", "name": "Ann"}, revision=1, who="Ann")
    case.close()
    return made


def test_export_writes_coco_training_sets_and_experience(karyokit: Run, folder: Path, tmp_path: Path) -> None:
    found = karyokit("review", "export", folder, "-o", tmp_path / "out.json")
    assert (found.exit_code, found.stdout) == (0, f"1 cell -> {tmp_path / 'out.json'}\n")
    assert len(json.loads((tmp_path / "out.json").read_text())["annotations"]) == 8
    found = karyokit("review", "export", folder, "-o", tmp_path / "set", "--training", "--store", tmp_path / "store")
    assert found.exit_code == 0
    assert "2 experiences" in found.stdout
    assert {path.name for path in (tmp_path / "set").iterdir()} == {"annotations.json", "cell_00001.png"}


def test_wrong_uses_are_named(karyokit: Run, folder: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("serve", tmp_path), "annotations.json is missing"),
        (("serve", folder, "--pictures", tmp_path / "none"), "is not a folder"),
        (("serve", folder, "--token", "short"), "16 or more letters"),
        (("serve", folder, "--model", "none"), "must be one of"),
        (("serve", folder, "--host", "no.such.host.invalid", "--port", "1"), "cannot be listened on"),
        (("review", "export", tmp_path, "-o", tmp_path / "x.json"), "annotations.json is missing"),
    ):
        found = karyokit(*arguments)
        assert found.exit_code in (1, 2), arguments
        assert words in found.stderr
        assert "Traceback" not in found.stderr


def test_missing_pictures_are_said_at_the_start(karyokit: Run, folder: Path, tmp_path: Path) -> None:
    unusable = ("--host", "no.such.host.invalid", "--port", "1")
    assert "not found" not in karyokit("serve", folder, *unusable).stderr
    (tmp_path / "pictures").rename(tmp_path / "elsewhere")
    assert f"1 of 1 pictures are not found (cell.png). {LOST} karyokit serve {folder}" in karyokit("serve", folder, *unusable).stderr
    assert "not found" not in karyokit("serve", folder, "--pictures", tmp_path / "elsewhere", *unusable).stderr


@pytest.mark.slow
def test_a_case_is_served_until_it_is_interrupted(folder: Path) -> None:
    program = "from karyokit.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", str(folder), "--port", "0", "--token", "a-token-of-many-letters"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    address = line.split("Open ")[1].split()[0]
    assert line.startswith("1 cell. Open http://127.0.0.1:")
    base, token = address.split("/?token=")
    request = urllib.request.Request(f"{base}/api/case", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["cells"][0]["status"] == "signed"
    server.send_signal(signal.SIGINT)
    _, errors = server.communicate(timeout=30)
    assert "Traceback" not in errors
    assert server.returncode in (0, 130)
