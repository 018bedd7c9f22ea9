"""Cells corrected on the review page train a network: from a case through its export to a sample with overlaps."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "review"))
from drawn_case import REGIONS, SHAPE, drawn_picture, make_case

from karyokit.data.corrected_cells import corrected_cells, corrected_samples
from karyokit.data.separation_sources import SOURCES
from karyokit.data.separation_targets import FOREGROUND, OVERLAP_ZONE
from karyokit.review.case import Case
from karyokit.review.export import write_training_set

NAMES = tuple(f"cell_{number}.png" for number in range(1, 9))


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the export of a case of eight signed cells; chromosome 1 was deleted, 2 enlarged by hand."""
    place = tmp_path_factory.mktemp("data")
    case = Case(make_case(place / "made", names=NAMES), pictures=place / "made" / "pictures")
    for cell in case.cells:
        case.submit(cell, "delete", {"chromosomes": [1]}, revision=0, who="Ann")
        stroke = {"chromosome": 2, "line": [[40, 40]], "radius": 8, "mode": "add"}
        case.submit(cell, "brush", stroke, revision=case.history(cell).revision, who="Ann")
        case.submit(cell, "status", {"status": "signed", "name": "Ann"}, revision=case.history(cell).revision, who="Ann")
    assert write_training_set(case, place / "corrected") == len(NAMES)
    case.close()
    return place


@pytest.fixture
def export(reviewed: Path, tmp_path: Path) -> Path:
    """A copy of the export to spoil."""
    return Path(shutil.copytree(reviewed / "corrected", tmp_path / "corrected"))


def test_a_case_comes_back_as_samples_with_overlaps(reviewed: Path) -> None:
    samples = SOURCES["corrected"](str(reviewed), "train", divide=False)
    assert len(samples) == len(NAMES)
    sample = samples[0]
    crossing = REGIONS[6].to_mask(SHAPE) & REGIONS[7].to_mask(SHAPE)
    assert (sample.target[OVERLAP_ZONE] == crossing).all()
    assert sample.owners is not None
    assert set(np.unique(sample.owners[:, crossing])) == {6, 7}, "both owners of the zone, numbered as they stand in the file"
    assert sample.target[FOREGROUND][40, 47], "what the brush added"
    assert not (sample.target[FOREGROUND] & REGIONS[0].to_mask(SHAPE)).any(), "what was deleted is background"
    assert sample.weight[:, REGIONS[0].to_mask(SHAPE)].all()
    assert not sample.weight[:, 100:120, 200:220].any(), "a clump that nobody decided on says nothing"
    assert sample.weight.sum() == 3 * (SHAPE[0] * SHAPE[1] - 400)


def test_pictures_and_classes_are_those_of_the_case(reviewed: Path) -> None:
    cell = next(corrected_cells(reviewed / "corrected", "train", divide=False))
    assert (cell.stain, cell.categories) == ("fluorescence", tuple(range(2, 9)))
    assert (cell.image == drawn_picture()).all()


def test_a_crop_of_a_corrected_cell_can_be_trained_on(reviewed: Path) -> None:
    torch = pytest.importorskip("torch")
    from karyokit.training.tasks.separation import SeparationSettings, SeparationTask, SourceChoice

    choice = SourceChoice(name="corrected", options={"divide": False})
    task = SeparationTask(SeparationSettings(train=(choice,), validate_on=choice), str(reviewed))
    pictures, target, *_ = task.batch(np.random.default_rng(2), 4)
    assert pictures.shape[0] == target.shape[0] == 4
    assert torch.isfinite(pictures).all()


def test_every_cell_is_in_one_part(reviewed: Path) -> None:
    parts = [[cell.name for cell in corrected_cells(reviewed / "corrected", split)] for split in ("train", "val", "test")]
    assert sorted(name for part in parts for name in part) == [f"cell_{number:05}.png" for number in range(1, 9)]
    assert len(parts[0]) > len(parts[1])


def test_cases_stay_in_one_part(export: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    for name in ("one", "two", "three", "four"):
        shutil.copytree(export, many / name)
    groups = [{cell.group for cell in corrected_cells(many, split)} for split in ("train", "val", "test")]
    assert set.union(*groups) == {"one", "two", "three", "four"}
    assert sum(map(len, groups)) == 4


def test_a_split_without_cells_is_refused(export: Path) -> None:
    document = json.loads((export / "annotations.json").read_text())
    document["images"] = document["images"][:1]
    document["annotations"] = [one for one in document["annotations"] if one["image_id"] == 1]
    (export / "annotations.json").write_text(json.dumps(document))
    parts = {split: len(list(corrected_cells(export, split))) for split in ("train", "val", "test")}
    empty = next(split for split, count in parts.items() if not count)
    with pytest.raises(ValueError, match="divide = false"):
        corrected_samples(str(export.parent), empty)
    assert len(corrected_samples(str(export.parent), empty, divide=False)) == 1


def test_what_is_missing_or_no_export_is_named(export: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="review export"):
        list(corrected_cells(tmp_path / "none", "train"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no corrected cells"):
        list(corrected_cells(tmp_path / "empty", "train"))
    with pytest.raises(ValueError, match="split"):
        list(corrected_cells(export, "all"))
    (export / "cell_00001.png").unlink()
    with pytest.raises(FileNotFoundError, match="not in its folder"):
        list(corrected_cells(export, "train", divide=False))


@pytest.mark.parametrize("name", ["../made/pictures/cell_1.png", "/etc/passwd"])
def test_a_picture_name_never_leads_out_of_the_export(export: Path, name: str) -> None:
    document = json.loads((export / "annotations.json").read_text())
    document["images"][0]["file_name"] = name
    (export / "annotations.json").write_text(json.dumps(document))
    with pytest.raises(FileNotFoundError, match="not in its folder"):
        list(corrected_cells(export, "train", divide=False))


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_mangled_annotations_are_refused_or_read(reviewed: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    text = bytearray((reviewed / "corrected" / "annotations.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b'"{}[]0,:-e\x00\xff a9'))
    folder = tmp_path_factory.mktemp("mangled")
    for picture in (reviewed / "corrected").glob("*.png"):
        shutil.copyfile(picture, folder / picture.name)
    (folder / "annotations.json").write_bytes(text)
    try:
        cells = list(corrected_cells(folder, "train", divide=False))
    except (ValueError, FileNotFoundError):
        return
    assert all(cell.shape == SHAPE for cell in cells)
