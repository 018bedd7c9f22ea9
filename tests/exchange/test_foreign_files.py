"""Files that other programs wrote: labelme, ImageJ, TIFF stacks, label images, COCO of other tools."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from roifile import ROI_TYPE, ImagejRoi
from tifffile import TiffFile, imwrite

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.formats import read_cells, write_cells


def bars() -> CellRecord:
    """X and 21, crossing."""
    masks = np.zeros((2, 10, 12), bool)
    masks[0, 4:6, 1:11] = masks[1, 1:9, 5:7] = True
    chromosomes = tuple(Chromosome(place + 1, Region.from_mask(masks[place]), category=(23, 21)[place]) for place in (0, 1))
    return CellRecord("cell.png", (10, 12), "brightfield", chromosomes)


def labelme_file(path: Path, shapes: list[dict[str, Any]], **more: Any) -> Path:
    document = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": "..\\b\\cell.png", "imageData": None}
    path.write_text(json.dumps({**document, "imageHeight": 10, "imageWidth": 12, **more}))
    return path


def test_labelme_polygons_and_rectangles_and_groups(tmp_path: Path) -> None:
    shapes = [
        {"label": "7", "points": [[1, 1], [4, 1], [4, 3], [1, 3]], "group_id": 1, "shape_type": "polygon", "flags": {}},
        {"label": "X", "points": [[11, 9], [8, 8]], "group_id": None, "shape_type": "rectangle", "flags": {}},
        {"label": "7", "points": [[6, 1], [7, 1], [7, 2]], "group_id": 1, "shape_type": "polygon", "flags": {}},
    ]
    (cell,) = read_cells(labelme_file(tmp_path / "a.json", shapes))
    assert (cell.name, cell.stain) == ("../b/cell.png", "")
    assert [(one.number, one.category, one.region.area) for one in cell.chromosomes] == [(1, 7, 12 + 3), (2, 23, 8)]
    (cell,) = read_cells(labelme_file(tmp_path / "a.json", shapes[:1], imageHeight=None), shape=(10, 12))
    assert cell.shape == (10, 12)
    with pytest.raises(ValueError, match=r"a\.json: does not say the size"):
        read_cells(tmp_path / "a.json")
    with pytest.raises(ValueError, match="circle"):
        read_cells(labelme_file(tmp_path / "a.json", [shapes[1] | {"shape_type": "circle"}]))


def test_labelme_masks_that_were_moved_and_renamed(tmp_path: Path) -> None:
    write_cells(tmp_path / "a.json", [bars()], name="labelme")
    document = json.loads((tmp_path / "a.json").read_text())
    assert [shape["label"] for shape in document["shapes"]] == ["X", "21"]
    assert document["shapes"][0]["points"] == [[1.0, 4.0], [10.0, 5.0]]
    first = document["shapes"][0]
    first["label"], first["points"] = "Y", [[x - 3.2, y + 5.4] for x, y in first["points"]]
    (tmp_path / "a.json").write_text(json.dumps(document))
    (cell,) = read_cells(tmp_path / "a.json")
    assert [one.category for one in cell.chromosomes] == [24, 21]
    assert cell.chromosomes[0].region.bbox == (0, 9, 8, 1)


def roi_zip(path: Path, **rois: ImagejRoi) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, roi in rois.items():
            archive.writestr(f"{name}.roi", roi.tobytes())
    return path


def test_imagej_selections_need_the_pictures_size(tmp_path: Path) -> None:
    rectangle = ImagejRoi(roitype=ROI_TYPE.RECT, top=2, left=3, bottom=4, right=9, name="X")
    triangle = ImagejRoi.frompoints(np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]]), name="0004-0004")
    path = roi_zip(tmp_path / "cell.zip", a=rectangle, b=triangle)
    (cell,) = read_cells(path, shape=(10, 12))
    assert [(one.category, one.region.area) for one in cell.chromosomes] == [(23, 12), (0, 36)]  # centres on the slope count
    assert cell.notes == ("1 object read without a class, their labels name none: '0004-0004'",)
    with pytest.raises(ValueError, match=r"cell\.zip: ImageJ's selections do not say the size .*--picture"):
        read_cells(path)
    line = ImagejRoi(roitype=ROI_TYPE.LINE, name="L")
    with pytest.raises(ValueError, match="line 'L'"):
        read_cells(roi_zip(path, a=line), shape=(10, 12))


def test_imagej_keeps_properties_but_not_our_file(tmp_path: Path) -> None:
    write_cells(tmp_path / "a.zip", [bars()])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["0001 X.roi", "0002 21.roi", "karyokit.json"]
        rois = [ImagejRoi.frombytes(archive.read(name)) for name in archive.namelist()[:2]]
    assert [roi.name for roi in rois] == ["1 X", "2 21"]
    assert "\\" not in rois[0].props
    assert [roi.roitype for roi in rois] == [ROI_TYPE.TRACED] * 2
    rois[0].name = "1 5"
    (cell,) = read_cells(roi_zip(tmp_path / "b.zip", a=rois[0], b=rois[1]))
    assert (cell.name, cell.shape, cell.stain) == ("cell.png", (10, 12), "brightfield")
    assert [(one.number, one.category) for one in cell.chromosomes] == [(1, 5), (2, 21)]
    with pytest.raises(ValueError, match="32767 pixels a side"):
        write_cells(tmp_path / "c.zip", [CellRecord("a", (40_000, 10), "")])


def test_ome_tiff_names_its_planes(tmp_path: Path) -> None:
    write_cells(tmp_path / "a.ome.tif", [bars()])
    with TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "CYX"
        assert np.array_equal(tiff.asarray() > 0, bars().masks())
        assert 'Name="1 X"' in (tiff.ome_metadata or "")


def test_stacks_of_masks_of_others(tmp_path: Path) -> None:
    planes = np.concatenate([bars().masks(), np.zeros((1, 10, 12), bool)]).astype(np.uint16) * 7
    imwrite(tmp_path / "a.ome.tif", planes, metadata={"axes": "CYX", "Channel": {"Name": ["chr 3", "b", "c"]}})
    (cell,) = read_cells(tmp_path / "a.ome.tif")
    assert np.array_equal(cell.masks(), bars().masks())
    assert [one.category for one in cell.chromosomes] == [3, 0]
    with TiffFile(tmp_path / "a.ome.tif") as tiff:
        plain = tiff.asarray()
    imwrite(tmp_path / "b.ome.tif", plain, photometric="minisblack", metadata=None)
    assert len(read_cells(tmp_path / "b.ome.tif")[0].chromosomes) == 2


def test_a_plane_taken_out_elsewhere(tmp_path: Path) -> None:
    write_cells(tmp_path / "a.ome.tif", [bars()])
    with TiffFile(tmp_path / "a.ome.tif") as tiff:
        planes, xml = tiff.asarray()[1:], tiff.ome_metadata
    imwrite(tmp_path / "b.ome.tif", planes, description=xml, metadata=None)
    (cell,) = read_cells(tmp_path / "b.ome.tif")
    assert (cell.name, cell.stain, len(cell.chromosomes)) == ("cell.png", "brightfield", 1)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int32])
def test_label_images_of_others(tmp_path: Path, kind: type) -> None:
    labels = np.zeros((9, 9), kind)
    labels[0, :3], labels[5:, 5:], labels[0, 8] = 3, 250, 3
    imwrite(tmp_path / "a.tif", labels)
    (cell,) = read_cells(tmp_path / "a.tif")
    assert [(one.number, one.region.area) for one in cell.chromosomes] == [(3, 4), (250, 16)]
    if kind in (np.uint8, np.uint16):
        Image.fromarray(labels).save(tmp_path / "a.png")
        assert [one.number for one in read_cells(tmp_path / "a.png")[0].chromosomes] == [3, 250]


def test_pictures_are_no_label_images(tmp_path: Path) -> None:
    imwrite(tmp_path / "a.tif", np.arange(90_000, dtype=np.uint32).reshape(300, 300))
    with pytest.raises(ValueError, match="looks like a picture"):
        read_cells(tmp_path / "a.tif")
    imwrite(tmp_path / "a.tif", np.full((4, 4), -1, np.int16))
    with pytest.raises(ValueError, match="from 0 on"):
        read_cells(tmp_path / "a.tif")
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="RGB colours"):
        read_cells(tmp_path / "a.png")
    imwrite(tmp_path / "a.tif", np.zeros((2, 4, 4), np.uint8), photometric="minisblack")
    with pytest.raises(ValueError, match=r"named \.ome\.tif"):
        read_cells(tmp_path / "a.tif")


def test_coco_of_other_tools(tmp_path: Path) -> None:
    document = {
        "images": [{"id": 5, "file_name": "a.png", "width": 12, "height": 10, "license": 1}],
        "categories": [{"id": 9, "name": "chromosome 4"}, {"id": 2, "name": "marker"}],
        "annotations": [
            {"id": 1, "image_id": 5, "category_id": 9, "segmentation": [[1, 1, 6, 1, 6, 4, 1, 4]], "attributes": {"occluded": False}},
            {"id": 2, "image_id": 5, "category_id": 2, "segmentation": {"size": [10, 12], "counts": [0, 3, 117]}, "score": 0.25},
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    (cell,) = read_cells(tmp_path / "a.json")
    assert [(one.number, one.category, one.region.area, one.score) for one in cell.chromosomes] == [(1, 4, 15, 1.0), (2, 0, 3, 0.25)]
    assert cell.notes == ("1 object read without a class, their labels name none: 'marker'",)
