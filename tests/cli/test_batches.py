"""Batches through the command: the same bytes wherever the work is done, going on by content, a full disk."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import karyokit as package
from karyokit import files, pipeline
from karyokit.cli.batches import Place
from karyokit.exchange.coco import read_coco
from karyokit.pictures import write_png

Run = Callable[..., object]


@pytest.fixture
def folder(tmp_path: Path, metaphase: np.ndarray) -> Path:
    """Three drawn metaphases and a file that is none."""
    (tmp_path / "in").mkdir()
    for name, picture in (("a", metaphase), ("b", metaphase[::-1]), ("c", metaphase[:, ::-1])):
        write_png(tmp_path / "in" / f"{name}.png", picture)
    (tmp_path / "in" / "text.png").write_text("no picture")
    return tmp_path / "in"


def files_of(out: Path) -> dict[str, bytes]:
    found = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found if ".karyokit" not in path.parts}


@pytest.mark.slow
@pytest.mark.parametrize("place", [["--workers", "2"], ["--cluster", "local"]])
def test_other_places_give_the_bytes_of_this_process(
    karyokit: Run, folder: Path, models: list[str], tmp_path: Path, place: list[str]
) -> None:
    if "--cluster" in place:
        pytest.importorskip("ray", reason="Ray is not installed; pip install 'karyokit[cluster]' to run this test")
    here = karyokit("karyotype", folder, "-o", tmp_path / "here", *models, "--threads", 1)
    there = karyokit("karyotype", folder, "-o", tmp_path / "there", *models, *place)
    assert (here.exit_code, there.exit_code) == (1, 1)
    assert "1 failed, 3 finished" in there.stderr
    assert files_of(tmp_path / "here") == files_of(tmp_path / "there")
    assert there.stdout == here.stdout.replace("here", "there")
    assert "text.png" in there.stderr


def test_a_batch_is_analyse_and_save_cell(karyokit: Run, folder: Path, models: list[str], tmp_path: Path) -> None:
    karyokit("karyotype", folder / "a.png", "-o", tmp_path / "out", *models, "--threads", 1)
    cell = package.analyse(folder / "a.png", model=models[1], classifier=models[3], threads=1)
    package.save_cell(cell, tmp_path / "plain" / "a")
    package.write_coco(tmp_path / "plain" / "annotations.json", [cell])
    assert files_of(tmp_path / "out") == files_of(tmp_path / "plain")


def test_a_changed_picture_and_other_options_are_done_again(
    karyokit: Run, folder: Path, models: list[str], tmp_path: Path, metaphase: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    separate = pipeline.separate
    monkeypatch.setattr(pipeline, "separate", lambda image, **options: (done.append(Path(image.name).name), separate(image, **options))[1])

    def run(*options: str) -> list[str]:
        done.clear()
        assert karyokit("separate", folder, "-o", tmp_path / "out", *models[:2], *options).exit_code == 1
        return list(done)

    assert run() == ["a.png", "b.png", "c.png"]
    assert run() == []
    write_png(folder / "b.png", metaphase[::-1, ::-1])
    assert run() == ["b.png"]
    assert run("--stain", "dapi") == ["a.png", "b.png", "c.png"]
    assert run("--stain", "fluorescence", "--resume") == []
    assert run("--stain", "dapi", "--anew") == ["a.png", "b.png", "c.png"]
    assert [cell.name for cell in read_coco(tmp_path / "out" / "annotations.json")] == ["a.png", "b.png", "c.png"]


def test_a_full_disk_stops_with_one_message_and_keeps_what_is_finished(
    karyokit: Run, folder: Path, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, flush = tmp_path / "out", files._flush

    def filling(path: Path) -> None:
        if (out / "b").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        flush(path)

    with monkeypatch.context() as disk:
        disk.setattr(files, "_flush", filling)
        result = karyokit("separate", folder, "-o", out, *models[:2])
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert "the disk is full. Free some space and run again." in errors[0]
    assert {path.name for path in out.iterdir()} == {"a", "b", "annotations.json", ".karyokit"}
    assert len(json.loads((out / "annotations.json").read_text())["images"]) >= 1
    assert not list((out / ".karyokit" / "unfinished").iterdir())
    again = karyokit("separate", folder, "-o", out, *models[:2])
    assert "2 finished before." in again.stdout
    assert len(read_coco(out / "annotations.json")) == 3


def test_an_output_folder_that_goes_away_stops_the_batch(
    karyokit: Run, folder: Path, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    separate = pipeline.separate

    def removing(image: object, **options: object) -> pipeline.AnalysedCell:
        if (tmp_path / "out").exists():
            (tmp_path / "out").rename(tmp_path / "moved")
        return separate(image, **options)

    monkeypatch.setattr(pipeline, "separate", removing)
    result = karyokit("separate", folder, "-o", tmp_path / "out", *models[:2])
    assert result.exit_code == 1
    assert result.stderr.count("Error:") == 1
    assert "cannot be written" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cores", "pictures", "place", "workers"),
    [
        (4, 3, Place(None, None, None), None),
        (4, 4, Place(None, None, None), 2),
        (4, 100, Place(None, None, None), 4),
        (64, 100, Place(None, None, None), 8),
        (1, 100, Place(None, None, None), None),
        (4, 100, Place(None, None, 2), None),
        (4, 100, Place(3, None, None), 3),
        (4, 100, Place(None, "local", None), None),
    ],
)
def test_many_pictures_get_a_process_a_core_where_nothing_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, cores: int, pictures: int, place: Place, workers: int | None
) -> None:
    monkeypatch.setattr("karyokit.cli.batches._cores", lambda: cores)
    assert place.for_pictures(pictures).workers == workers


def test_workers_and_cluster_exclude_one_another(karyokit: Run, folder: Path, tmp_path: Path) -> None:
    result = karyokit("separate", folder, "-o", tmp_path / "out", "--workers", 2, "--cluster", "local")
    assert result.exit_code == 2
    assert "`--workers` and `--cluster` exclude one another" in result.stderr
    assert not (tmp_path / "out").exists()
