"""Maps have the picture's size and the values computed by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).parent))
import tiny_models

from karyokit.inference import load_model, separation_maps
from karyokit.inference.separator import model_shape, resize_plane


@pytest.mark.parametrize("width", [10.0, 11.0, 20.0, 5.0])
def test_maps_of_a_flat_picture(tmp_path: Path, width: float) -> None:
    tiny_models.separator(tmp_path)
    maps = separation_maps(load_model("tiny", folder=tmp_path), np.ones((37, 52), np.float32), width)
    for plane, value in ((maps.foreground, expit(2)), (maps.border, expit(-4)), (maps.overlap, expit(-4))):
        assert plane.shape == (37, 52)
        assert plane.dtype == np.float32
        np.testing.assert_allclose(plane, value, rtol=1e-5)


def test_channel_order_and_activation_come_from_the_card(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path, outputs=("overlap", "foreground", "border"), logits=False, width_px=None)
    maps = separation_maps(load_model("tiny", folder=tmp_path), np.full((4, 4), 0.75, np.float32), 8.0)
    assert maps.overlap[0, 0] == 1  # 4 * 0.75 - 2
    assert maps.foreground[0, 0] == 0  # -3, clipped


def test_same_picture_same_bytes(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path)
    model = load_model("tiny", folder=tmp_path, threads=1)
    density = np.random.default_rng(0).random((61, 47), dtype=np.float32)
    before = density.copy()
    first, second = (separation_maps(model, density, 14.0) for _ in range(2))
    assert first.overlap.tobytes() == second.overlap.tobytes()
    assert (density == before).all()


def test_refusals(tmp_path: Path) -> None:
    tiny_models.separator(tmp_path)
    tiny_models.classifier(tmp_path)
    tiny_models.separator(tmp_path, "four", outputs=("foreground", "border", "overlap", "more"))
    plane = np.ones((8, 8), np.float32)
    with pytest.raises(ValueError, match="must give foreground"):
        separation_maps(load_model("tiny-classes", folder=tmp_path), plane, 10)
    with pytest.raises(ValueError, match="`width_px` must be a positive"):
        separation_maps(load_model("tiny", folder=tmp_path), plane, float("nan"))
    with pytest.raises(ValueError, match="one channel for each name"):
        separation_maps(load_model("four", folder=tmp_path), plane, 10)


def test_resize_keeps_the_mean_and_the_size_never_vanishes() -> None:
    plane = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    assert abs(resize_plane(plane, (16, 16)).mean() - plane.mean()) < 0.02
    assert model_shape((3, 3), 100.0, 10.0) == (1, 1)
