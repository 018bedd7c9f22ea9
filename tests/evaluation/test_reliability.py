from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data.gband_boxes import FOOT_MARGIN, loose_boxes
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.reliability import draw_reliability, judged_objects, reliability_figures, right_objects, write_reliability

SHAPE = (60, 80)
JUDGED = np.array([[0.05, 0], [0.95, 1], [0.97, 1], [0.96, 0]])


def bar(row: int, column: int, length: int = 20) -> Region:
    mask = np.zeros(SHAPE, bool)
    mask[row : row + 6, column : column + length] = True
    return Region.from_mask(mask)


def truth_of(*regions: Region) -> AnnotatedCell:
    return AnnotatedCell.of_chromosomes("a", np.zeros(SHAPE, np.uint8), [(region, 1) for region in regions], stain="fluorescence")


def cell_of(*regions: Region) -> Cell:
    found = tuple(Chromosome(n, region, score=n / 10) for n, region in enumerate(regions, start=1))
    return Cell("a", np.zeros(SHAPE, np.uint8), "fluorescence", found)


def test_joined_and_extra_chromosomes_are_wrong() -> None:
    one, two = bar(10, 10), bar(10, 31)
    joined = Region.from_mask(one.to_mask(SHAPE) | two.to_mask(SHAPE))
    assert right_objects(truth_of(one, two), cell_of(one, two)).tolist() == [True, True]
    assert right_objects(truth_of(one, two), cell_of(joined, bar(40, 10))).tolist() == [False, False]
    assert right_objects(truth_of(one), cell_of(one, bar(10, 10, 16))).tolist() == [True, False]


def test_boxes_stand_in_where_there_are_no_masks() -> None:
    one, two = bar(10, 10), bar(10, 40)
    boxes = loose_boxes(np.array([one.bbox, two.bbox], float), margin=FOOT_MARGIN)
    truth = AnnotatedCell("a", np.zeros(SHAPE, np.uint8), "brightfield", boxes=boxes)
    joined = Region.from_mask(one.to_mask(SHAPE) | two.to_mask(SHAPE))
    assert right_objects(truth, cell_of(one, two)).tolist() == [True, True]
    assert right_objects(truth, cell_of(one, joined)).tolist() == [True, False]


def test_empty_cells_and_empty_truth() -> None:
    assert right_objects(truth_of(bar(10, 10)), cell_of()).shape == (0,)
    nothing = AnnotatedCell("a", np.zeros(SHAPE, np.uint8), "brightfield")
    assert right_objects(nothing, cell_of(bar(10, 10))).tolist() == [False]


def test_figures_use_score_and_truth() -> None:
    one, two = bar(10, 10), bar(10, 40)
    pair = truth_of(one, two), cell_of(bar(40, 10), one, two)
    assert judged_objects(*pair).tolist() == [[0.1, 0.0], [0.2, 1.0], [0.3, 1.0]]
    figures = reliability_figures([pair], np.random.default_rng(0))
    assert figures["wrong_caught"].value == 1.0
    assert figures["wrong"].value == 1 / 3


def test_table_of_the_diagram(tmp_path: Path) -> None:
    write_reliability(tmp_path / "r.csv", [JUDGED[:2], JUDGED[2:]])
    with (tmp_path / "r.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["chromosomes"] for row in rows] == ["1", *["0"] * 8, "3"]
    assert float(rows[-1]["right"]) == round(2 / 3, 6)


def test_diagram_draws_bars_where_there_are_chromosomes() -> None:
    drawn = draw_reliability([JUDGED], below=0.87, title="Drawn")
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    empty = draw_reliability([], below=0.87, title="Drawn")
    assert drawn.shape == empty.shape
    bars = (drawn == (120, 165, 215)).all(axis=2).sum()
    assert bars > 1000
    assert (empty == (120, 165, 215)).all(axis=2).sum() == 0
