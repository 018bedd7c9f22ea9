from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from karyokit.data.generators.procedural import (
    band_profile,
    karyotype_categories,
    procedural_cell,
    procedural_single,
    procedural_singles,
)
from karyokit.data.generators.records import CellOptions
from karyokit.human import CENTROMERIC_INDICES, RELATIVE_LENGTHS


def test_relative_lengths_are_percent_of_the_autosomes() -> None:
    assert len(RELATIVE_LENGTHS) == len(CENTROMERIC_INDICES) == 24
    assert sum(RELATIVE_LENGTHS[:22]) == pytest.approx(100, abs=0.5)
    assert max(CENTROMERIC_INDICES) < 50


def test_band_profiles_are_fixed_and_tell_classes_apart() -> None:
    profiles = np.array([band_profile(category) for category in range(1, 25)])
    assert np.array_equal(profiles[4], band_profile(5))
    assert profiles.min() == 0.0
    assert profiles.max() == 1.0
    alike = np.corrcoef(profiles) - np.eye(24)
    assert alike.max() < 0.75


def test_higher_resolution_shows_more_bands() -> None:
    changes = [np.abs(np.diff(band_profile(1, count=512, resolution=resolution))).sum() for resolution in (200, 400, 850)]
    assert changes[0] < changes[1] < changes[2]


@pytest.mark.parametrize("category", [1, 13, 21, 24])
def test_size_and_category_are_as_asked(category: int) -> None:
    single = procedural_single(category, rng=np.random.default_rng(0), length_px=60, width_px=14)
    rows, columns = single.mask.any(axis=1).sum(), single.mask.any(axis=0).sum()
    assert rows == pytest.approx(60, abs=2)
    assert columns == pytest.approx(14, abs=2)
    assert single.category == category
    assert ndimage.label(single.mask)[1] == 1
    assert single.density[~ndimage.binary_dilation(single.mask, iterations=3)].max() < 1e-4


def test_the_waist_lies_at_the_centromere_with_the_p_arm_up() -> None:
    single = procedural_single(4, rng=np.random.default_rng(1), length_px=200, width_px=24)
    widths = ndimage.gaussian_filter1d(single.mask.sum(axis=1).astype(float), 2)
    used = np.flatnonzero(single.mask.any(axis=1))
    inner = slice(used[0] + 20, used[-1] - 20)
    waist = (inner.start + int(widths[inner].argmin()) - used[0]) / used.size
    assert waist == pytest.approx(CENTROMERIC_INDICES[3] / 100, abs=0.04)


def test_density_follows_the_bands() -> None:
    single = procedural_single(2, rng=np.random.default_rng(1), length_px=160, width_px=16)
    used = np.flatnonzero(single.mask.any(axis=1))
    rows = used[6:-6]
    column = single.density.shape[1] // 2
    profile = single.density[rows, column - 4 : column + 4].mean(axis=1)
    expected = np.interp((rows - used[0] + 0.5) / used.size, np.linspace(0, 1, 256), band_profile(2))
    assert np.corrcoef(profile, expected)[0, 1] > 0.7


def test_splay_opens_the_tips_and_bend_shortens_the_extent() -> None:
    straight, splayed, bent = (
        procedural_single(1, rng=np.random.default_rng(0), length_px=100, width_px=14, **change)
        for change in ({}, {"splay": 1.5}, {"bend": 120.0})
    )
    assert splayed.mask.any(axis=0).sum() > straight.mask.any(axis=0).sum() + 4
    assert bent.mask.any(axis=1).sum() < 95
    assert np.count_nonzero(bent.mask) == pytest.approx(np.count_nonzero(straight.mask), rel=0.08)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"category": 0}, "category"),
        ({"width_px": 1.0}, "width_px"),
        ({"length_px": 5.0}, "length_px"),
        ({"resolution": 10.0}, "resolution"),
        ({"stain": "giemsa"}, "stain"),
        ({"bend": 300.0}, "bend"),
    ],
)
def test_impossible_chromosomes_are_refused(change: dict[str, object], named: str) -> None:
    arguments: dict[str, object] = {"category": 1, "rng": np.random.default_rng(0), **change}
    with pytest.raises(ValueError, match=f"`{named}` must"):
        procedural_single(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("karyotype", "count", "of_class"),
    [
        ("46,XY", 46, {23: 1, 24: 1, 21: 2}),
        ("46,XX", 46, {23: 2, 24: 0}),
        ("47,XX,+21", 47, {21: 3}),
        ("45,X", 45, {23: 1, 24: 0}),
        ("47,XXY", 47, {23: 2, 24: 1}),
        ("46,XX,+8,-22", 46, {8: 3, 22: 1}),
        ("47, XY, +X", 47, {23: 2}),
    ],
)
def test_karyotypes_give_their_chromosomes(karyotype: str, count: int, of_class: dict[int, int]) -> None:
    categories = karyotype_categories(karyotype)
    assert len(categories) == count
    assert {category: categories.count(category) for category in of_class} == of_class


@pytest.mark.parametrize("karyotype", ["", "46", "46,XX,t(9;22)", "47,XX", "46,XY,+23,-1", "42,XX,-1,-1,-1,-X"])
def test_wrong_karyotypes_are_refused(karyotype: str) -> None:
    with pytest.raises(ValueError, match=r"`(karyotype|chromosome)` must"):
        karyotype_categories(karyotype)


def test_homologues_are_alike_but_not_equal() -> None:
    first, second = procedural_singles((1, 1), stain="brightfield", rng=np.random.default_rng(0))
    assert first.density.shape != second.density.shape or not np.array_equal(first.density, second.density)
    assert first.mask.sum() == pytest.approx(second.mask.sum(), rel=0.3)


@pytest.mark.parametrize(("stain", "shape"), [("brightfield", (680, 700)), ("fluorescence", (517, 645))])
def test_cells_hold_their_karyotype(stain: str, shape: tuple[int, int]) -> None:
    cell = procedural_cell("47,XY,+21", stain=stain, seed=2)  # type: ignore[arg-type]
    assert cell.image.shape == shape
    assert np.bincount(cell.categories, minlength=25)[[1, 21, 23, 24]].tolist() == [2, 3, 1, 1]
    assert (np.median(cell.image) > 127) == (stain == "brightfield")
    inside = np.concatenate([cell.image[region.window][region.crop] for region in cell.masks])
    assert (np.median(inside) < np.median(cell.image)) == (stain == "brightfield")


def test_options_of_the_other_stain_are_refused() -> None:
    with pytest.raises(ValueError, match="`options` must be of the stain 'brightfield'"):
        procedural_cell(stain="brightfield", seed=0, options=CellOptions.for_stain("fluorescence"))


def test_the_same_seed_gives_the_same_cell() -> None:
    options = CellOptions.for_stain("fluorescence", shape=(400, 400))
    first, second = (procedural_cell("45,X", stain="fluorescence", seed=1, options=options) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
