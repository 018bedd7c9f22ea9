from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
import tifffile
from PIL import Image

from karyokit.checks import PictureError
from karyokit.data.mfish_adir import cells
from karyokit.data.records import AnnotatedCell

BLOCKS = np.array([[0, 7], [24, -1]], np.int16).repeat(6, axis=0).repeat(8, axis=1)
"""Class 7 above and class 24 left of an overlap, 48 pixels each."""


def _dapi() -> np.ndarray:
    return np.arange(192, dtype=np.uint8).reshape(12, 16)


def _require_blocks(cell: AnnotatedCell) -> None:
    assert cell.categories == (7, 24)
    masks = [region.to_mask(cell.shape) for region in cell.regions]
    assert (masks[0] == np.isin(BLOCKS, (7, -1))).all()
    assert (masks[1] == np.isin(BLOCKS, (24, -1))).all()
    assert cell.notes["crossing"].tolist() == [True, True]


def test_folders_and_planes(tmp_path: Path) -> None:
    for folder in ("A01_XY", "V30_EX", "notes"):
        (tmp_path / folder).mkdir()
    iio.imwrite(tmp_path / "A01_XY" / "A0101XYD.png", _dapi())
    iio.imwrite(tmp_path / "A01_XY" / "A0101XYG.png", _dapi())
    tifffile.imwrite(tmp_path / "A01_XY" / "A0101XYK.tif", BLOCKS)
    (tmp_path / "A01_XY" / "A01_XY.txt").write_text("46, XY")
    iio.imwrite(tmp_path / "V30_EX" / "v3002exd.png", _dapi())
    iio.imwrite(tmp_path / "notes" / "A0909XYD.png", _dapi())
    first, second = cells(tmp_path)
    assert (first.name, second.name) == ("A0101XY", "V3002EX")
    assert (first.group, first.stain) == ("A01", "fluorescence")
    assert (first.image == _dapi()).all()
    _require_blocks(first)
    assert second.regions == ()
    assert second.boxes.shape == (0, 4)
    assert [cell.name for cell in cells(tmp_path / "A01_XY")] == ["A0101XY"]


@pytest.mark.parametrize("overlap", [255, 65535])
def test_unsigned_overlap_values(tmp_path: Path, overlap: int) -> None:
    iio.imwrite(tmp_path / "P0203 1.png", _dapi())
    iio.imwrite(tmp_path / "P020302D.png", _dapi())
    classes = np.where(BLOCKS < 0, overlap, BLOCKS)
    iio.imwrite(tmp_path / "P020302K.png", classes.astype(np.uint8 if overlap == 255 else np.uint16))
    (cell,) = cells(tmp_path)
    assert cell.name == "P020302"
    _require_blocks(cell)


def test_missing_and_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there.*A01_XY"):
        cells(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="holds no DAPI plane"):
        cells(tmp_path)
    iio.imwrite(tmp_path / "A0101XYD.png", _dapi())
    iio.imwrite(tmp_path / "A0101XYK.png", np.full((4, 5), 30, np.uint8))
    with pytest.raises(PictureError, match=r"classes 0\.\.24"):
        list(cells(tmp_path))
    (tmp_path / "A0101XYK.png").unlink()
    iio.imwrite(tmp_path / "A0101XYK.jpg", np.zeros((4, 5), np.uint8))
    with pytest.raises(PictureError, match="is lossy"):
        list(cells(tmp_path))


def test_palette_indices_are_the_classes(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "A0101XYD.png", _dapi())
    picture = Image.fromarray(np.where(BLOCKS < 0, 255, BLOCKS).astype(np.uint8))
    picture.putpalette([value for index in range(256) for value in (255 - index, index, 3)])
    picture.save(tmp_path / "A0101XYK.png")
    (cell,) = cells(tmp_path)
    _require_blocks(cell)
    (tmp_path / "A0101XYK.png").write_text("no picture")
    with pytest.raises(PictureError, match="could not be read"):
        list(cells(tmp_path))
