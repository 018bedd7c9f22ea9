from __future__ import annotations

import numpy as np
import pytest

from karyokit.data import gband_cells, mfish
from karyokit.staining import (
    chromosome_width,
    dark_on_light,
    detect_stain,
    foreground_mask,
    noise_level,
    resolve_stain,
    seen_as,
    to_density,
)


def bars(width: int = 10, value: float = 150.0) -> np.ndarray:
    """A dark plane with six bright bars of a width."""
    plane = np.full((200, 260), 20.0)
    for number in range(6):
        plane[30:170, 20 + 40 * number : 20 + 40 * number + width] = value
    return plane


def test_both_stains_give_the_same_foreground() -> None:
    bright = bars()
    dark = 255.0 - bright
    assert detect_stain(bright) == "fluorescence"
    assert detect_stain(dark) == "brightfield"
    first = foreground_mask(to_density(bright, "fluorescence"))
    second = foreground_mask(to_density(dark, "brightfield"))
    assert (first == second).mean() > 0.99


@pytest.mark.parametrize("width", [6, 10, 16])
def test_width_of_bars(width: int) -> None:
    assert chromosome_width(to_density(bars(width), "fluorescence")) == pytest.approx(width, rel=0.15)


def test_density_is_zero_on_background_and_one_on_a_typical_chromosome() -> None:
    density = to_density(bars(), "fluorescence")
    assert density.dtype == np.float32
    assert np.median(density[:20]) < 0.05
    assert np.median(density[60:140, 22:28]) == pytest.approx(1.0, abs=0.1)


def test_uneven_light_is_taken_out() -> None:
    light = np.linspace(0.8, 1.2, 260)[None]
    uneven = (255.0 - bars()) * light
    density = to_density(uneven, "brightfield")
    background = density[:20]
    assert background.max() < 0.2


def test_flat_picture_has_no_density() -> None:
    flat = np.full((64, 64), 7, np.uint8)
    assert not to_density(flat, "fluorescence").any()
    assert chromosome_width(to_density(flat, "fluorescence")) == 10.0


def test_names_of_stains() -> None:
    assert resolve_stain("gband", bars()) == "brightfield"
    assert resolve_stain("auto", bars()) == "fluorescence"
    with pytest.raises(ValueError, match="`stain` must be one of"):
        resolve_stain("giemsa?", bars())
    with pytest.raises(ValueError, match="`stain` must be one of"):
        to_density(bars(), "dapi")


def test_real_cells_are_told_apart(shared_data) -> None:  # type: ignore[no-untyped-def]
    for name in mfish.split_names(shared_data / "mfish", "val"):
        assert detect_stain(mfish.read_cell(shared_data / "mfish", name).image) == "fluorescence", name
    for number, cell in enumerate(gband_cells.cells(shared_data / "gband_cells", "val")):
        assert detect_stain(cell.image) == "brightfield", cell.name
        if number == 15:
            break


def noisy_bars(sigma: float) -> np.ndarray:
    """Bright bars on dark grey with white noise of a standard deviation."""
    plane = np.full((120, 160), 40.0)
    for column in range(20, 140, 30):
        plane[30:90, column : column + 12] = 200
    return np.clip(plane + np.random.default_rng(1).normal(0, sigma, plane.shape), 0, 255)


def test_noise_is_measured_and_only_noisy_pictures_are_smoothed() -> None:
    assert noise_level(noisy_bars(8.0)) == pytest.approx(8 / 160, rel=0.25)
    assert noise_level(np.full((9, 9), 7.0)) == 0.0
    clean, noisy = (to_density(noisy_bars(sigma), "fluorescence") for sigma in (0.0, 16.0))
    inside = np.s_[40:80, 22:30]
    assert clean[inside].std() < 1e-3
    assert noisy[inside].std() < 0.05
    edge = np.diff(clean[60, 15:25])
    assert edge.max() > 0.9, "a clean edge stays sharp"


def test_the_negative_of_fluorescence_has_the_same_density() -> None:
    picture = bars()
    np.testing.assert_allclose(to_density(255 - picture, "inverted"), to_density(picture, "fluorescence"), atol=1e-5)
    assert resolve_stain("DAPI-inverted", picture) == "inverted"
    assert [dark_on_light(stain) for stain in ("fluorescence", "brightfield", "inverted")] == [False, True, True]
    assert seen_as("inverted") == "fluorescence"
    with pytest.raises(ValueError, match="must be one of"):
        dark_on_light("blue")
