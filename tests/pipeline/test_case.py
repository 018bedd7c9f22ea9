"""From annotations to a case report."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mangling import Damage, damages, read_or_refuse

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord, write_coco
from karyokit.human import RELATIVE_LENGTHS
from karyokit.pictures import write_png
from karyokit.pipeline.case import read_case, save_case

XX = [*range(1, 23)] * 2 + [23, 23]


def record(name: str, categories: list[int], *, named: bool = True) -> CellRecord:
    """A cell of bars as long as their classes are."""
    found = []
    for number, category in enumerate(categories, start=1):
        bar = np.ones((round(9 * RELATIVE_LENGTHS[category - 1]), 10), bool)
        given = np.full(24, 1e-6)
        given[category - 1] = 1 - 23e-6
        chances = tuple(given.tolist()) if named else ()
        place = Region(6 * number, 11 * (number % 40), bar)
        found.append(Chromosome(number, place, score=0.98, category=category if named else 0, probabilities=chances))
    return CellRecord(name, (420, 480), "brightfield", tuple(found))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cells with a third 21 and two without, one empty, one unnamed; a karyogram of one."""
    cells = [record("a.png", [*XX, 21]), record("b.png", [*XX, 21]), record("c.png", XX), record("d.png", XX)]
    write_coco(tmp_path / "annotations.json", [*cells, CellRecord("e.png", (420, 480), "brightfield"), record("f.png", XX, named=False)])
    (tmp_path / "c").mkdir()
    write_png(tmp_path / "c" / "karyogram.png", np.arange(60 * 90, dtype=np.uint8).reshape(60, 90))
    return tmp_path


def test_report_of_a_mosaic(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    read = read_case(folder)
    save_case(read, out)
    assert read.case.table.iscn == "47,XX,+21[2]/46,XX[2]"
    assert read.left_out == {"e.png": "no chromosomes", "f.png": "chromosomes were not named"}
    assert {path.name for path in out.iterdir()} == {"case.pdf", "cells.csv", "clones.csv", "case.json"}
    assert (out / "case.pdf").read_bytes().startswith(b"%PDF")
    rows = list(csv.DictReader((out / "cells.csv").read_text().splitlines()))
    assert [row["chromosomes"] for row in rows] == ["47", "47", "46", "46"]
    document = json.loads((out / "case.json").read_text())
    assert document["iscn"] == "47,XX,+21[2]/46,XX[2]"
    assert document["about"] == "For research use only"
    assert sum(clone["cells"] for clone in document["clones"]) == document["cells_counted"] == 4
    assert list(read.karyograms) == ["c.png"]


def test_what_a_person_settled_counts(folder: Path) -> None:
    path = folder / "annotations.json"
    document = json.loads(path.read_text())
    for image in document["images"][2:4]:
        image["review"] = {"value": "signed"}
    for annotation in document["annotations"]:
        if annotation["image_id"] in (3, 4) and annotation["category_id"] == 5:
            annotation["category_id"] = 6
            annotation["attributes"]["review"] = {"by_hand": ["class"]}
    path.write_text(json.dumps(document))
    settled = [cell for cell in read_case(path).case.cells if cell.by_hand]
    assert [cell.iscn for cell in settled] == ["46,XX,-5,-5,+6,+6"] * 2


def test_bad_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"annotations\.json: there are no annotations"):
        read_case(tmp_path)
    (tmp_path / "annotations.json").write_text("{}")
    with pytest.raises(ValueError, match="COCO"):
        read_case(tmp_path)
    write_coco(tmp_path / "annotations.json", [record("f.png", XX, named=False)])
    with pytest.raises(ValueError, match="holds no cell with named chromosomes"):
        read_case(tmp_path)


def test_karyotypes_are_weighed_with_the_scores_before_classes_were_heard(folder: Path) -> None:
    path = folder / "annotations.json"
    document = json.loads(path.read_text())
    for annotation in document["annotations"]:
        annotation["attributes"]["separation_score"], annotation["score"] = annotation["score"], 0.01
    path.write_text(json.dumps(document))
    assert all((cell.sure, cell.number) == (True, 47 if cell.name in "a.png b.png" else 46) for cell in read_case(path).case.cells)


@given(damage=damages)
@settings(max_examples=15)
def test_damaged_annotations_are_refused_or_weighed(tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    path = tmp_path_factory.mktemp("damaged") / "annotations.json"
    few = record("a.png", [1, 2, 21])
    write_coco(path, [few, record("b.png", [3, 24])])
    path.write_bytes(damage(path.read_bytes()))
    read_or_refuse(lambda: read_case(path), path)
