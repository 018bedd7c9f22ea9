"""`karyokit convert` from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.formats import read_cells, write_cells
from karyokit.pictures import write_png

Run = Callable[..., Result]


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """Two cells of two crossing bars each."""
    masks = np.zeros((2, 40, 50), bool)
    masks[0, 18:22, 5:45] = masks[1, 5:35, 23:27] = True
    chromosomes = tuple(Chromosome(number, Region.from_mask(mask), category=number) for number, mask in enumerate(masks, start=1))
    write_cells(tmp_path / "all.json", [CellRecord(name, (40, 50), "", chromosomes) for name in ("a.png", "b.png")])
    return tmp_path / "all.json"


def test_through_every_lossless_format_and_back(karyokit: Run, annotations: Path, tmp_path: Path) -> None:
    sources = [annotations]
    for name in ("imagej", "ome-tiff", "labelme"):
        result = karyokit("convert", *sources, tmp_path / name, "--to", name)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "2 cells, 4 chromosomes" in result.stdout
        sources = sorted((tmp_path / name).iterdir())
        assert [path.name.partition(".")[0] for path in sources] == ["a", "b"]
    assert karyokit("convert", *sources, tmp_path / "back.json").exit_code == 0
    assert (tmp_path / "back.json").read_bytes() == annotations.read_bytes()


def test_a_label_image_comes_with_a_warning(karyokit: Run, annotations: Path, tmp_path: Path) -> None:
    result = karyokit("convert", annotations, tmp_path / "labels", "--to", "label-image")
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: a.png: 16 shared pixels were left to the first chromosome; 1 lost some (numbers 2); classes")
    assert result.stderr.count("\n") == 2


def test_the_picture_gives_name_and_stain(karyokit: Run, annotations: Path, tmp_path: Path) -> None:
    assert karyokit("convert", annotations, tmp_path / "labels", "--to", "label-image").exit_code == 0
    labels = tmp_path / "labels" / "a.tif"
    picture = np.full((40, 50), 10, np.uint8)
    picture[18:22, 5:45] = 200
    write_png(tmp_path / "picture.png", picture)
    result = karyokit("convert", labels, tmp_path / "one.json", "--picture", tmp_path / "picture.png")
    assert "1 cell, 2 chromosomes" in result.stdout
    (cell,) = read_cells(tmp_path / "one.json")
    assert (cell.name, cell.stain) == ("picture.png", "fluorescence")
    write_png(tmp_path / "picture.png", picture[:-1])
    result = karyokit("convert", labels, tmp_path / "one.json", "--picture", tmp_path / "picture.png")
    assert (result.exit_code, "not (39, 50)" in result.stderr) == (2, True)


def test_refuses(karyokit: Run, annotations: Path, tmp_path: Path, picture_file: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    cases = {
        "bad.zip: is no zip": (tmp_path / "bad.zip", tmp_path / "a.json"),
        "none.zip: there is no such": (tmp_path / "none.zip", tmp_path / "a.json"),
        "end in one of": (annotations, tmp_path / "a.xyz"),
        "be a folder for other than one cell": (annotations, tmp_path / "a.zip"),
        "one that is written": (annotations, tmp_path / "a_seg.npy"),
        "its folder does not exist": (annotations, tmp_path / "none" / "a.json"),
        "Did you mean 'imagej'": (annotations, tmp_path / "out", "--to", "imagj"),
        "of a picture of": (annotations, tmp_path / "a.json", "--picture", picture_file),
    }
    for words, arguments in cases.items():
        result = karyokit("convert", *arguments)
        assert words in result.stderr
        assert result.exit_code in (1, 2)
        assert result.stderr.count("\n") == 1
    assert not (tmp_path / "a.json").exists()
