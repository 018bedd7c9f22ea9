"""COCO's ways to write masks agree with pycocotools wherever that is right."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import random_mask

from karyokit.chromosomes import Region
from karyokit.exchange.segmentations import region_of

SIDES = st.integers(1, 40)


@given(seed=st.integers(0, 2**32 - 1), shape=st.tuples(SIDES, SIDES))
def test_run_lengths_of_any_mask(seed: int, shape: tuple[int, int]) -> None:
    mask = random_mask(np.random.default_rng(seed), shape)
    rle = Region.from_mask(mask).to_rle(shape)
    runs = np.diff(np.flatnonzero(np.diff(mask.T.ravel().astype(np.int8), prepend=0, append=2)), prepend=0).tolist()
    for segmentation in (rle, {"size": list(shape), "counts": runs}):
        region = region_of(segmentation, shape)
        assert np.array_equal(region.to_mask(shape), mask)
        assert region.bbox == Region.from_mask(mask).bbox


def test_long_runs() -> None:
    mask = np.zeros((3000, 2000), bool)
    mask[2999, 1999] = mask[0, 0] = True
    assert np.array_equal(region_of(Region.from_mask(mask).to_rle(mask.shape), (3000, 2000)).to_mask((3000, 2000)), mask)


def test_polygons_are_united_as_pycocotools_does() -> None:
    polygons = [[1, 1, 6, 1, 6, 4, 1, 4], [4.5, 3, 9, 3, 9, 9, 4.5, 9]]
    expected = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, 10, 12)))
    assert np.array_equal(region_of(polygons, (10, 12)).to_mask((10, 12)), expected)
    assert expected.sum() == 5 * 3 + 4 * 6 - 1
