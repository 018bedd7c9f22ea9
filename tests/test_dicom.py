"""DICOM secondary captures are read as pictures; nothing but the pixels is used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import FileDataset, FileMetaDataset  # noqa: E402
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage  # noqa: E402

from karyokit.checks import PictureError  # noqa: E402
from karyokit.pictures import list_pictures, read_picture  # noqa: E402

GREY = (np.arange(40 * 50).reshape(40, 50) % 4000).astype(np.uint16)


def write(path: Path, pixels: np.ndarray, *, kind: str = "MONOCHROME2", stored: int = 12, **more: Any) -> Path:
    """A secondary capture of (rows, columns), (rows, columns, 3) or (frames, rows, columns) pixels."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID, data.PatientName = SecondaryCaptureImageStorage, "1.2.3", "Doe^Jane"
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    frames = pixels.shape[0] if pixels.ndim == 3 and not colour else 1
    data.Rows, data.Columns = pixels.shape[:2] if frames == 1 else pixels.shape[1:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 3 if colour else 1, kind
    data.BitsAllocated = pixels.dtype.itemsize * 8
    data.BitsStored, data.HighBit, data.PixelRepresentation = stored, stored - 1, 0
    if colour:
        data.PlanarConfiguration = 0
    if frames > 1:
        data.NumberOfFrames = frames
    data.PixelData = pixels.tobytes()
    for name, value in more.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return path


def test_grey_keeps_its_levels_and_nothing_else(tmp_path: Path) -> None:
    picture = read_picture(write(tmp_path / "a.dcm", GREY))
    assert np.array_equal(picture.pixels, GREY)
    assert (picture.name, picture.notes) == ("a.dcm", ())
    assert "Doe" not in repr(picture)
    assert list_pictures([tmp_path]) == [tmp_path / "a.dcm"]


def test_white_at_zero_is_turned_over_and_more_frames_are_said(tmp_path: Path) -> None:
    assert np.array_equal(read_picture(write(tmp_path / "a", GREY, kind="MONOCHROME1")).pixels, 4095 - GREY)
    picture = read_picture(write(tmp_path / "b", np.stack([GREY, GREY + 1])))
    assert np.array_equal(picture.pixels, GREY)
    assert picture.notes == ("first of 2 frames used",)


def test_colour_becomes_grey_as_for_other_files(tmp_path: Path) -> None:
    grey = (GREY % 256).astype(np.uint8)
    path = write(tmp_path / "a", np.stack([grey] * 3, axis=2), kind="RGB", stored=8)
    assert np.array_equal(read_picture(path).pixels, grey)


def test_run_length_compression(tmp_path: Path) -> None:
    path = write(tmp_path / "a", GREY)
    data = pydicom.dcmread(path)
    data.compress(RLELossless)
    data.save_as(path)
    assert np.array_equal(read_picture(path).pixels, GREY)


def test_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = {
        "million|megapixels": write(tmp_path / "large", GREY, Rows=60_000, Columns=60_000),
        "HSV": write(tmp_path / "hsv", GREY, kind="HSV"),
    }
    path = write(tmp_path / "none", GREY)
    data = pydicom.dcmread(path)
    del data.Rows, data.PixelData
    data.save_as(path)
    cases["without a picture"] = path
    path = write(tmp_path / "deflated", GREY)
    data = pydicom.dcmread(path)
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data.save_as(path)
    cases["deflated"] = path
    for words, path in cases.items():
        with pytest.raises(PictureError, match=words) as caught:
            read_picture(path)
        assert str(path) in str(caught.value)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    monkeypatch.delitem(sys.modules, "karyokit.dicom", raising=False)
    monkeypatch.delattr("karyokit.dicom", raising=False)
    with pytest.raises(ModuleNotFoundError):
        read_picture(cases["HSV"])


@given(share=st.floats(0, 1), flips=st.lists(st.tuples(st.floats(0, 0.2), st.integers(0, 255)), max_size=4))
def test_mangled_files_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, share: float, flips: list[tuple[float, int]]) -> None:
    path = write(tmp_path_factory.getbasetemp() / "mangled.dcm", GREY)
    data = bytearray(path.read_bytes())[: 140 + int(share * 4500)]
    for place, value in flips:
        data[132 + int(place * (len(data) - 133))] = value
    path.write_bytes(bytes(data))
    try:
        assert read_picture(path, min_side=1).pixels.ndim == 2
    except PictureError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
