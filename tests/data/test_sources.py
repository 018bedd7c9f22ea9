from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
import tifffile

from karyokit.checks import PictureError
from karyokit.data.sources import data_folder, data_place, first_folder, read_plane, read_stored, require_file, require_folder


def test_missing_places_are_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there. Fetch it"):
        require_folder(tmp_path / "nowhere", "Fetch it.")
    with pytest.raises(FileNotFoundError, match=r"a\.json is not there. Fetch it"):
        require_file(tmp_path / "a.json", "Fetch it.")
    with pytest.raises(FileNotFoundError, match=r"none of the folders x, y. Fetch it"):
        first_folder(tmp_path, ("x", "y"), "Fetch it.")


def test_equal_channels_give_exactly_that_channel(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    iio.imwrite(tmp_path / "rgb.png", np.stack([grey] * 3, -1))
    iio.imwrite(tmp_path / "rgba.png", np.stack([grey, grey, grey, np.full_like(grey, 255)], -1))
    iio.imwrite(tmp_path / "deep.png", grey.astype(np.uint16) * 200)
    assert (read_plane(tmp_path / "rgb.png") == grey).all()
    assert (read_plane(tmp_path / "rgba.png") == grey).all()
    assert read_plane(tmp_path / "deep.png").dtype == np.uint16


def test_the_folder_given_goes_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KARYOKIT_DATA", str(tmp_path / "there"))
    assert data_place() == data_place("") == tmp_path / "there"
    assert data_place(tmp_path) == data_folder(tmp_path) == tmp_path
    with pytest.raises(FileNotFoundError, match=r"there is not there.*KARYOKIT_DATA"):
        data_folder()
    monkeypatch.delenv("KARYOKIT_DATA")
    assert data_place() == Path("data")


def test_stored_numbers_are_not_turned_into_greys(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "signed.tif", np.array([[0, 1], [24, -1]], np.int16))
    assert read_stored(tmp_path / "signed.tif").tolist() == [[0, 1], [24, -1]]
    iio.imwrite(tmp_path / "bits.png", np.eye(8, dtype=bool))
    assert (read_stored(tmp_path / "bits.png") == np.eye(8, dtype=bool)).all()
    iio.imwrite(tmp_path / "grey.png", np.full((2, 3), 7, np.uint8))
    assert read_stored(tmp_path / "grey.png", "RGB").tolist() == np.full((2, 3, 3), 7).tolist()


def test_text_renamed_to_png_and_wrong_depth(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(PictureError, match=r"a\.png: is not a picture"):
        read_plane(tmp_path / "a.png")
    with pytest.raises(PictureError, match=r"a\.png could not be read"):
        read_stored(tmp_path / "a.png")
    iio.imwrite(tmp_path / "b.tif", np.eye(5, dtype=np.float32))
    with pytest.raises(PictureError, match="not one 8 or 16 bit plane"):
        read_plane(tmp_path / "b.tif")
