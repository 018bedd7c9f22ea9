"""Layers add up to the picture, leave alone what is not shared, and find the truth of drawn crossings again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.chromosomes import Region
from karyokit.data import mfish
from karyokit.karyotype.straightening import medial_axis
from karyokit.reconstruction.layers import restored_grey, separate_layers
from karyokit.staining import to_density

SHAPE = (70, 80)


def crossing(*, exponent: float = 1.0, bands: bool = True) -> tuple[np.ndarray, list[Region], list[np.ndarray], list[np.ndarray]]:
    """Density of a lying and a standing banded bar that cross, their regions, axes and true densities."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(float)
    masks = [(rows >= 30) & (rows < 41) & (columns >= 8) & (columns < 72), (columns >= 40) & (columns < 51) & (rows >= 4) & (rows < 66)]
    waves = [1.2 + 0.3 * bands * np.sin(columns / 5), 0.8 + 0.2 * bands * np.sin(rows / 4)]
    truth = [np.where(mask, wave, 0) for mask, wave in zip(masks, waves, strict=True)]
    density = (truth[0] ** exponent + truth[1] ** exponent) ** (1 / exponent)
    regions = [Region.from_mask(mask) for mask in masks]
    crops = [plane[region.window] for plane, region in zip(truth, regions, strict=True)]
    return density.astype(np.float32), regions, [medial_axis(region) for region in regions], crops


def on_picture(layers: list[np.ndarray], regions: list[Region]) -> np.ndarray:
    total = np.zeros(SHAPE)
    for layer, region in zip(layers, regions, strict=True):
        total[region.window] += layer
    return total


def shared(regions: list[Region]) -> np.ndarray:
    return np.sum([region.to_mask(SHAPE) for region in regions], axis=0) > 1


def test_layers_of_an_additive_crossing_add_up_to_the_picture() -> None:
    density, regions, axes, _ = crossing()
    before = density.copy()
    layers = separate_layers(density, regions, axes)
    np.testing.assert_allclose(on_picture(layers, regions), density, atol=1e-5)
    assert all((layer >= 0).all() and layer.dtype == np.float32 for layer in layers)
    assert [layer.shape for layer in layers] == [region.crop.shape for region in regions]
    assert np.array_equal(density, before)


@pytest.mark.parametrize("exponent", [1.0, 3.0])
def test_the_true_densities_are_found_again(exponent: float) -> None:
    density, regions, axes, truth = crossing(exponent=exponent)
    wrong = np.zeros(3)
    for layer, true, region in zip(separate_layers(density, regions, axes), truth, regions, strict=True):
        zone = shared(regions)[region.window] & region.crop
        seen = density[region.window]
        wrong += [np.abs(guess - true)[zone].mean() for guess in (layer, seen, seen / 2)]
    restored, whole, half = wrong / 2
    assert restored < 0.12
    assert restored < 0.6 * min(whole, half)


def test_pixels_of_one_chromosome_alone_stay_as_they_are() -> None:
    density, regions, axes, _ = crossing(exponent=2.0)
    alone = ~shared(regions)
    for layer, region in zip(separate_layers(density, regions, axes), regions, strict=True):
        own = alone[region.window] & region.crop
        assert np.array_equal(layer[own], density[region.window][own])
        assert (layer[~region.crop] == 0).all()


def test_touching_chromosomes_are_left_alone() -> None:
    density = np.zeros(SHAPE, np.float32)
    density[10:20, 10:60], density[20:30, 10:60] = 1.0, 0.4
    regions = [Region(10, 10, np.ones((10, 50), bool)), Region(20, 10, np.ones((10, 50), bool))]
    layers = separate_layers(density, regions, [medial_axis(region) for region in regions])
    assert (layers[0] == 1).all()
    assert (layers[1] == np.float32(0.4)).all()


@given(st.floats(0.1, 50), st.booleans())
def test_the_scale_of_the_density_and_the_order_do_not_matter(scale: float, swap: bool) -> None:
    density, regions, axes, _ = crossing(exponent=2.0)
    plain = separate_layers(density, regions, axes)
    order = [1, 0] if swap else [0, 1]
    turned = separate_layers(np.float32(scale) * density, [regions[k] for k in order], [axes[k] for k in order])
    for place, index in enumerate(order):
        np.testing.assert_allclose(turned[place], scale * plain[index], rtol=2e-3, atol=1e-4 * scale)


def test_wholly_shared_and_empty_cells_and_black_pictures() -> None:
    density, regions, axes, _ = crossing()
    twice = separate_layers(density, [regions[0], regions[0]], [axes[0], axes[0]])
    np.testing.assert_allclose(twice[0], twice[1], rtol=2e-3)
    assert separate_layers(density, [], []) == []
    black = separate_layers(np.zeros(SHAPE, np.float32), regions, axes)
    assert all((layer == 0).all() for layer in black)


def test_what_does_not_fit_is_refused() -> None:
    density, regions, axes, _ = crossing()
    with pytest.raises(ValueError, match="`axes` must hold one axis for each of 2 regions"):
        separate_layers(density, regions, axes[:1])
    with pytest.raises(ValueError, match="`regions` must lie inside the picture"):
        separate_layers(density[:40], regions, axes)


@pytest.mark.parametrize(("stain", "level"), [("fluorescence", 10), ("brightfield", 200)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_grey_values_follow_the_stain(stain: str, level: int, dtype: type) -> None:
    density, regions, axes, truth = crossing(bands=False)
    photographed = level + 60 * density if stain == "fluorescence" else level * np.exp(-density)
    image: np.ndarray = photographed.astype(dtype)
    region, layer = regions[0], separate_layers(density, regions, axes)[0]
    grey = restored_grey(image, density, region, layer, stain=stain, background=level)
    alone = level + 60 * truth[0] if stain == "fluorescence" else level * np.exp(-truth[0])
    zone = shared(regions)[region.window] & region.crop
    assert grey.dtype == dtype
    assert np.abs(grey[zone] - alone[zone]).mean() < 8
    assert np.array_equal(grey[~zone], image[region.window][~zone])


def test_real_crossings_go_on_as_they_are_beside_them(shared_data: Path) -> None:
    cell = mfish.read_cell(shared_data / "mfish", "A0601XY")
    density = to_density(cell.image, cell.stain)
    layers = separate_layers(density, list(cell.regions), [medial_axis(region) for region in cell.regions])
    count = np.sum([region.to_mask(cell.shape) for region in cell.regions], axis=0)
    steps: dict[str, list[float]] = {"seen": [], "restored": []}
    for layer, region in zip(layers, cell.regions, strict=True):
        zone, own = (count[region.window] > 1) & region.crop, (count[region.window] == 1) & region.crop
        if zone.sum() >= 30 and own.sum() >= 60:
            beside = np.median(layer[own])
            steps["seen"].append(abs(np.median(density[region.window][zone]) / beside - 1))
            steps["restored"].append(abs(np.median(layer[zone]) / beside - 1))
    assert np.median(steps["restored"]) < np.median(steps["seen"])
