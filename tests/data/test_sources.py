from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.checks import PictureError
from karyokit.data.sources import first_folder, pictures_in, read_plane, require_file, require_folder


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
    assert [path.name for path in pictures_in(tmp_path)] == ["deep.png", "rgb.png", "rgba.png"]


def test_bilevel_picture_becomes_0_and_255(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.png", np.eye(8, dtype=bool))
    assert (read_plane(tmp_path / "a.png") == np.eye(8, dtype=np.uint8) * 255).all()


def test_text_renamed_to_png_and_wrong_depth(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(PictureError, match=r"a\.png could not be read"):
        read_plane(tmp_path / "a.png")
    iio.imwrite(tmp_path / "b.tif", np.zeros((5, 5), np.float32))
    with pytest.raises(PictureError, match="not one 8 or 16 bit plane"):
        read_plane(tmp_path / "b.tif")
