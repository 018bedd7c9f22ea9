"""Paddings to 128 x 128 and to multiples, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.data.padding import PADDINGS, pad_to_128, pad_to_multiple, unpad

PICTURES = np.random.default_rng(0).integers(1, 200, (2, 94, 93)).astype(np.int16)


@pytest.mark.parametrize("preset", PADDINGS)
@pytest.mark.parametrize("kind", ["image", "label"])
def test_every_preset_goes_to_128_and_back(preset: str, kind: str) -> None:
    padded = pad_to_128(PICTURES, preset, kind=kind)  # type: ignore[arg-type]
    assert (padded.shape, padded.dtype) == ((2, 128, 128), np.int16)
    back = unpad(padded, preset)
    assert back.shape == PICTURES.shape
    assert (back[:, 3:91, 3:91] == PICTURES[:, 3:91, 3:91]).all()
    assert (back[back != PICTURES] == 0).all()


def test_ours_fills_with_background() -> None:
    padded = pad_to_128(PICTURES)
    assert (padded[:, 17:111, 17:110] == PICTURES).all()
    assert padded.sum() == PICTURES.sum()
    assert (unpad(padded) == PICTURES).all()


def test_arms_keeps_88_pixels_from_row_and_column_three() -> None:
    padded = pad_to_128(PICTURES, "arms_repo")
    assert (padded[:, 20:108, 20:108] == PICTURES[:, 3:91, 3:91]).all()
    assert padded.sum() == PICTURES[:, 3:91, 3:91].sum()


def test_amfl_fills_pictures_with_white_but_for_the_last_column() -> None:
    padded = pad_to_128(PICTURES, "amfl_repo")
    assert (padded[:, 17:111, 17:110] == PICTURES).all()
    assert (padded[..., 127] == 0).all()
    assert np.count_nonzero(padded == 255) == 2 * (128 * 127 - 94 * 93)
    assert pad_to_128(PICTURES, "amfl_repo", kind="label").sum() == PICTURES.sum()


def test_single_planes_and_empty_stacks() -> None:
    assert pad_to_128(PICTURES[0]).shape == (128, 128)
    assert unpad(pad_to_128(PICTURES[:0])).shape == (0, 94, 93)


@given(rows=st.integers(1, 70), columns=st.integers(1, 70), multiple=st.integers(1, 32))
def test_multiples_are_the_smallest_and_go_back(rows: int, columns: int, multiple: int) -> None:
    picture = np.ones((rows, columns), np.uint8)
    padded, margins = pad_to_multiple(picture, multiple, value=7)
    assert all(new % multiple == 0 and 0 <= new - old < multiple for new, old in zip(padded.shape, picture.shape, strict=True))
    assert abs(margins.top - margins.bottom) <= 1
    assert abs(margins.left - margins.right) <= 1
    assert (margins.remove(padded) == picture).all()
    assert np.count_nonzero(padded == 7) == padded.size - picture.size


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"`pictures` must be \(\.\.\., 94, 93\), got shape \(128, 128\)"):
        pad_to_128(np.zeros((128, 128)))
    with pytest.raises(ValueError, match=r"`pictures` must be \(\.\.\., 128, 128\)"):
        unpad(np.zeros((94, 93)))
    with pytest.raises(ValueError, match="Did you mean 'arms_repo'"):
        pad_to_128(PICTURES, "arms_rep")
    with pytest.raises(ValueError, match="`kind` must be one of"):
        pad_to_128(PICTURES, kind="mask")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="hold the value 255, got int8"):
        pad_to_128(np.zeros((94, 93), np.int8), "amfl_repo")
    with pytest.raises(ValueError, match="`multiple` must be at least 1, got 0"):
        pad_to_multiple(np.zeros((3, 3)), 0)
    with pytest.raises(ValueError, match=r"`pictures` must be \(\.\.\., rows, columns\)"):
        pad_to_multiple(np.zeros(3), 2)
