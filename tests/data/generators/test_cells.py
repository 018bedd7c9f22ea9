from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from karyokit.chromosomes import stack_masks
from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.records import CellOptions, ComposedCell, Single

Bar = Callable[..., Single]
SHAPE = (400, 420)


@pytest.fixture(scope="module")
def bars(flat_bar: Bar) -> list[Single]:
    """46 bars of 14 to 59 pixels, classes 1..23 twice."""
    return [flat_bar(14 + number, 9, 1.0, number // 2 + 1) for number in range(46)]


@pytest.fixture(scope="module")
def cell(bars: list[Single]) -> ComposedCell:
    return compose_cell(bars, rng=np.random.default_rng(5), options=CellOptions.for_stain("fluorescence", shape=SHAPE, crowding=0.4))


def _clustered(cell: ComposedCell) -> float:
    """Share of chromosomes in a connected part of the foreground that holds two or more."""
    masks = stack_masks(cell.masks, cell.overlap.shape)
    labels, _ = ndimage.label(masks.any(axis=0), np.ones((3, 3)))
    part = np.array([labels[mask].max() for mask in masks])
    return float(np.mean(np.bincount(part)[part] > 1))


def test_overlap_is_where_two_masks_meet(cell: ComposedCell) -> None:
    masks = stack_masks(cell.masks, SHAPE)
    assert np.array_equal(cell.overlap, masks.sum(axis=0) >= 2)
    assert cell.overlap.any()
    assert masks.shape == (46, *SHAPE)


def test_no_chromosome_is_lost_or_cut(cell: ComposedCell, bars: list[Single]) -> None:
    areas = np.array([region.area for region in cell.masks])
    drawn = np.array([np.count_nonzero(single.mask) for single in bars])
    ratio = areas / drawn
    assert np.abs(ratio / np.median(ratio) - 1).max() < 0.25
    assert cell.categories.tolist() == [single.category for single in bars]


def test_masks_lie_on_the_chromosomes_of_a_clean_picture(bars: list[Single]) -> None:
    options = CellOptions.clean("fluorescence", shape=SHAPE, crowding=0.0)
    cell = compose_cell(bars, rng=np.random.default_rng(1), options=options)
    foreground = stack_masks(cell.masks, SHAPE).any(axis=0)
    assert np.mean((cell.image >= 50) == foreground) > 0.999


@pytest.mark.parametrize("crowding", [0.0, 0.3, 0.6])
def test_crowding_is_the_share_of_chromosomes_in_clusters(bars: list[Single], crowding: float) -> None:
    options = CellOptions.clean("fluorescence", shape=(500, 520), crowding=crowding)
    shares = [_clustered(compose_cell(bars[::2], rng=np.random.default_rng(seed), options=options)) for seed in range(4)]
    assert np.mean(shares) == pytest.approx(crowding, abs=0.1)


def test_without_crossings_contacts_only_touch(bars: list[Single]) -> None:
    options = CellOptions.clean("brightfield", shape=(600, 620), crowding=0.5, crossing=0.0)
    cell = compose_cell(bars, rng=np.random.default_rng(0), options=options)
    assert not cell.overlap.any()
    assert _clustered(cell) > 0.3


@pytest.mark.parametrize("stain", ["fluorescence", "brightfield"])
def test_the_same_seed_gives_the_same_bytes(bars: list[Single], stain: str) -> None:
    options = CellOptions.for_stain(stain, shape=SHAPE)  # type: ignore[arg-type]
    first, second, other = (compose_cell(bars[::3], rng=np.random.default_rng(seed), options=options) for seed in (3, 3, 4))
    assert first.image.tobytes() == second.image.tobytes()
    assert all(np.array_equal(one.crop, two.crop) for one, two in zip(first.masks, second.masks, strict=True))
    assert first.image.tobytes() != other.image.tobytes()


def test_inputs_stay_as_they_were(bars: list[Single]) -> None:
    before = [single.density.copy() for single in bars[:6]]
    compose_cell(bars[:6], rng=np.random.default_rng(0), options=CellOptions(shape=SHAPE))
    assert all(np.array_equal(single.density, copy) for single, copy in zip(bars, before, strict=False))


def test_a_picture_too_full_still_holds_all(bars: list[Single]) -> None:
    options = replace(CellOptions.clean("fluorescence"), shape=(110, 110))
    cell = compose_cell(bars, rng=np.random.default_rng(0), options=options)
    assert len(cell.masks) == 46
    assert cell.arrangement == "cell"


def test_no_chromosomes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"`singles` must hold 1\.\.255 chromosomes, got 0"):
        compose_cell([], rng=np.random.default_rng(0))
