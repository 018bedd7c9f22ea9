"""The ellipse and the top-hat equal those of OpenCV; the goldens below were made with OpenCV 5.0."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from karyokit.data.pommier import read_source
from karyokit.data.tophat import ellipse_kernel, white_tophat

TOPHAT_SHA256 = {
    50: "3bc4a4655da9cd02c2ca907babbd003b84f2b1072025f4e3bee5c5dfe2611324",
    9: "17194fd54e303d6e7f12c2594df2f6a98a9e450512a6d678fff3dc4f9c683ff2",
}


def test_odd_ellipse_equals_opencv() -> None:
    kernel = ellipse_kernel(9)
    assert kernel.sum(axis=1).tolist() == [1, 7, 7, 9, 9, 9, 7, 7, 1]
    assert (kernel == kernel[::-1, ::-1]).all()


def test_even_ellipse_is_not_symmetric() -> None:
    drawn = ["...X....", ".XXXXXXX", ".XXXXXXX", "XXXXXXXX", "XXXXXXXX", "XXXXXXXX", ".XXXXXXX", ".XXXXXXX"]
    drawn[0] = "....X..."
    assert ["".join("X" if pixel else "." for pixel in row) for row in ellipse_kernel(8)] == drawn


def test_large_even_ellipse_equals_opencv() -> None:
    upper = [1, 15, 21, 25, 29, 31, 33, 35, 37, 39, 41, 43, 43, 45, 45, 47, 47, 49, 49, 49, 49, 50, 50, 50, 50]
    assert ellipse_kernel(50).sum(axis=1).tolist() == [*upper, 50, *upper[:0:-1]]


def test_smallest_ellipse_is_one_pixel_and_leaves_nothing() -> None:
    assert ellipse_kernel(1).tolist() == [[True]]
    assert not white_tophat(np.arange(12, dtype=np.uint8).reshape(3, 4), ellipse_kernel(1)).any()


def test_tophat_with_an_even_kernel_equals_opencv() -> None:
    image = np.random.default_rng(0).integers(0, 256, (6, 6)).astype(np.uint8)
    expected = [
        [213, 159, 126, 59, 68, 0],
        [15, 0, 40, 198, 156, 223],
        [109, 136, 229, 176, 151, 129],
        [99, 195, 27, 186, 161, 0],
        [56, 175, 97, 0, 187, 178],
        [172, 0, 0, 198, 0, 133],
    ]
    assert white_tophat(image, ellipse_kernel(4)).tolist() == expected


@pytest.mark.parametrize("side", [3, 4, 7, 8])
def test_tophat_equals_erosion_and_dilation_written_out(side: int) -> None:
    image = np.random.default_rng(side).integers(0, 256, (12, 9)).astype(np.uint8)
    offsets = np.argwhere(ellipse_kernel(side)) - side // 2

    def extreme(picture: np.ndarray, choose: type[max] | type[min]) -> np.ndarray:  # type: ignore[valid-type]
        result = np.empty_like(picture)
        for row, column in np.ndindex(picture.shape):
            near = [(row + down, column + right) for down, right in offsets]
            result[row, column] = choose(picture[r, c] for r, c in near if 0 <= r < 12 and 0 <= c < 9)
        return result

    opened = extreme(extreme(image, min), max)  # type: ignore[arg-type]
    assert (white_tophat(image, ellipse_kernel(side)) == np.maximum(image.astype(int) - opened, 0)).all()


def test_tophat_leaves_its_input_and_flat_pictures_alone() -> None:
    image = np.full((20, 20), 200, np.uint8)
    assert not white_tophat(image, ellipse_kernel(9)).any()
    assert (image == 200).all()


@pytest.mark.parametrize(("plane", "side"), [(0, 50), (1, 9)])
def test_real_tophat_equals_opencv_bit_by_bit(shared_data: Path, plane: int, side: int) -> None:
    source = read_source(shared_data / "pommier")[plane][50:900, 300:1150]
    flat = white_tophat((source // 16).astype(np.uint8), ellipse_kernel(side))
    assert hashlib.sha256(flat.tobytes()).hexdigest() == TOPHAT_SHA256[side]


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="`side` must be at least 1, got 0"):
        ellipse_kernel(0)
    with pytest.raises(TypeError, match="`image` must be uint8"):
        white_tophat(np.zeros((3, 3), np.uint16), ellipse_kernel(3))
    with pytest.raises(ValueError, match="`image` must be a non-empty"):
        white_tophat(np.zeros((0, 3), np.uint8), ellipse_kernel(3))
