from __future__ import annotations

import numpy as np
import pytest

from karyokit.data.generators.records import CellOptions, Stain
from karyokit.data.generators.surroundings import NUCLEUS_DENSITY, add_surroundings, nucleus, paste


@pytest.mark.parametrize("stain", ["fluorescence", "brightfield"])
def test_nuclei_are_large_mottled_discs(stain: Stain) -> None:
    patch = nucleus(50.0, stain, rng=np.random.default_rng(2))
    inside = patch > 0.5 * NUCLEUS_DENSITY[stain][0]
    assert np.count_nonzero(inside) == pytest.approx(np.pi * 50**2, rel=0.2)
    assert patch[0].max() == 0
    assert 0.02 < patch[inside].std() / patch[inside].mean() < 0.4


def test_surroundings_add_to_a_copy() -> None:
    plane = np.zeros((200, 200), np.float32)
    options = CellOptions(nuclei=(1, 1), debris=(20, 20))
    total = add_surroundings(plane, options=options, rng=np.random.default_rng(0))
    assert not plane.any()
    assert (total >= 0).all()
    assert total.max() > 0.1


def test_none_asked_for_changes_nothing() -> None:
    plane = np.full((40, 40), 0.3, np.float32)
    total = add_surroundings(plane, options=CellOptions(nuclei=(0, 0), debris=(0, 0)), rng=np.random.default_rng(0))
    assert np.array_equal(total, plane)


@pytest.mark.parametrize(("corner", "expected"), [((-1, -1), 4), ((3, 3), 4), ((1, 1), 9), ((9, 9), 0), ((-9, 0), 0)])
def test_patches_are_cut_at_the_edge(corner: tuple[int, int], expected: int) -> None:
    plane = np.zeros((5, 5), np.float32)
    paste(plane, np.ones((3, 3), np.float32), corner=np.array(corner))
    assert plane.sum() == expected
