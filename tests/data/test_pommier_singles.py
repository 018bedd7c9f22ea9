"""Single chromosomes of a drawn metaphase: flattened, found, sorted, thinned out."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.checks import NothingFound
from karyokit.data.pommier_singles import flatten_source, pad_to_one_size, place, segment_source, single_chromosomes

BARS = {(40, 40): (60, 14), (40, 120): (40, 16), (150, 60): (50, 14), (150, 140): (30, 14)}


def drawn_metaphase() -> tuple[np.ndarray, np.ndarray]:
    """Four upright bars of 840, 640, 700 and 420 pixels on an even background; Cy3 shows their ends only."""
    dapi, cy3 = np.full((240, 240), 160, np.uint16), np.full((240, 240), 80, np.uint16)
    for (row, column), (height, width) in BARS.items():
        dapi[row : row + height, column : column + width] = 2000
        cy3[row : row + 4, column + 2 : column + 6] = 3000
    return dapi, cy3


def test_flattening_takes_the_background_off() -> None:
    dapi, cy3 = drawn_metaphase()
    flat_dapi, flat_cy3 = flatten_source(dapi, cy3)
    assert flat_dapi[0, 0] == 0
    assert flat_dapi[60, 45] == 2000 // 16 - 160 // 16 - 5
    assert flat_cy3[41, 43] == 3000 // 16 - 80 // 16 - 5
    assert dapi[60, 45] == 2000


def test_segmentation_finds_the_bars_and_leaves_the_border_out() -> None:
    dapi, cy3 = drawn_metaphase()
    dapi[100:140, 0:14] = 2000
    labels = segment_source(flatten_source(dapi, cy3)[0])
    assert labels.max() == 4
    assert not labels[:, :14].any()


def test_singles_come_by_area_in_one_size_and_decimated() -> None:
    singles = single_chromosomes(*drawn_metaphase(), every=1)
    assert len({single.shape for single in singles}) == 1
    assert all(single.dtype == np.uint8 for single in singles)
    areas = [np.count_nonzero(single) for single in singles]
    assert areas == sorted(areas)
    assert [area * 4 for area in areas] == pytest.approx([420, 640, 700, 840], rel=0.1)
    assert max(single.max() for single in singles) == 255


def test_every_thins_out_and_equal_areas_keep_one() -> None:
    dapi, cy3 = drawn_metaphase()
    assert len(single_chromosomes(dapi, cy3, every=2)) == 2
    dapi[150:180, 20:34] = 2000
    assert len(single_chromosomes(dapi, cy3, every=1)) == 4


def test_centring_halves_odd_margins_to_even() -> None:
    padded = pad_to_one_size([np.ones((2, 2), np.uint8), np.ones((5, 4), np.uint8)])
    assert padded[0].tolist() == place(np.ones((2, 2)), (5, 4), (2, 1)).tolist()
    assert pad_to_one_size([]) == []


def test_wrong_input_is_named() -> None:
    dapi, cy3 = drawn_metaphase()
    with pytest.raises(ValueError, match="have one shape"):
        flatten_source(dapi, cy3[1:])
    with pytest.raises(TypeError, match="`cy3` must hold integers of 12 bits, got uint8"):
        flatten_source(dapi, cy3.astype(np.uint8))
    with pytest.raises(ValueError, match=r"`dapi` must lie in 0..4095"):
        flatten_source(dapi * 16, cy3)
    with pytest.raises(NothingFound, match="no single chromosome is in view"):
        single_chromosomes(np.full((60, 60), 300, np.uint16), np.full((60, 60), 300, np.uint16))
