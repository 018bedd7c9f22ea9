"""Pictures of single chromosomes."""

from __future__ import annotations

import numpy as np

from karyokit.human import RELATIVE_LENGTHS
from karyokit.pipeline.singles import SeenSingle, name_together, names_of_cell


def normal_cell() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes, probabilities and areas of the 46 chromosomes of a man, all of them clear."""
    classes = np.array([*np.repeat(np.arange(1, 23), 2), 23, 24])
    probabilities = np.full((46, 24), 0.02 / 23)
    probabilities[np.arange(46), classes - 1] = 0.98
    return classes, probabilities, 40.0 * np.array(RELATIVE_LENGTHS)[classes - 1]


def test_a_doubtful_chromosome_gets_the_class_that_its_cell_lacks() -> None:
    classes, probabilities, areas = normal_cell()
    probabilities[8, [3, 4]] = 0.55, 0.40  # one of the two chromosomes 5 looks a little more like a 4
    probabilities[8] /= probabilities[8].sum()
    assert probabilities[8].argmax() + 1 == 4
    named, sure = name_together(probabilities, areas)
    assert named.tolist() == classes.tolist()
    assert sure[8] > 0.5


def test_sizes_count_among_the_chromosomes_of_one_cell() -> None:
    classes, probabilities, areas = normal_cell()
    places = np.flatnonzero((classes == 13) | (classes == 22))
    probabilities[places] = 0.02 / 22
    probabilities[np.ix_(places, [12, 21])] = 0.49
    named, _ = name_together(probabilities, areas)
    assert named.tolist() == classes.tolist()


def test_no_chromosomes_have_no_names() -> None:
    classes, sure = name_together(np.zeros((0, 24)), [])
    assert (classes.shape, sure.shape) == ((0,), (0,))


def test_names_of_a_cell_keep_order_and_polarity() -> None:
    classes, probabilities, areas = normal_cell()
    cell = [
        SeenSingle(row, 0.9 if index % 2 else 0.1, int(area)) for index, (row, area) in enumerate(zip(probabilities, areas, strict=True))
    ]
    names = names_of_cell(cell)
    assert [name for name, _, _ in names[-2:]] == ["X", "Y"]
    assert [polarity for _, _, polarity in names[:4]] == ["down", "up", "down", "up"]
    assert len(names) == len(classes)
