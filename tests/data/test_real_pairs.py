from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.real_pairs import POMMIER_GREY, overlap_groups, real_pairs


def region(rows: slice, columns: slice) -> Region:
    mask = np.zeros((60, 60), bool)
    mask[rows, columns] = True
    return Region.from_mask(mask)


def test_groups_are_two_that_cross_and_touch_no_third() -> None:
    level, upright = region(slice(10, 16), slice(2, 22)), region(slice(2, 26), slice(10, 16))
    assert overlap_groups([upright, level], (60, 60)) == [(1, 0)]
    third = region(slice(26, 30), slice(10, 16))
    assert overlap_groups([upright, level, third], (60, 60)) == []
    beside = region(slice(10, 16), slice(16, 40))
    assert overlap_groups([region(slice(10, 16), slice(2, 16)), beside], (60, 60)) == []


@pytest.mark.slow
def test_real_cells_give_pairs_in_the_form_of_the_generated_ones(shared_data: Path) -> None:
    pairs = real_pairs(shared_data / "mfish", ("val",))
    assert len(pairs.names) > 0
    assert pairs.images.shape == pairs.labels.shape == (len(pairs.names), 128, 128)
    for image, labels in zip(pairs.images, pairs.labels, strict=True):
        assert (labels == 3).any()
        assert np.count_nonzero(labels & 1) <= 1.1 * np.count_nonzero(labels & 2)
        assert np.median(image[(labels == 1) | (labels == 2)]) == pytest.approx(POMMIER_GREY, rel=0.1)
