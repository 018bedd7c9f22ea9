from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from karyokit.data.generators.optics import photograph, smooth_field, stack_densities
from karyokit.data.generators.placing import Placed
from karyokit.data.generators.records import CameraOptions, Single
from karyokit.data.generators.warping import Pose, pose_single

Bar = Callable[..., Single]
SHAPE = (90, 90)


@pytest.fixture
def crossed(flat_bar: Bar) -> list[Placed]:
    """An upright bar of density 0.5 below a lying one of density 0.8; they share rows 40..49, columns 40..49."""
    upright = pose_single(flat_bar(60, 10, 0.5), Pose())
    lying = pose_single(flat_bar(60, 10, 0.8), Pose(angle=np.pi / 2), number=1)
    return [Placed(upright, 15 - 3, 40 - 3), Placed(lying, 40 - 3, 15 - 3)]


def _grey(crossed: list[Placed], stain: str, level: float, *, opaque: bool) -> np.ndarray:
    density = stack_densities(crossed, SHAPE, opaque=opaque)
    return photograph(density, stain=stain, camera=CameraOptions.ideal(level), rng=np.random.default_rng(0))  # type: ignore[arg-type]


def test_fluorescence_adds_intensities(crossed: list[Placed]) -> None:
    grey = _grey(crossed, "fluorescence", 100.0, opaque=False)
    assert (grey[20, 45], grey[45, 20], grey[45, 45], grey[5, 5]) == (50, 80, 130, 0)


def test_brightfield_multiplies_transmittances(crossed: list[Placed]) -> None:
    grey = _grey(crossed, "brightfield", 255.0, opaque=False)
    expected = [round(255 * np.exp(-density)) for density in (0.5, 0.8, 1.3, 0.0)]
    assert [int(grey[place]) for place in ((20, 45), (45, 20), (45, 45), (5, 5))] == expected


def test_the_upper_chromosome_hides_the_lower_one_when_opaque(crossed: list[Placed]) -> None:
    assert _grey(crossed, "fluorescence", 100.0, opaque=True)[45, 45] == 80
    assert _grey(crossed[::-1], "fluorescence", 100.0, opaque=True)[45, 45] == 50


def test_nothing_placed_is_an_empty_plane() -> None:
    assert not stack_densities([], (4, 5), opaque=False).any()


def test_saturation_clips(crossed: list[Placed]) -> None:
    assert _grey(crossed, "fluorescence", 240.0, opaque=False).max() == 255


def test_background_haze_and_unevenness_lift_the_dark_field(crossed: list[Placed]) -> None:
    density = stack_densities(crossed, SHAPE, opaque=False)
    camera = replace(CameraOptions.ideal(100.0), background=(10.0, 10.0))
    plain = photograph(density, stain="fluorescence", camera=camera, rng=np.random.default_rng(0))
    assert plain[2, 2] == 10
    hazy = photograph(density, stain="fluorescence", camera=replace(camera, haze=(0.5, 0.5)), rng=np.random.default_rng(0))
    assert hazy[36, 36] > plain[36, 36]
    uneven = photograph(density, stain="fluorescence", camera=replace(camera, unevenness=(0.5, 0.5)), rng=np.random.default_rng(0))
    assert np.ptp(uneven[:10].astype(int)) > 0


def test_noise_has_the_strength_asked_for() -> None:
    camera = replace(CameraOptions.ideal(200.0), noise=(4.0, 4.0))
    grey = photograph(np.full((200, 200), 0.5, np.float32), stain="fluorescence", camera=camera, rng=np.random.default_rng(0))
    assert grey.std() == pytest.approx(4.0, rel=0.03)


def test_jpeg_changes_pixels_but_not_the_picture(crossed: list[Placed]) -> None:
    density = stack_densities(crossed, SHAPE, opaque=False)
    camera = replace(CameraOptions.ideal(255.0), jpeg=(60, 60))
    grey = photograph(density, stain="brightfield", camera=camera, rng=np.random.default_rng(0))
    difference = np.abs(grey.astype(int) - _grey(crossed, "brightfield", 255.0, opaque=False))
    assert 0 < difference.mean() < 4


def test_blur_keeps_the_light(crossed: list[Placed]) -> None:
    density = stack_densities(crossed, SHAPE, opaque=False)
    camera = replace(CameraOptions.ideal(100.0), blur=(1.5, 1.5))
    grey = photograph(density, stain="fluorescence", camera=camera, rng=np.random.default_rng(0)).astype(float)
    assert grey.sum() == pytest.approx(100 * float(density.sum()), rel=0.01)


def test_smooth_fields_are_smooth() -> None:
    field = smooth_field((120, 80), (3, 2), rng=np.random.default_rng(0))
    assert field.shape == (120, 80)
    assert np.abs(np.diff(field, axis=0)).max() < 0.1
