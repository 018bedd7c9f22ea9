"""Files cut off, with bits turned over, or made to fill the memory: one line that names the file, and nothing else happens."""

from __future__ import annotations

import base64
import io
import json
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roifile import ROI_TYPE, ImagejRoi
from tifffile import imwrite

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import assert_same

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord, ObjectSetAside
from karyokit.exchange.formats import FORMATS, read_cells, write_cells
from karyokit.exchange.labelme import read_labelme

NAMES = {name: f"a{suffix}" for name, entry in FORMATS.items() for suffix in entry.suffixes} | {"png": "a.png"}


def small_cell() -> CellRecord:
    """Two crossing bars, one with a hole, and a speck that was set aside."""
    masks = np.zeros((3, 12, 16), bool)
    masks[0, 4:7, 1:14], masks[0, 5, 5] = True, False
    masks[1, 1:11, 7:9], masks[2, 0, 0] = True, True
    chromosomes = tuple(Chromosome(place + 1, Region.from_mask(masks[place]), category=23) for place in (0, 1))
    return CellRecord("cell.png", (12, 16), "fluorescence", chromosomes, {}, (ObjectSetAside(Region.from_mask(masks[2]), "speck"),))


def sound_files() -> dict[str, bytes]:
    """The bytes of a sound file of each format."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for key, name in NAMES.items():
            if key == "cellpose":
                np.save(Path(folder, name), {"masks": np.diag(np.arange(1, 10, dtype=np.uint16)), "filename": "x.png"}, allow_pickle=True)
            else:
                write_cells(Path(folder, name), [small_cell()], name="label-image" if key == "png" else key)
            found[key] = Path(folder, name).read_bytes()
    return found


SOUND = sound_files()


def read_or_refuse(folder: Path, key: str, data: bytes) -> list[CellRecord]:
    """Cells of the bytes; no cells where they are refused, as they must be, by one line that names the file."""
    path = folder / NAMES[key]
    path.write_bytes(data)
    before, message = sorted(folder.rglob("*")), ""
    try:
        found = read_cells(path)
    except ValueError as error:
        found, message = [], str(error)
    assert sorted(folder.rglob("*")) == before
    assert not message or (str(path) in message and "\n" not in message)
    return found


@pytest.mark.parametrize("key", NAMES)
def test_sound_files_are_read(tmp_path: Path, key: str) -> None:
    (cell,) = read_or_refuse(tmp_path, key, SOUND[key])
    assert len(cell.chromosomes) == (9 if key == "cellpose" else 2)


@pytest.mark.parametrize("key", NAMES)
@given(share=st.floats(0, 1, exclude_max=True))
def test_cut_off_files_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, key: str, share: float) -> None:
    data = SOUND[key]
    found = read_or_refuse(tmp_path_factory.mktemp("cut", numbered=True), key, data[: int(len(data) * share)])
    assert len(found) <= 1


@pytest.mark.parametrize("key", NAMES)
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6))
def test_turned_bits_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, key: str, flips: list[tuple[float, int]]) -> None:
    data = bytearray(SOUND[key])
    for place, value in flips:
        data[int(place * len(data))] = value
    for cell in read_or_refuse(tmp_path_factory.mktemp("turned", numbered=True), key, bytes(data)):
        assert cell.masks().shape[1:] == cell.shape


@pytest.mark.parametrize("key", NAMES)
@settings(max_examples=10)
@given(data=st.binary(max_size=200))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, key: str, data: bytes) -> None:
    assert read_or_refuse(tmp_path_factory.mktemp("noise", numbered=True), key, data) == []


def coco_with(**changes: object) -> str:
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": {"size": [4, 4], "counts": [16]}} | changes
    return json.dumps({"images": [{"id": 1, "file_name": "a", "width": 4, "height": 4}], "annotations": [annotation]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (coco_with(segmentation={"size": [4, 4], "counts": [3]}), "add up to 4 x 4"),
        (coco_with(segmentation={"size": [4, 4], "counts": [-3, 19]}), "add up"),
        (coco_with(segmentation={"size": [4, 4], "counts": "0"}), "add up"),
        (coco_with(segmentation={"size": [4, 4], "counts": "é"}), "ascii"),
        (coco_with(segmentation={"size": [4, 4], "counts": "o" * 50}), "compressed run lengths"),
        (coco_with(segmentation={"size": [10**9, 10**9], "counts": [10**18]}), "picture's size"),
        (coco_with(segmentation=[[0, 0, 1e30, 0, 1e30, 1e30]]), "lie in the picture"),
        (coco_with(segmentation=[[0, 0, 1, 1]]), "three or more points"),
        (coco_with(segmentation=[]), "boxes alone are not enough"),
        (coco_with(segmentation=7), "run lengths or polygons"),
        (coco_with(category_id=99), "category_id"),
        (coco_with(score="x"), "score"),
        (coco_with(attributes={"polarity": "sideways"}), "attributes.polarity"),
        (coco_with().replace('"width": 4', '"width": 1000000'), "picture's size"),
        (coco_with().replace('"width": 4, "height": 4', '"width": 100000, "height": 100000'), "million pixels"),
        ("[" * 100_000, "JSON file"),
        ('{"images": [], "annotations": [], "n": ' + "9" * 5000 + "}", "JSON file"),
        ("[]", "without named fields"),
    ],
)
def test_malformed_coco(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        read_cells(path)
    assert str(path) in str(caught.value)


def test_a_png_bomb_in_labelme_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_cells(path, [small_cell()], name="labelme")
    document = json.loads(path.read_text())
    png = bytearray(base64.b64decode(document["shapes"][0]["mask"]))
    png[16:24] = (60_000).to_bytes(4, "big") * 2
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    document["shapes"][0]["mask"] = base64.b64encode(bytes(png)).decode()
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=r"a\.json: .* 200 million pixels, got 60000 x 60000"):
        read_labelme(path)


def test_zip_bombs_and_paths_in_zips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "inner" / "a.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.roi", bytes(70_000_000))
    with pytest.raises(ValueError, match=r"a\.zip: .*at most 5000 selections"):
        read_cells(path)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.roi", b"")
    with monkeypatch.context() as patch:
        patch.setattr("karyokit.exchange.imagej_roi.MAX_OBJECTS", 3)
        with pytest.raises(ValueError, match="4 entries"):
            read_cells(path)
    write_cells(path, [small_cell()])
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name if name == "karyokit.json" else f"../../../{name}", data)
    assert_same(read_cells(path)[0], small_cell())
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_an_outline_made_to_fill_the_memory(tmp_path: Path) -> None:
    points = np.tile([[0, 0], [5, 30_000]], (2000, 1)).astype(np.int32)
    roi = ImagejRoi(roitype=ROI_TYPE.POLYGON, n_coordinates=len(points), integer_coordinates=points, right=5, bottom=30_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.roi", roi.tobytes())
    with pytest.raises(ValueError, match="be that of one object"):
        read_cells(tmp_path / "a.zip", shape=(30_000, 100))


def test_tiff_bombs(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    imwrite(path, np.zeros((64, 6400), np.uint8), compression="zlib", rowsperstrip=64)
    data = bytearray(path.read_bytes())
    columns = data.index((6400).to_bytes(2, "little"))
    data[columns : columns + 2] = (64).to_bytes(2, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match="unpack to at most"):
        read_cells(path)
    buffer = io.BytesIO()
    imwrite(buffer, np.zeros((3, 4, 5, 3), np.uint8), photometric="rgb")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="one plane"):
        read_cells(path)
    (tmp_path / "a.ome.tif").write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="be grey"):
        read_cells(tmp_path / "a.ome.tif")


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    xml = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">&a;</OME>'
    imwrite(path, np.zeros((4, 4), np.uint8), description=xml, metadata=None)
    with pytest.raises(ValueError, match="document type"):
        read_cells(path)


def test_folders_missing_files_and_endless_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        read_cells(tmp_path / "a.zip")
    with pytest.raises(FileNotFoundError, match=r"b\.zip: there is no such"):
        read_cells(tmp_path / "b.zip")
    write_cells(tmp_path / "a.json", [small_cell()])
    monkeypatch.setattr("karyokit.exchange.reading.MAX_BYTES", 10)
    with pytest.raises(ValueError, match="over the limit"):
        read_cells(tmp_path / "a.json")
