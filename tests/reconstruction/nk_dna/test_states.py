"""The numbers of a state, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction.crf import RefineOptions, cut_out
from karyokit.reconstruction.nk_dna import FEATURES, state_of


def drawn(others: np.ndarray | None = None, probability: float = 0.5) -> dict[str, float]:
    """State by name of a bar of 20 x 5 pixels, 100 on 40."""
    mask = np.zeros((40, 30), bool)
    mask[10:30, 10:15] = True
    image = np.where(mask, 100, 40).astype(np.uint8)
    crop = cut_out(image, np.full(mask.shape, probability), mask, others=others, options=RefineOptions())
    return dict(zip(FEATURES, state_of(crop, pixel_size_um=0.1), strict=True))


def test_a_bar_by_hand() -> None:
    state = drawn()
    assert state["area"] == 100
    assert state["boundary"] == 46
    assert 14 <= state["length"] <= 20
    assert state["width"] == 100 / state["length"]
    assert state["elongation"] == pytest.approx(state["length"] / state["width"])
    assert state["entropy"] == pytest.approx(1.0)
    assert state["contrast"] == 60
    assert state["pixel_size_um"] == 0.1
    assert (state["overlaps"], state["overlap_share"], state["touching"]) == (0, 0, 0)
    assert drawn(probability=0.99)["entropy"] < 0.1


def test_neighbours() -> None:
    crossing = np.zeros((40, 30), bool)
    crossing[15:19, 5:25] = True
    state = drawn(crossing)
    assert (state["overlaps"], state["overlap_share"], state["touching"]) == (1, 0.2, 0)
    beside = np.zeros((40, 30), bool)
    beside[12:28, 15:18] = True
    assert (drawn(beside)["overlaps"], drawn(beside)["touching"]) == (0, 1)
    assert drawn(crossing | beside)["touching"] == 1


def test_colour_pictures_and_pictures_full_of_mask() -> None:
    full = np.ones((4, 4), bool)
    crop = cut_out(np.full((4, 4, 3), 7, np.uint8), full.astype(float), full)
    state = dict(zip(FEATURES, state_of(crop), strict=True))
    assert state["contrast"] == 0
    assert np.isfinite(list(state.values())).all()


def test_refuses_an_empty_mask() -> None:
    full = np.ones((4, 4), bool)
    crop = cut_out(np.zeros((4, 4), np.uint8), full.astype(float), full)
    with pytest.raises(ValueError, match="empty mask"):
        state_of(type(crop)(crop.window, crop.image, crop.probability, ~full, crop.others))
