"""Every format of the table: what is lossless comes back whole, through any other, and what is not loses what it says."""

from __future__ import annotations

import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import assert_same, drawn_cells

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.formats import FORMATS, file_stems, format_of, read_cells, write_cells
from karyokit.exchange.label_image import flatten

LOSSLESS = [name for name, entry in FORMATS.items() if entry.lossless]


def through(folder: Path, cell: CellRecord, name: str) -> CellRecord:
    """The cell written in a format and read again."""
    path = folder / f"{name}{FORMATS[name].suffixes[0]}"
    assert write_cells(path, [cell], name=name) == []
    (back,) = read_cells(path)
    return back


@pytest.mark.parametrize("name", LOSSLESS)
@given(cell=drawn_cells())
def test_lossless_formats_give_every_field_and_pixel_back(tmp_path_factory: pytest.TempPathFactory, name: str, cell: CellRecord) -> None:
    assert_same(through(tmp_path_factory.getbasetemp(), cell, name), cell)


@pytest.mark.parametrize("pair", list(permutations(LOSSLESS, 2)), ids=" then ".join)
@settings(max_examples=4)
@given(cell=drawn_cells())
def test_one_format_after_the_other(tmp_path_factory: pytest.TempPathFactory, pair: tuple[str, str], cell: CellRecord) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in pair:
        cell_now = through(folder, cell, name)
        assert_same(cell_now, cell)
        cell = cell_now


@pytest.mark.parametrize("name", LOSSLESS)
@settings(max_examples=5)
@given(cell=drawn_cells())
def test_the_same_cell_gives_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, name: str, cell: CellRecord) -> None:
    paths = [tmp_path_factory.getbasetemp() / f"{turn}{FORMATS[name].suffixes[0]}" for turn in ("a", "b")]
    for path in paths:
        write_cells(path, [cell], name=name)
    assert name == "ome-tiff" or paths[0].read_bytes() == paths[1].read_bytes()  # OME-XML holds a random UUID
    assert_same(read_cells(paths[0])[0], read_cells(paths[1])[0])


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@given(cell=drawn_cells())
def test_a_label_image_loses_what_it_says(tmp_path_factory: pytest.TempPathFactory, suffix: str, cell: CellRecord) -> None:
    path = tmp_path_factory.getbasetemp() / f"labels{suffix}"
    (warning,) = write_cells(path, [cell])
    (back,) = read_cells(path)
    _, loss = flatten(cell)
    masks = cell.masks()
    found = {one.number: one.region for one in back.chromosomes}
    assert set(found) == {one.number for one in cell.chromosomes} - set(loss.nothing)
    assert loss.shared == np.count_nonzero(masks.sum(axis=0) > 1)
    assert np.array_equal(back.masks().any(axis=0), masks.any(axis=0))
    for one in cell.chromosomes:
        left = found.get(one.number, Region(0, 0, np.zeros((0, 0), bool))).to_mask(cell.shape)
        assert one.region.area - np.count_nonzero(left) == loss.taken.get(one.number, 0)
        assert not (left & ~one.region.to_mask(cell.shape)).any()
    assert (f"{loss.shared} shared pixels" in warning) == (loss.shared > 0)
    assert ("objects set aside" in warning) == bool(cell.set_aside)


def test_what_a_label_image_loses_by_hand() -> None:
    bars = np.zeros((3, 5, 5), bool)
    bars[0, 2], bars[1, :, 2], bars[2, 2, 1:3] = True, True, True
    cell = CellRecord(
        "a", (5, 5), "", tuple(Chromosome(number, Region.from_mask(bar)) for number, bar in zip((4, 7, 9), bars, strict=True))
    )
    labels, loss = flatten(cell)
    assert labels[2].tolist() == [4, 4, 4, 4, 4]
    assert labels[:, 2].tolist() == [7, 7, 4, 7, 7]
    assert (loss.shared, loss.taken, loss.nothing) == (2, {7: 1, 9: 2}, (9,))
    assert "2 shared pixels were left to the first chromosome; 2 lost some (numbers 7, 9)" in loss.warning()
    assert "nothing is left of 9" in loss.warning()
    with pytest.raises(ValueError, match="distinct"):
        flatten(CellRecord("a", (5, 5), "", (Chromosome(1, cell.chromosomes[0].region),) * 2))
    with pytest.raises(ValueError, match="lie in the picture"):
        flatten(CellRecord("a", (4, 4), "", cell.chromosomes))


def test_formats_are_known_by_the_ends_of_names(tmp_path: Path) -> None:
    names = ("a.json", "a.zip", "A.OME.TIF", "a.tiff", "a.png", "a_seg.npy")
    assert [format_of(name) for name in names] == ["coco", "imagej", "ome-tiff", "label-image", "label-image", "cellpose"]
    with pytest.raises(ValueError, match=r"end in one of"):
        format_of("a.txt")
    with pytest.raises(ValueError, match="one that is written"):
        write_cells(tmp_path / "a_seg.npy", [])
    with pytest.raises(ValueError, match="Did you mean 'labelme'"):
        write_cells(tmp_path / "a.json", [], name="labelm")


def test_several_cells_are_one_coco_file_or_a_folder(tmp_path: Path) -> None:
    region = Region.from_mask(np.ones((2, 2), bool))
    cells = [CellRecord(name, (3, 3), "", (Chromosome(1, region),)) for name in ("x/1.png", "y/1.png", "../../../evil.png")]
    write_cells(tmp_path / "all.json", cells)
    assert [one.name for one in read_cells(tmp_path / "all.json")] == [one.name for one in cells]
    write_cells(tmp_path / "folder", cells, name="imagej")
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["1-2.zip", "1.zip", "evil.zip"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.json", "folder"]
    with pytest.raises(ValueError, match="different names"):
        write_cells(tmp_path / "all.json", cells[:1] * 2)
    strange = [CellRecord(name, (1, 1), "") for name in ("..", "a\0b/c\nd:e", "C:\\x\\y.tif", "CON" * 200, "é.jpg")]
    assert [stem[:9] for stem in file_stems(strange)] == ["cell", "c_d_e", "y", "CONCONCON", "é"]


def test_a_file_of_another_picture_is_refused(tmp_path: Path) -> None:
    write_cells(tmp_path / "a.json", [CellRecord("a", (3, 4), "")])
    assert read_cells(tmp_path / "a.json", shape=(3, 4))[0].shape == (3, 4)
    with pytest.raises(ValueError, match=r"a\.json: is of a picture of \(3, 4\)"):
        read_cells(tmp_path / "a.json", shape=(4, 3))
