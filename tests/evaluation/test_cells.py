from __future__ import annotations

import json
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.checks import NothingFound
from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation import EVALUATIONS
from karyokit.evaluation.cells import evaluate_gband, evaluate_mfish


def class_map() -> np.ndarray:
    """Two chromosomes of 3 crossed by one of 7, and one apart."""
    plane = np.zeros((60, 80), np.uint8)
    plane[28:34, 5:55] = 3
    plane[5:55, 28:34] = 7
    plane[28:34, 28:34] = 255
    plane[50:56, 60:75] = 3
    return plane


@pytest.fixture
def mfish_root(tmp_path: Path) -> Path:
    """A set of one cell in the M-FISH layout."""
    for folder in ("dapi", "classes"):
        (tmp_path / folder).mkdir()
    iio.imwrite(tmp_path / "classes" / "A0101XY.png", class_map())
    iio.imwrite(tmp_path / "dapi" / "A0101XY.png", (class_map() > 0).astype(np.uint8) * 200)
    (tmp_path / "splits.json").write_text(json.dumps({"val": ["A0101XY"]}))
    return tmp_path


def perfect(truth: AnnotatedCell) -> Cell:
    """A main job that returns the truth."""
    pairs = zip(truth.regions, truth.categories, strict=True)
    chromosomes = tuple(Chromosome(n, region, category=c) for n, (region, c) in enumerate(pairs, start=1))
    return Cell(truth.name, truth.image, truth.stain, chromosomes, {"separation": "abc"})


def test_perfect_main_job_scores_one(mfish_root: Path) -> None:
    report = evaluate_mfish(mfish_root, "val", perfect, command="karyokit evaluate mfish")
    for name in ("mask_ap50", "mask_map", "sep75", "sep90", "crossing_sep75", "cells_all_separated", "class_accuracy"):
        assert report.figures[name].value == pytest.approx(1.0), name
    assert report.figures["count_error"].value == 0
    assert report.models == {"separation": "abc"}
    assert "| sep75 | 1.000 |" in report.table()


def test_one_blob_separates_nothing_that_crosses(mfish_root: Path) -> None:
    def blob(truth: AnnotatedCell) -> Cell:
        union = np.zeros(truth.shape, bool)
        for region in truth.regions:
            union[region.window] |= region.crop
        apart = np.zeros(truth.shape, bool)
        apart[50:56, 60:75] = union[50:56, 60:75]
        regions = [Region.from_mask(union & ~apart), Region.from_mask(apart)]
        return Cell(truth.name, truth.image, truth.stain, tuple(Chromosome(n, r) for n, r in enumerate(regions, start=1)))

    figures = evaluate_mfish(mfish_root, "val", blob, command="").figures
    assert figures["crossing_sep75"].value == 0
    assert figures["sep75"].value == pytest.approx(1 / 3)
    assert figures["count_error"].value == 1
    assert "class_accuracy" not in figures


def test_a_picture_in_which_nothing_is_found_counts(mfish_root: Path) -> None:
    def nothing(truth: AnnotatedCell) -> Cell:
        raise NothingFound(truth.name)

    assert evaluate_mfish(mfish_root, "val", nothing, command="").figures["count_error"].value == 3


def test_boxes_are_compared_with_the_published_margin(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    picture = np.random.default_rng(0).integers(200, 255, (100, 120, 3), np.uint8)
    iio.imwrite(tmp_path / "images" / "10001.jpg", picture)
    boxes = [[20.0, 10.0, 44.0, 60.0], [70.0, 20.0, 34.0, 50.0]]
    annotations = [{"id": n, "image_id": 1, "category_id": n, "bbox": box} for n, box in enumerate(boxes, start=1)]
    images = [{"id": 1, "file_name": "10001.jpg", "case": "1000"}]
    (tmp_path / "val.json").write_text(json.dumps({"images": images, "annotations": annotations}))

    def tight(truth: AnnotatedCell) -> Cell:
        found = []
        for number, (column, row, width, height) in enumerate(truth.boxes.astype(int), start=1):
            mask = np.zeros(truth.shape, bool)
            mask[row + 7 : row + height - 3, column + 6 : column + width - 4] = True
            found.append(Chromosome(number, Region.from_mask(mask), category=number))
        return Cell(truth.name, truth.image, truth.stain, tuple(found))

    figures = evaluate_gband(tmp_path, "val", tight, command="").figures
    assert figures["box_map"].value == pytest.approx(1.0)
    assert figures["box_24_classes_ap50"].value == pytest.approx(1.0)
    assert figures["tight_box_ap75"].value == 0
    assert figures["count_right"].value == 1


def test_names_of_sets() -> None:
    assert set(EVALUATIONS) == {"mfish", "gband_cells", "gband_singles", "qband_singles"}
