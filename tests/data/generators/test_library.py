from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.library import SinglesLibrary
from karyokit.data.generators.records import CellOptions
from karyokit.data.singles import load_singles


def _library(path: Path, pictures: list[np.ndarray], labels: list[int], cells: list[str]) -> SinglesLibrary:
    offset = np.cumsum([0, *(picture.size for picture in pictures)])
    np.savez(
        path,
        pixels=np.concatenate([picture.ravel() for picture in pictures]),
        offset=offset,
        height=np.array([picture.shape[0] for picture in pictures]),
        width=np.array([picture.shape[1] for picture in pictures]),
        label=np.array(labels, np.uint8),
        cell=np.array(cells),
        case=np.array([cell[0] for cell in cells]),
    )
    return SinglesLibrary(load_singles(path))


def _bar(ground: int, body: int) -> np.ndarray:
    picture = np.full((34, 16), ground, np.uint8)
    picture[2:32, 4:12] = body
    return picture


def test_white_ground_gives_optical_density_and_fills_holes(tmp_path: Path) -> None:
    picture = _bar(255, 100)
    picture[15, 8] = 255
    library = _library(tmp_path / "gband_two.npz", [picture, _bar(255, 255)], [3, 4], ["a1", "b1"])
    single = library.single(0)
    assert single is not None
    assert np.count_nonzero(single.mask) == 30 * 8
    assert single.density.max() == pytest.approx(-np.log(100 / 255))
    assert single.density[~single.mask].max() == 0
    assert single.category == 3


def test_pictures_without_a_chromosome_are_left_out(tmp_path: Path) -> None:
    speck = np.full((9, 9), 255, np.uint8)
    speck[4, 4] = 0
    library = _library(tmp_path / "gband.npz", [_bar(255, 255), speck, _bar(255, 90)], [1, 2, 3], ["a", "a", "a"])
    assert [single.category for single in library.singles(range(3))] == [3]


def test_black_ground_is_measured_in_the_cells_typical_brightness(tmp_path: Path) -> None:
    pictures = [_bar(0, 80), _bar(0, 80), _bar(0, 160)]
    library = _library(tmp_path / "qband.npz", pictures, [1, 2, 3], ["a", "a", "b"])
    assert [single.density.max() for single in library.singles(range(3))] == pytest.approx([1.0, 1.0, 1.0])


def test_a_dark_cell_has_no_chromosomes(tmp_path: Path) -> None:
    library = _library(tmp_path / "qband.npz", [np.zeros((20, 20), np.uint8)], [1], ["a"])
    assert library.single(0) is None


@pytest.mark.parametrize(("name", "stain", "foot"), [("gband", "brightfield", 0.2), ("qband", "fluorescence", 0.3)])
def test_real_cells_can_be_composed(shared_data: Path, name: str, stain: str, foot: float) -> None:
    source = load_singles(shared_data / "singles" / f"{name}_singles.npz")
    singles = SinglesLibrary(source).singles(np.flatnonzero(source.cells == source.cells[0]))
    assert source.stain == stain
    assert 40 <= len(singles) <= 48
    typical = [float(np.median(single.density[single.mask])) for single in singles]
    assert foot < np.median(typical) < 1.6
    cell = compose_cell(singles, rng=np.random.default_rng(0), options=CellOptions.for_stain(source.stain))  # type: ignore[arg-type]
    assert len(cell.masks) == len(singles)
