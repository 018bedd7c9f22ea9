from __future__ import annotations

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data.records import AnnotatedCell


def test_cell_without_truth_has_empty_parts() -> None:
    cell = AnnotatedCell("a", np.zeros((4, 6), np.uint8), "brightfield")
    assert cell.shape == (4, 6)
    assert cell.boxes.shape == (0, 4)
    assert cell.regions == ()
    assert cell.notes == {}


def test_chromosomes_bring_their_boxes() -> None:
    image = np.zeros((9, 9), np.uint8)
    assert AnnotatedCell.of_chromosomes("a", image, [], stain="brightfield").boxes.shape == (0, 4)
    cell = AnnotatedCell.of_chromosomes("a", image, [(Region(1, 2, np.ones((3, 5), bool)), 24)], stain="fluorescence", group="b")
    assert cell.boxes.tolist() == [[2.0, 1.0, 5.0, 3.0]]
    assert (cell.categories, cell.group, cell.stain, cell.notes) == ((24,), "b", "fluorescence", {})
