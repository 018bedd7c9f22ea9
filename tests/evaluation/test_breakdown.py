"""What is right and what is wrong, held against drawn truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.breakdown import breakdown_figures, held_against
from karyokit.evaluation.gallery import RIGHT, WRONG, draw_against_truth, said, write_gallery


def box(row: int, column: int, height: int, width: int) -> Region:
    return Region(row, column, np.ones((height, width), bool))


TRUE = [(box(10, 10, 10, 40), 1), (box(10, 50, 10, 40), 2), (box(40, 10, 10, 60), 8), (box(30, 30, 40, 8), 21), (box(80, 10, 8, 30), 0)]


def truth() -> AnnotatedCell:
    return AnnotatedCell.of_chromosomes("a", np.zeros((100, 120), np.uint8), TRUE, stain="fluorescence")


def found(*regions: Region) -> Cell:
    chromosomes = tuple(Chromosome(number, region) for number, region in enumerate(regions, start=1))
    return Cell("a", np.zeros((100, 120), np.uint8), "fluorescence", chromosomes)


def everything() -> Cell:
    return found(*(region for region, _ in TRUE))


def faulty() -> Cell:
    """Two joined, a piece, one right, one where nothing is; one missed."""
    return found(box(10, 10, 10, 80), box(40, 10, 10, 20), box(80, 10, 8, 30), box(90, 90, 8, 20))


def test_faults_are_told_apart() -> None:
    matching = held_against(truth(), faulty())
    assert matching.faults == {0: "joined", 1: "piece", 3: "nothing"}
    assert matching.found.tolist() == [False, False, False, False, True]
    assert said(truth(), faulty(), matching).startswith("4 found of 5, 1 rightly; 1 hold two or more chromosomes, 1 are pieces of one")


def test_the_truth_has_no_fault() -> None:
    matching = held_against(truth(), everything())
    assert matching.found.all()
    assert matching.faults == {}


def test_nothing_found_is_nothing_right() -> None:
    assert not held_against(truth(), found()).found.any()


def test_shares_by_size_and_by_meeting() -> None:
    figures = breakdown_figures([(truth(), faulty()), (truth(), everything())], np.random.default_rng(0))
    values = {name: figure.value for name, figure in figures.items()}
    half, whole = pytest.approx(0.5), pytest.approx(1.0)
    assert values == {
        "right_groups_A_B": half,
        "right_group_C_X": half,
        "right_groups_F_G_Y": half,
        "right_alone": whole,
        "right_touching": half,
        "right_crossing_one": half,
    }


def test_boxes_stand_in_for_masks() -> None:
    boxes = np.array([[10, 10, 40, 40], [30, 10, 40, 40], [200, 200, 20, 20]], float)
    cell = AnnotatedCell("a", np.zeros((300, 300), np.uint8), "brightfield", categories=(1, 2, 3), boxes=boxes)
    figures = breakdown_figures([(cell, found())], np.random.default_rng(0))
    assert set(figures) == {"right_groups_A_B", "right_box_apart", "right_box_meets_others"}
    assert all(figure.value == 0 for figure in figures.values())


def test_pictures_show_right_and_wrong() -> None:
    picture = draw_against_truth(truth(), faulty(), held_against(truth(), faulty()))
    colours = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert {RIGHT, WRONG} <= colours


def test_the_worst_cell_comes_first(tmp_path: Path) -> None:
    write_gallery([(truth(), everything()), (truth(), faulty())], tmp_path / "gallery", count=1)
    text = (tmp_path / "gallery" / "index.md").read_text()
    assert "1 are pieces of one" in text
    assert [path.name for path in sorted((tmp_path / "gallery").glob("*.png"))] == ["01_a.png"]
