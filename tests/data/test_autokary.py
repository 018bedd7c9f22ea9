from __future__ import annotations

import base64
import json
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.data.autokary import cells, read_labelme

SQUARE = [[10, 20], [30, 20], [30, 26], [10, 26]]


def _write(folder: Path, name: str, shapes: list[tuple[str, list[list[float]]]], *, picture: bool = True, inside: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    plane = np.full((40, 50), 240, np.uint8)
    plane[20:26, 10:30] = 90
    record = {
        "imagePath": f"C:\\data\\{name}.png",
        "imageData": None,
        "shapes": [{"label": label, "points": points, "shape_type": "polygon"} for label, points in shapes],
    }
    if inside:
        record["imageData"] = base64.b64encode(iio.imwrite("<bytes>", plane, extension=".png")).decode()
    if picture:
        iio.imwrite(folder / f"{name}.png", plane)
    (folder / f"{name}.json").write_text(json.dumps(record))
    return folder / f"{name}.json"


def test_polygons_become_regions_and_wrong_labels_are_noted(tmp_path: Path) -> None:
    crossing = [[18, 10], [24, 10], [24, 35], [18, 35]]
    shapes = [("1", SQUARE), ("23", crossing), ("-1", SQUARE), ("119", SQUARE), ("A2", SQUARE), ("3", SQUARE[:2]), ("4", [[90, 90]] * 3)]
    cell = read_labelme(_write(tmp_path, "a", shapes))
    assert cell.categories == (1, 23, 2)
    assert cell.notes == {"dropped": ("-1", "119", "3", "4")}
    assert cell.regions[0].bbox == (10, 20, 20, 6)
    assert cell.regions[0].area == 120
    assert cell.boxes[0].tolist() == [10.0, 20.0, 20.0, 6.0]
    shared = cell.regions[0].to_mask(cell.shape) & cell.regions[1].to_mask(cell.shape)
    assert shared.sum() == 6 * 6
    assert (cell.stain, cell.group, cell.name) == ("brightfield", "a", "a")


def test_a_polygon_over_the_rim_is_cut_there(tmp_path: Path) -> None:
    cell = read_labelme(_write(tmp_path, "a", [("5", [[-6, -6], [4, -6], [4, 8], [-6, 8]])]))
    assert cell.regions[0].bbox == (0, 0, 4, 8)


def test_picture_inside_the_file(tmp_path: Path) -> None:
    assert read_labelme(_write(tmp_path, "a", [], picture=False, inside=True)).image.shape == (40, 50)


@pytest.mark.parametrize("suffix", ["", "_labelme"])
def test_splits_without_and_with_val(tmp_path: Path, suffix: str) -> None:
    for number in range(40):
        _write(tmp_path / f"train{suffix}", f"t{number:02d}", [("1", SQUARE)])
    _write(tmp_path / f"test{suffix}", "z", [("1", SQUARE)])
    training, validation = ([cell.name for cell in cells(tmp_path, name)] for name in ("train", "val"))
    assert sorted(training + validation) == [f"t{number:02d}" for number in range(40)]
    assert 0 < len(validation) < 15
    assert [cell.name for cell in cells(tmp_path, "test")] == ["z"]
    _write(tmp_path / "val", "v", [("1", SQUARE)])
    assert [cell.name for cell in cells(tmp_path, "val")] == ["v"]
    assert len(list(cells(tmp_path, "train"))) == 40


def test_missing_and_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there.*AutoKary2022"):
        cells(tmp_path / "nowhere", "train")
    with pytest.raises(ValueError, match="`split` must be one of"):
        cells(tmp_path, "all")
    with pytest.raises(FileNotFoundError, match="neither test nor test_labelme"):
        cells(tmp_path, "test")
    with pytest.raises(FileNotFoundError, match="neither train nor train_labelme"):
        cells(tmp_path, "val")
    (tmp_path / "test").mkdir()
    with pytest.raises(FileNotFoundError, match=r"holds no labelme \.json"):
        list(cells(tmp_path, "test"))
    with pytest.raises(FileNotFoundError, match=r"the picture b\.png of"):
        read_labelme(_write(tmp_path, "b", [], picture=False))
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(ValueError, match="`file` must be a labelme annotation"):
        read_labelme(tmp_path / "c.json")
    (tmp_path / "d.json").write_text(json.dumps({"shapes": [], "imageData": base64.b64encode(b"nothing").decode()}))
    with pytest.raises(ValueError, match="`imageData` must hold a picture"):
        read_labelme(tmp_path / "d.json")
