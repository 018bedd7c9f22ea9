"""COCO files: lossless round trip, readable by pycocotools, same bytes for the same cells, kept through failures."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from karyokit.chromosomes import Cell, Chromosome, Contact, Region, Separation
from karyokit.exchange.coco import CATEGORIES, CellRecord, ObjectSetAside, cells_to_coco, join_coco, read_coco, write_coco
from karyokit.files import OutputError


def cross(name: str = "cell.png") -> Cell:
    """Two bars that cross in a 3 x 3 zone, and a spot."""
    masks = np.zeros((3, 30, 40), bool)
    masks[0, 10:13, 5:25] = True
    masks[1, 2:22, 14:17] = True
    masks[2, 25, 35] = True
    meet = (Contact(1, (2,), "crossing"), Contact(2, (3, 4), "touching"))
    chromosomes = (
        Chromosome(1, Region.from_mask(masks[0]), score=0.1 + 0.2, category=23, separation=Separation("graph", 2, 0.3, meet)),
        Chromosome(2, Region.from_mask(masks[1]), 0.5, 4, (1 / 24,) * 24, "up", 0.9, -12.5, Separation("graph", 2, 0.25, meet[:1])),
        Chromosome(7, Region.from_mask(masks[2])),
    )
    return Cell(name, np.zeros((30, 40), np.uint8), "fluorescence", chromosomes, {"separation": "ab" * 32})


def assert_same(cell: Cell, path: Path) -> None:
    (record,) = [found for found in read_coco(path) if found.name == cell.name]
    back = record.with_image(cell.image)
    assert (back.name, back.shape, back.stain, back.models) == (cell.name, cell.shape, cell.stain, cell.models)
    assert np.array_equal(record.masks(), cell.masks())
    for ours, theirs in zip(cell.chromosomes, back.chromosomes, strict=True):
        assert astuple(ours)[2:] == astuple(theirs)[2:]
        assert ours.number == theirs.number
        assert ours.region.bbox == theirs.region.bbox


def test_round_trip_of_everything(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [cross("ä.png"), cross("b.png")])
    assert_same(cross("ä.png"), tmp_path / "a.json")
    assert_same(cross("b.png"), tmp_path / "a.json")


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 4))
def test_round_trip_of_any_masks(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    regions = [Region.from_mask(rng.random((9, 13)) > rng.uniform(0.3, 1.1)) for _ in range(count)]
    chromosomes = tuple(
        Chromosome(i + 1, region, float(rng.random()), int(rng.integers(25)), tuple(rng.random(24)), "down", float(rng.random()), 3.0)
        for i, region in enumerate(regions)
    )
    cell = Cell("a", np.zeros((9, 13), np.uint8), "brightfield", chromosomes)
    path = tmp_path_factory.getbasetemp() / "any.json"
    write_coco(path, [cell])
    assert_same(cell, path)


def test_pycocotools_reads_the_same_masks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_coco(tmp_path / "a.json", [cross("a.png"), cross("b.png")])
    coco = COCO(str(tmp_path / "a.json"))
    assert capsys.readouterr().err == ""
    assert coco.getImgIds() == [1, 2]
    assert coco.getCatIds() == list(range(25))
    found = coco.loadAnns(coco.getAnnIds(imgIds=[2]))
    assert [annotation["id"] for annotation in found] == [4, 5, 6]
    assert np.array_equal(np.stack([coco.annToMask(annotation) for annotation in found]), cross().masks())
    assert found[0]["bbox"] == [5, 10, 20, 3]
    assert found[0]["area"] == 60
    assert isinstance(found[0]["segmentation"]["counts"], str)


def test_records_by_hand() -> None:
    document = cells_to_coco([cross()])
    assert document["images"] == [
        {
            "id": 1,
            "file_name": "cell.png",
            "width": 40,
            "height": 30,
            "stain": "fluorescence",
            "models": {"separation": "ab" * 32},
            "set_aside": [],
            "notes": [],
        }
    ]
    first = document["annotations"][0]
    assert (first["category_id"], first["iscrowd"], first["score"]) == (23, 0, 0.1 + 0.2)
    assert first["attributes"] == {
        "number": 1,
        "zones": [{"zone": 1, "with": [2], "kind": "crossing"}, {"zone": 2, "with": [3, 4], "kind": "touching"}],
        "method": "graph",
        "parts": 2,
        "margin": 0.3,
        "class_probabilities": [],
        "polarity": "unknown",
        "polarity_probability": 0.5,
        "angle": 0.0,
        "doubts": [],
    }
    assert [category["name"] for category in CATEGORIES][:2] == ["not classified", "1"]
    assert CATEGORIES[23] == {"id": 23, "name": "X", "supercategory": "chromosome"}


def test_no_cells(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [])
    assert read_coco(tmp_path / "a.json") == []


def test_joined_documents_are_one_writing(tmp_path: Path) -> None:
    cells = [cross("a.png"), Cell("empty.png", np.zeros((4, 4), np.uint8), "fluorescence"), cross("b.png")]
    parts = [cells_to_coco([cell]) for cell in cells]
    join_coco(tmp_path / "joined.json", lambda: parts)
    write_coco(tmp_path / "whole.json", cells)
    assert (tmp_path / "joined.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    join_coco(tmp_path / "joined.json", lambda: [cells_to_coco(cells[:2]), parts[2]])
    assert (tmp_path / "joined.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    document = json.loads((tmp_path / "joined.json").read_text())
    assert document == {**cells_to_coco(cells), "info": document["info"]}


def test_joining_takes_one_document_at_a_time_and_names_failures(tmp_path: Path) -> None:
    alive = [0]

    class Document(dict):
        def __init__(self, number: int) -> None:
            super().__init__(cells_to_coco([cross(f"{number}.png")]))
            alive[0] += 1
            assert alive[0] <= 2

        def __del__(self) -> None:
            alive[0] -= 1

    join_coco(tmp_path / "a.json", lambda: map(Document, range(50)), failed={"bad.png": "is empty"})
    assert len(read_coco(tmp_path / "a.json")) == 50
    assert json.loads((tmp_path / "a.json").read_text())["info"]["failed"] == [{"file_name": "bad.png", "reason": "is empty"}]


def test_joining_into_a_missing_folder_fails(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="its folder does not exist"):
        join_coco(tmp_path / "none" / "a.json", lambda: ())


def test_unusable_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such annotation file"):
        read_coco(tmp_path / "none.json")
    bad = {
        "{": "is no JSON file",
        "[]": "without named fields",
        "{}": "is not a COCO file",
        '{"images": [{"file_name": "a"}], "annotations": []}': "'id' is missing",
        '{"images": [{"id": 1, "file_name": "a", "width": 4, "height": 4}], "annotations": [{"image_id": 1, "category_id": 1, '
        '"segmentation": 7}]}': "run lengths or polygons",
    }
    for text, words in bad.items():
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(ValueError, match=words):
            read_coco(tmp_path / "a.json")


def test_foreign_files_take_the_defaults(tmp_path: Path) -> None:
    document = cells_to_coco([cross()])
    for annotation in document["annotations"]:
        del annotation["attributes"], annotation["score"]
    (tmp_path / "a.json").write_text(json.dumps(document))
    (record,) = read_coco(tmp_path / "a.json")
    assert [item.number for item in record.chromosomes] == [1, 2, 3]
    assert record.chromosomes[0].separation == Separation()


def test_older_files_have_one_score(tmp_path: Path) -> None:
    spot = cross().chromosomes[2].with_changes(score=0.25, separation=Separation(score=0.75))
    write_coco(tmp_path / "a.json", [Cell("a.png", np.zeros((30, 40), np.uint8), "fluorescence", (spot,))])
    document = json.loads((tmp_path / "a.json").read_text())
    (new,) = read_coco(tmp_path / "a.json")
    assert (new.chromosomes[0].score, new.chromosomes[0].separation_score) == (0.25, 0.75)
    del document["annotations"][0]["attributes"]["separation_score"]
    (tmp_path / "a.json").write_text(json.dumps(document))
    (old,) = read_coco(tmp_path / "a.json")
    assert (old.chromosomes[0].score, old.chromosomes[0].separation_score) == (0.25, 0.25)


def test_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [cross()])
    with pytest.raises(ValueError, match="`image` must have shape"):
        read_coco(tmp_path / "a.json")[0].with_image(np.zeros((3, 3), np.uint8))


def test_objects_set_aside_and_notes_come_back(tmp_path: Path) -> None:
    cell = cross()
    aside = (ObjectSetAside(Region(3, 30, np.array([[True, False], [True, True]])), "speck"),)
    record = CellRecord(cell.name, cell.shape, cell.stain, cell.chromosomes, cell.models, aside, ("first of 2 planes used",))
    write_coco(tmp_path / "a.json", [record])
    (kept,) = json.loads((tmp_path / "a.json").read_text())["images"][0]["set_aside"]
    assert (kept["bbox"], kept["area"], kept["reason"]) == ([30, 3, 2, 2], 3, "speck")
    assert isinstance(kept["segmentation"]["counts"], str)
    (back,) = read_coco(tmp_path / "a.json")
    assert back.notes == record.notes
    assert np.array_equal(back.set_aside[0].region.to_mask(back.shape), aside[0].region.to_mask(cell.shape))
    write_coco(tmp_path / "b.json", [back])
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
