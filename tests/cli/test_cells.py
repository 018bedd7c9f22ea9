"""The main job on drawn pictures: what is written, which pictures fail, what is kept."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from karyokit import pipeline
from karyokit.cli.cells import distinct_folders, relative_names
from karyokit.pictures import write_png

Run = Callable[..., object]


def test_writes_everything(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    result = karyokit("karyotype", picture_file, "-o", out, *models)
    assert result.exit_code == 0, result.stderr
    assert "6 chromosomes" in result.stdout
    names = {path.name for path in (out / "cell").iterdir()}
    chromosomes = {f"{kind}_0{number}.png" for kind in ("chromosome", "straight") for number in range(1, 7)}
    assert names == chromosomes | {"overlay.png", "karyogram.png", "karyogram.pdf", "measurements.csv", "profiles.csv"}
    assert (out / "cell" / "karyogram.pdf").read_bytes().startswith(b"%PDF")
    rows = list(csv.DictReader((out / "cell" / "measurements.csv").read_text().splitlines()))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    lengths = [float(row["length_px"]) for row in rows]
    assert lengths == pytest.approx([30, 36, 42, 48, 54, 60], abs=3)


def test_annotations_are_coco(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, metaphase: np.ndarray) -> None:
    karyokit("karyotype", picture_file, "-o", tmp_path / "out", *models)
    coco = json.loads((tmp_path / "out" / "annotations.json").read_text())
    image = coco["images"][0]
    assert (image["file_name"], image["width"], image["height"]) == ("cell.png", 200, 160)
    masks = [coco_mask.decode(annotation["segmentation"]).astype(bool) for annotation in coco["annotations"]]
    union, drawn = np.any(masks, axis=0), metaphase > 100
    assert (union & drawn).sum() > 0.99 * (union | drawn).sum()
    assert all(annotation["area"] == mask.sum() for annotation, mask in zip(coco["annotations"], masks, strict=True))
    assert all(0 <= annotation["category_id"] <= 24 for annotation in coco["annotations"])
    assert set(image["models"]) == {"separation", "classification"}


def test_same_picture_same_bytes(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    for name in ("a", "b"):
        karyokit("karyotype", picture_file, "-o", tmp_path / name, *models, "--threads", 1)
    for path in (tmp_path / "a").glob("[!.]*/*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_separate_leaves_out_the_karyogram(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    karyokit("karyotype", picture_file, "-o", tmp_path / "out", *models)
    result = karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    assert result.exit_code == 0
    assert not list((tmp_path / "out" / "cell").glob("karyogram*"))
    coco = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert {annotation["category_id"] for annotation in coco["annotations"]} == {0}


def test_broken_pictures_are_named_and_the_rest_finished(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (64, 64), 7).save(tmp_path / "flat.png")
    folder = tmp_path / "empty"
    folder.mkdir()
    given = [tmp_path / "text.png", tmp_path / "missing.tif", tmp_path / "flat.png", folder, picture_file]
    result = karyokit("karyotype", *given, "-o", tmp_path / "out", *models)
    assert result.exit_code == 1
    for name in ("text.png", "missing.tif", "flat.png", "empty"):
        assert f"Failed: {tmp_path / name}" in result.stderr
    assert "4 failed, 1 finished" in result.stderr
    assert "Traceback" not in result.output
    assert (tmp_path / "out" / "cell" / "karyogram.png").is_file()
    failed = json.loads((tmp_path / "out" / "annotations.json").read_text())["info"]["failed"]
    assert len(failed) == 4


def test_same_stem_twice_gives_two_folders(
    karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, metaphase: np.ndarray
) -> None:
    (tmp_path / "b").mkdir()
    write_png(tmp_path / "b" / "cell.png", metaphase[::-1])
    result = karyokit("separate", picture_file, tmp_path / "b", "-o", tmp_path / "out", *models[:2])
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"cell", "cell-2", "annotations.json", ".karyokit"}
    coco = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert [image["file_name"] for image in coco["images"]] == ["cell.png", "b/cell.png"]


def test_fewer_chromosomes_remove_the_older_pictures_only(
    karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, metaphase: np.ndarray
) -> None:
    karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    (tmp_path / "out" / "cell" / "notes.txt").write_text("mine")
    write_png(picture_file, np.where(np.arange(200) < 100, metaphase, 12).astype(np.uint8))
    karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    names = {path.name for path in (tmp_path / "out" / "cell").iterdir()}
    pictures = {f"{kind}_0{number}.png" for kind in ("chromosome", "straight") for number in (1, 2, 3)}
    assert names == pictures | {"overlay.png", "measurements.csv", "profiles.csv", "notes.txt"}


def test_resume_leaves_out_what_is_done(
    karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    monkeypatch.setattr(pipeline, "separate", lambda *_args, **_options: pytest.fail("ran again"))
    result = karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    assert result.exit_code == 0
    assert "1 finished before" in result.stdout
    assert len(json.loads((tmp_path / "out" / "annotations.json").read_text())["images"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["--stain", "gbnad"],
        ["--mode", "grpah"],
        ["--model", "no-such-model"],
        ["--model", "no-such-model.onnx"],
        ["--threads", "0"],
        ["--colour", "red"],
    ],
)
def test_wrong_usage_is_2(karyokit: Run, picture_file: Path, tmp_path: Path, wrong: list[str]) -> None:
    result = karyokit("karyotype", picture_file, "-o", tmp_path / "out", *wrong)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_no_picture_and_no_output_are_wrong_usage(karyokit: Run, picture_file: Path, tmp_path: Path) -> None:
    assert karyokit("karyotype", "-o", tmp_path / "out").exit_code == 2
    assert karyokit("karyotype", picture_file).exit_code == 2


def test_output_in_the_way_ends_with_one_message(karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = karyokit("karyotype", picture_file, "-o", tmp_path / "out", *models)
    assert result.exit_code == 1
    assert result.stderr.strip().count("\n") == 0
    assert "a file is in the way" in result.stderr


def test_interrupt_keeps_what_is_finished(
    karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, metaphase: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_png(tmp_path / "second.png", metaphase)
    separate = pipeline.separate

    def interrupted(image: Path, **options: object) -> pipeline.AnalysedCell:
        if image.name.endswith("second.png"):
            raise KeyboardInterrupt
        return separate(image, **options)

    monkeypatch.setattr(pipeline, "separate", interrupted)
    result = karyokit("separate", picture_file, tmp_path / "second.png", "-o", tmp_path / "out", *models[:2])
    assert result.exit_code == 130
    assert "Stopped. 1 of 2 finished" in result.stderr
    assert len(json.loads((tmp_path / "out" / "annotations.json").read_text())["images"]) == 1


def test_defects_are_told_apart_and_debug_shows_them(
    karyokit: Run, picture_file: Path, tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "separate", lambda *_args, **_options: [][1])
    plain = karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2])
    assert "unexpected IndexError" in plain.stderr
    assert "Traceback" not in plain.output
    assert "Traceback" in karyokit("separate", picture_file, "-o", tmp_path / "out", *models[:2], "--debug").stderr


def test_folder_names_avoid_each_other_and_the_annotations() -> None:
    assert distinct_folders([Path("a.png"), Path("a-2.png"), Path("x/a.tif"), Path("annotations.json.png")]) == [
        "a",
        "a-2",
        "a-3",
        "annotations.json-2",
    ]
    assert relative_names([Path("a.png"), Path("b/c.png")]) == {Path("a.png"): "a.png", Path("b/c.png"): "c.png"}


def test_help_is_quick_and_complete() -> None:
    script = """
