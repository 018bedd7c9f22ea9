"""The overlay: size, outlines in colours that differ between neighbours, striped zones, numbers inside the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.data import mfish
from karyokit.exchange.overlay import COLOURS, draw_overlay


def crossing_cell(stain: str = "fluorescence") -> Cell:
    first, second = np.zeros((100, 120), bool), np.zeros((100, 120), bool)
    first[45:55, 20:100] = True
    second[10:90, 55:65] = True
    image = (20 + 80 * first + 80 * second).astype(np.uint8)
    image = image if stain == "fluorescence" else 255 - image
    return Cell("a", image, stain, tuple(Chromosome(i + 1, Region.from_mask(mask)) for i, mask in enumerate((first, second))))


def coloured(picture: np.ndarray) -> np.ndarray:
    return np.ptp(picture.astype(int), axis=2) > 0


@pytest.mark.parametrize("stain", ["fluorescence", "brightfield"])
def test_outlines_and_stripes(stain: str) -> None:
    cell = crossing_cell(stain)
    before = cell.image.copy()
    picture = draw_overlay(cell)
    assert (picture.shape, picture.dtype) == ((200, 240, 3), np.uint8)
    assert np.array_equal(cell.image, before)
    share = 0.75 if stain == "brightfield" else 1
    first, second = (COLOURS[:2] * share).astype(np.uint8)
    assert (picture[100, 40] == first).all()
    assert (picture[150, 110] == second).all()
    zone = picture[94:106, 114:126].reshape(-1, 3)
    assert len(np.unique(zone, axis=0)) == 2
    assert not coloured(picture)[94:106, 48:106].any()


def test_numbers_are_drawn_off_the_chromosomes() -> None:
    cell = crossing_cell()
    masks = cell.masks().any(axis=0).repeat(2, axis=0).repeat(2, axis=1)
    assert np.count_nonzero(coloured(draw_overlay(cell)) & ~masks) > 20


def test_large_pictures_keep_their_size_and_edges_hold() -> None:
    image = np.zeros((40, 1300), np.uint8)
    image[:5, :30] = image[-5:, -30:] = 200
    regions = [Region.from_mask(np.pad(np.ones((5, 30), bool), pad)) for pad in (((0, 35), (0, 1270)), ((35, 0), (1270, 0)))]
    cell = Cell("a", image, "fluorescence", tuple(Chromosome(i + 100, region) for i, region in enumerate(regions)))
    assert draw_overlay(cell).shape == (40, 1300, 3)


def test_label_larger_than_the_picture_and_empty_region() -> None:
    image = np.zeros((6, 5), np.uint8)
    image[2:4, 2:4] = 9
    regions = (Region.from_mask(image > 0), Region.from_mask(image > 99))
    cell = Cell("a", image, "fluorescence", tuple(Chromosome(i + 1, region) for i, region in enumerate(regions)))
    assert draw_overlay(cell).shape == (12, 10, 3)


@pytest.mark.parametrize("stain", ["fluorescence", "brightfield"])
def test_without_chromosomes_it_is_grey(stain: str) -> None:
    picture = draw_overlay(Cell("a", np.arange(3600, dtype=np.uint16).reshape(60, 60), stain))
    assert not coloured(picture).any()
    assert np.ptp(picture) == 255


def test_three_in_one_zone_show_three_colours() -> None:
    mask = np.zeros((60, 60), bool)
    mask[20:40, 20:40] = True
    region = Region.from_mask(mask)
    cell = Cell("a", mask.astype(np.uint8), "fluorescence", tuple(Chromosome(i + 1, region) for i in range(3)))
    assert len(np.unique(draw_overlay(cell)[50:70, 50:70].reshape(-1, 3), axis=0)) == 3


def test_real_cell_neighbours_differ_and_every_colour_is_used(shared_data: Path) -> None:
    found = mfish.read_cell(shared_data / "mfish", "A0601XY")
    chromosomes = tuple(Chromosome(i + 1, region) for i, region in enumerate(found.regions))
    cell = Cell("A0601XY", found.image, "fluorescence", chromosomes)
    picture = draw_overlay(cell)
    assert picture.shape == (2 * cell.shape[0], 2 * cell.shape[1], 3)
    assert np.array_equal(picture, draw_overlay(cell))
    for colour in COLOURS:
        assert (picture == colour).all(axis=2).sum() > 50


def test_objects_set_aside_have_a_dashed_grey_outline() -> None:
    cell = crossing_cell()
    aside = Region(10, 90, np.ones((20, 12), bool))
    plain, drawn = draw_overlay(cell), draw_overlay(cell, set_aside=[aside])
    changed = (plain != drawn).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 59, 180, 203)
    assert (drawn[changed] == 128).all()
    rim = 2 * 2 * (40 + 24 - 4)
    assert 0.35 * rim < changed.sum() < 0.65 * rim
