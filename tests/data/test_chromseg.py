from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.checks import PictureError
from karyokit.data.chromseg import clusters


def _write(folder: Path, number: int, *, scale: int = 255, size: int = 8) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    overlap = np.zeros((size, size), np.uint8)
    overlap[3:5, 3:5] = scale
    foreground = np.zeros((size, size), np.uint8)
    foreground[2:4, :] = scale
    iio.imwrite(folder / f"image_{number}.png", np.full((size, size, 3), 200, np.uint8))
    iio.imwrite(folder / f"binary_label1_{number}.png", overlap)
    iio.imwrite(folder / f"binary_label2_{number}.png", foreground)


@pytest.mark.parametrize("scale", [1, 255])
def test_published_folders(tmp_path: Path, scale: int) -> None:
    for number in (2, 10):
        _write(tmp_path / "test", number, scale=scale)
    for number in range(40):
        _write(tmp_path / "train", 100 + number, scale=scale)
    testing = list(clusters(tmp_path, "test"))
    assert [picture.name for picture in testing] == ["2", "10"]
    assert testing[0].image.shape == (8, 8, 3)
    assert testing[0].overlap.sum() == 4
    assert testing[0].foreground.sum() == 16 + 2
    assert not (testing[0].overlap & ~testing[0].foreground).any()
    training, validation = (list(clusters(tmp_path, name)) for name in ("train", "val"))
    assert len(training) + len(validation) == 40
    assert 0 < len(validation) < 15


def test_flat_folder_is_divided_230_to_115(tmp_path: Path) -> None:
    for number in range(345):
        (tmp_path / f"image_{number}.png").touch()
    from karyokit.data.chromseg import _pictures

    sizes = {split: len(_pictures(tmp_path, split)) for split in ("train", "val", "test")}
    assert sizes["test"] == 115
    assert sizes["train"] + sizes["val"] == 230


def test_missing_and_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there.*345 annotated"):
        clusters(tmp_path / "nowhere", "train")
    with pytest.raises(FileNotFoundError, match="holds no image_<id> files"):
        clusters(tmp_path, "train")
    with pytest.raises(ValueError, match="`split` must be one of"):
        clusters(tmp_path, "tests")
    _write(tmp_path / "train", 1)
    _write(tmp_path / "test", 2)
    iio.imwrite(tmp_path / "test" / "image_2.png", np.zeros((9, 8), np.uint8))
    with pytest.raises(PictureError, match=r"image_2\.png has shape \(9, 8\)"):
        list(clusters(tmp_path, "test"))
    (tmp_path / "test" / "binary_label1_2.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"binary_label1_2\.png is not there"):
        list(clusters(tmp_path, "test"))


def test_masks_of_another_suffix_are_found(tmp_path: Path) -> None:
    _write(tmp_path / "test", 1)
    _write(tmp_path / "train", 2)
    (tmp_path / "test" / "image_1.png").rename(tmp_path / "test" / "image_1.bmp")
    assert next(clusters(tmp_path, "test")).overlap.sum() == 4