import sys, time
from karyokit.cli import main
sys.argv = ["karyokit", "--help"]
try:
    main()
finally:
    print(time.process_time(), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100"})
    assert float(done.stderr) < 0.5  # seconds of the processor, whatever else the machine does
    for name in ("karyotype", "separate", "reconstruct", "classify", "data", "networks", "models", "train"):
        assert name in done.stdout
    assert "For research use only" in done.stdout


def test_help_loads_no_heavy_library() -> None:
    heavy = ("numpy", "scipy", "skimage", "onnxruntime", "torch")
    code = f"import sys, karyokit.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["karyotyp"], ["karyotype", "a.png"], ["karyotype", "a.png", "-o", "x", "--colour"], ["--colour"]])
def test_wrong_command_lines_get_one_line(karyokit: Run, arguments: list[str]) -> None:
    result = karyokit(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip().endswith("--help.")


def test_groups_without_a_command_show_their_help(karyokit: Run) -> None:
    for arguments in ([], ["data"]):
        assert "Usage:" in karyokit(*arguments).output


def test_unreadable_folder_does_not_stop_the_rest(
    karyokit: Run, picture_file: Path, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    access, iterdir = os.access, Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    monkeypatch.setattr(os, "access", lambda path, mode, **how: str(path) != str(closed) and access(path, mode, **how))
    for command in (["separate", "-o", tmp_path / "out", *models[:2]], ["classify", "-o", tmp_path / "out.csv", "--model", models[3]]):
        result = karyokit(command[0], closed, picture_file, *command[1:])
        assert result.exit_code == 1, result.stderr
        assert f"Failed: {closed}: this folder cannot be read (Permission denied)" in result.stderr
    assert (tmp_path / "out" / "cell" / "overlay.png").is_file()
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2
