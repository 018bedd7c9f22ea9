"""Which regions meet."""

from __future__ import annotations

import numpy as np

from karyokit.chromosomes import Region
from karyokit.regions import boxes_apart, contacts_of, nearest_owner


def box(row: int, column: int, height: int = 4, width: int = 4) -> Region:
    return Region(row, column, np.ones((height, width), bool))


def test_regions_cross_touch_or_stand_apart() -> None:
    found = contacts_of([box(0, 0), box(2, 2), box(6, 6), box(20, 20)])
    assert [sorted(met) for met in found] == [[(1, "crossing")], [(0, "crossing"), (2, "touching")], [(1, "touching")], []]


def test_boxes_that_share_a_pixel_are_not_apart() -> None:
    assert boxes_apart(box(0, 0), box(0, 4))
    assert not boxes_apart(box(0, 0), box(3, 3))


def test_each_pixel_goes_to_its_nearest_label() -> None:
    assert nearest_owner(np.array([[1, 0, 0, 0, 2]])).tolist() in ([[1, 1, 1, 2, 2]], [[1, 1, 2, 2, 2]])
