"""Single stages from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from karyokit import pictures, pipeline
from karyokit.pictures import write_png
from karyokit.pipeline import separating

Run = Callable[..., object]


@pytest.fixture
def cross(tmp_path: Path) -> dict[str, Path]:
    """Picture, foreground and overlap files of two bars that cross."""
    foreground = np.zeros((60, 60), bool)
    foreground[26:34, 6:54] = foreground[6:54, 26:34] = True
    overlap = np.zeros((60, 60), bool)
    overlap[26:34, 26:34] = True
    paths = {name: tmp_path / f"{name}.png" for name in ("image", "foreground", "overlap")}
    write_png(paths["image"], (100 * foreground + 80 * overlap + 10).astype(np.uint8))
    write_png(paths["foreground"], foreground)
    Image.fromarray(overlap.astype(np.uint8)).save(paths["overlap"])  # a 0/1 mask
    return paths


@pytest.mark.parametrize("mode", ["graph", "legacy"])
def test_reconstruct_two_crossing_bars(karyokit: Run, cross: dict[str, Path], tmp_path: Path, mode: str) -> None:
    options = [part for name, path in cross.items() for part in (f"--{name}", path)]
    result = karyokit("reconstruct", *options, "--mode", mode, "-o", tmp_path / "out.npz")
    assert result.exit_code == 0, result.stderr
    masks = np.load(tmp_path / "out.npz")["masks"]
    assert masks.dtype == bool
    assert masks.shape == (2, 60, 60)
    assert (abs(masks.sum(axis=(1, 2)) - 48 * 8) <= 1).all()  # a pixel at a corner of the crossing may go to either arm
    assert (masks.all(axis=0)).sum() == 64


def test_borders_are_seen_in_the_picture_unless_told_otherwise(
    karyokit: Run, cross: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    seen = separating.separation_maps
    monkeypatch.setattr(separating, "separation_maps", lambda *arguments: asked.append(1) or seen(*arguments))
    options = [part for name, path in cross.items() for part in (f"--{name}", path)]
    for extra, times in (([], 1), (["--no-network"], 1), (["--mode", "legacy"], 1), (["--border", cross["overlap"]], 1)):
        assert karyokit("reconstruct", *options, *extra, "-o", tmp_path / "out.npz").exit_code == 0
        assert len(asked) == times


def test_reconstruct_refuses(karyokit: Run, cross: dict[str, Path], tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    write_png(small, np.ones((5, 5), bool))
    options = ["--image", cross["image"], "--foreground", cross["foreground"], "-o", tmp_path / "out.npz"]
    unequal = karyokit("reconstruct", *options, "--overlap", small)
    assert unequal.exit_code == 2
    assert unequal.stderr.count("\n") == 1
    assert str(small) in unequal.stderr
    assert karyokit("reconstruct", *options, "--overlap", cross["overlap"], "--mode", "grpah").exit_code == 2
    missing = karyokit("reconstruct", *options, "--overlap", tmp_path / "none.png")
    assert missing.exit_code == 1
    assert "none.png" in missing.stderr
    assert not (tmp_path / "out.npz").exists()


def test_no_foreground_gives_no_masks(karyokit: Run, cross: dict[str, Path], tmp_path: Path) -> None:
    write_png(tmp_path / "black.png", np.zeros((60, 60), bool))
    options = ["--image", cross["image"], "--foreground", tmp_path / "black.png", "--overlap", tmp_path / "black.png"]
    assert karyokit("reconstruct", *options, "-o", tmp_path / "out.npz").exit_code == 0
    assert np.load(tmp_path / "out.npz")["masks"].shape == (0, 60, 60)


def test_classify_files_and_folders(karyokit: Run, models: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "singles"
    folder.mkdir()
    dark, light = np.zeros((40, 20), np.uint8), np.full((40, 20), 255, np.uint8)
    dark[6:34, 7:13], light[6:34, 7:13] = 180, 60
    write_png(folder / "dark.png", dark)
    write_png(folder / "light.png", light)
    Image.new("L", (20, 40), 9).save(tmp_path / "flat.png")
    result = karyokit("classify", folder, tmp_path / "flat.png", "-o", tmp_path / "out.csv", "--model", models[3])
    assert result.exit_code == 1, result.stderr
    assert "flat.png" in result.stderr
    lines = (tmp_path / "out.csv").read_text().split()
    assert lines[0] == "file,class,probability,polarity"
    assert len(lines) == 3
    assert all(line.split(",")[1] == "Y" and line.endswith("up") for line in lines[1:])


def test_pictures_of_a_folder_are_named_together_as_one_cell(karyokit: Run, models: list[str], tmp_path: Path) -> None:
    for folder, height in (("one", 28), ("two", 20)):
        (tmp_path / folder).mkdir()
        for number in (1, 2):
            plane = np.zeros((40, 20), np.uint8)
            plane[6 : 6 + height, 7:13] = 180
            write_png(tmp_path / folder / f"{number}.png", plane)
    Image.new("L", (20, 40), 9).save(tmp_path / "one" / "flat.png")
    result = karyokit("classify", tmp_path / "one", tmp_path / "two", "-o", tmp_path / "out.csv", "--model", models[3], "--one-cell")
    assert result.exit_code == 1, result.stderr
    assert "flat.png" in result.stderr
    rows = [line.split(",") for line in (tmp_path / "out.csv").read_text().split()[1:]]
    assert [Path(row[0]).parent.name for row in rows] == ["one", "one", "two", "two"]
    alone = karyokit("classify", tmp_path / "two", "-o", tmp_path / "two.csv", "--model", models[3], "--one-cell")
    assert alone.exit_code == 0
    assert (tmp_path / "two.csv").read_text().split()[1:] == (tmp_path / "out.csv").read_text().split()[3:]


def test_classify_needs_a_classifier(karyokit: Run, tmp_path: Path) -> None:
    assert karyokit("classify", tmp_path, "-o", tmp_path / "out.csv", "--model", "nothing").exit_code == 2


@pytest.mark.parametrize("command", ["classify", "reconstruct"])
def test_output_that_cannot_be_written_is_told_before_the_work(
    karyokit: Run, cross: dict[str, Path], models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(pipeline, "see_single", lambda *_args, **_options: pytest.fail("worked in vain"))
    monkeypatch.setattr(pictures, "read_mask", lambda *_args: pytest.fail("worked in vain"))
    given = [cross["image"], "--model", models[3]]
    planes = ["--image", cross["image"], "--foreground", cross["foreground"], "--overlap", cross["overlap"]]
    result = karyokit(command, *(given if command == "classify" else planes), "-o", tmp_path / "no" / "out")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "its folder does not exist" in result.stderr


def test_picture_of_no_chromosome_is_named_once(karyokit: Run, models: list[str], tmp_path: Path) -> None:
    speck = np.zeros((20, 20), np.uint8)
    speck[10, 10] = 99
    write_png(tmp_path / "speck.png", speck)
    result = karyokit("classify", tmp_path / "speck.png", "-o", tmp_path / "out.csv", "--model", models[3])
    assert result.stderr.startswith(f"Failed: {tmp_path / 'speck.png'}: no chromosome is in view")
    assert result.stderr.count("speck.png") == 1
