from __future__ import annotations

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data.records import AnnotatedCell, boxes_of


def test_cell_without_truth_has_empty_parts() -> None:
    cell = AnnotatedCell("a", np.zeros((4, 6), np.uint8), "brightfield")
    assert cell.shape == (4, 6)
    assert cell.boxes.shape == (0, 4)
    assert cell.regions == ()
    assert cell.notes == {}


def test_boxes_of_regions() -> None:
    assert boxes_of([]).shape == (0, 4)
    assert boxes_of((Region(1, 2, np.ones((3, 5), bool)),)).tolist() == [[2.0, 1.0, 5.0, 3.0]]
