from __future__ import annotations

import numpy as np
import pytest

from karyokit.data.generators.records import CameraOptions, CellOptions, Single, require_singles

MASK = np.ones((3, 3), bool)


def test_single_keeps_what_it_was_given() -> None:
    single = Single(np.ones((3, 3), np.float32), MASK, 24)
    assert single.category == 24
    assert single.mask.all()


@pytest.mark.parametrize(
    ("density", "mask", "category", "named"),
    [
        (np.ones((2, 3), np.float32), MASK, 1, "density and mask"),
        (np.full((3, 3), np.nan, np.float32), MASK, 1, "density"),
        (np.ones((3, 3), np.float32), np.zeros((3, 3), bool), 1, "mask"),
        (np.ones((3, 3), np.float32), MASK.astype(np.uint8), 1, "mask"),
        (np.ones((3, 3), np.float32), MASK, 25, "category"),
    ],
)
def test_single_refuses_what_it_cannot_be(density: np.ndarray, mask: np.ndarray, category: int, named: str) -> None:
    with pytest.raises(ValueError, match=f"`{named}` must"):
        Single(density, mask, category)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stain": "giemsa"}, "stain"),
        ({"crowding": 1.2}, "crowding"),
        ({"crossing": -0.1}, "crossing"),
        ({"bend": 91}, "bend"),
        ({"scale": (0, 1)}, "scale"),
    ],
)
def test_options_refuse_values_out_of_range(change: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=f"`{named}` must"):
        CellOptions(**change)


def test_options_of_a_stain_bring_its_camera() -> None:
    assert CellOptions.for_stain("brightfield", crowding=0.5).camera == CameraOptions.for_stain("brightfield")
    assert CellOptions.for_stain("fluorescence").camera.jpeg is None
    assert CellOptions.clean("brightfield").camera == CameraOptions.ideal(255.0)


def test_number_of_singles_is_checked() -> None:
    require_singles([], 0, 2)
    with pytest.raises(ValueError, match=r"hold 1\.\.2 chromosomes, got 0"):
        require_singles([], 1, 2)
