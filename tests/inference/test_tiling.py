"""Tiles give what one piece gives, at any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from karyokit.inference.tiling import run_plane


def pointwise(plane: np.ndarray) -> np.ndarray:
    assert plane.shape[0] % 16 == plane.shape[1] % 16 == 0
    return np.stack([plane, 1 - plane])


def smoothing(plane: np.ndarray) -> np.ndarray:
    return ndimage.uniform_filter(plane, 5, mode="reflect")[None]


@given(rows=st.integers(1, 70), columns=st.integers(1, 70), limit=st.sampled_from([1, 10**6]))
def test_pointwise_model_is_unchanged_by_tiles(rows: int, columns: int, limit: int) -> None:
    plane = np.random.default_rng(0).random((rows, columns), dtype=np.float32)
    maps = run_plane(pointwise, plane, limit=limit, tile=32, overlap=8)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps, np.stack([plane, 1 - plane]), atol=1e-6)


def test_no_seam_inside_and_bounded_difference() -> None:
    plane = np.random.default_rng(1).random((96, 128), dtype=np.float32)
    whole = run_plane(smoothing, plane)
    tiled = run_plane(smoothing, plane, limit=1, tile=48, overlap=24)
    assert np.abs(whole - tiled).max() < 0.03  # tile rims see reflections, but weigh little


def test_calls_no_tile_larger_than_asked() -> None:
    sizes: list[int] = []

    def watch(plane: np.ndarray) -> np.ndarray:
        sizes.append(plane.size)
        return plane[None]

    run_plane(watch, np.zeros((300, 200), np.float32), limit=1, tile=64, overlap=16)
    assert max(sizes) == 64 * 64


def test_tile_must_exceed_overlap() -> None:
    with pytest.raises(ValueError, match="`tile` must be larger"):
        run_plane(pointwise, np.zeros((99, 99), np.float32), limit=1, tile=8, overlap=8)
