"""Cellpose's pickled files give their masks and run nothing."""

from __future__ import annotations

import pickle
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

from karyokit.exchange.formats import read_cells

LABELS = np.zeros((20, 30), np.uint16)
LABELS[2:8, 3:20], LABELS[10:18, 5:9], LABELS[19, 29] = 1, 2, 700


def save(path: Path, **changes: Any) -> Path:
    """A file with the fields that Cellpose writes."""
    flows = [np.zeros((1, 20, 30, 3), np.uint8), np.ones((5, 20, 30), np.float32), np.empty(0), [np.arange(3)]]
    content = {"outlines": LABELS * 0, "masks": LABELS, "chan_choose": [0, 0], "ismanual": np.zeros(3, bool), "filename": "C:\\x\\cell.tif"}
    content |= {"flows": flows, "est_diam": np.float64(12.5), "diameter": np.nan, "restore": None, "normalize_params": {"a": True}}
    np.save(path, content | changes, allow_pickle=True)
    return path


@pytest.mark.parametrize("kind", ["u1", "<i4", ">u2", "i8", "<u4"])
@pytest.mark.parametrize("turn", [np.ascontiguousarray, np.asfortranarray, lambda labels: labels[None]])
def test_masks_of_any_whole_number_type(tmp_path: Path, kind: str, turn: Any) -> None:
    labels = np.where(LABELS == 700, 7, LABELS).astype(kind)
    (cell,) = read_cells(save(tmp_path / "a_seg.npy", masks=turn(labels)))
    assert (cell.name, cell.shape) == ("cell.tif", (20, 30))
    assert [one.number for one in cell.chromosomes] == [1, 2, 7]
    for one in cell.chromosomes:
        assert np.array_equal(one.region.to_mask(cell.shape), labels == one.number)


def test_files_of_older_numpy_and_paths_as_names(tmp_path: Path) -> None:
    content = np.empty((), object)
    content[()] = {"masks": LABELS, "filename": Path("x.tif"), "est_diam": np.float64(3)}
    old = pickle.dumps(content, protocol=2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert b"numpy.core.multiarray" in old
    with (tmp_path / "a_seg.npy").open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": ()})
        stream.write(old)
    (cell,) = read_cells(tmp_path / "a_seg.npy")
    assert (cell.name, len(cell.chromosomes)) == ("a_seg.npy", 3)
    assert np.array_equal(cell.masks().any(axis=0), LABELS > 0)


class Danger:
    """Would leave a trace if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for changes in ({"masks": Danger(trace)}, {"flows": [Danger(trace)]}, {"filename": PurePosixPath("a")}):
        with pytest.raises(ValueError, match=r"a_seg\.npy: .*it asks for"):
            read_cells(save(tmp_path / "a_seg.npy", **changes))
    assert not trace.exists()
    np.load(save(tmp_path / "a_seg.npy", masks=Danger(trace)), allow_pickle=True)
    assert trace.exists()  # the trap works where files are unpickled without care


def test_files_made_to_fill_the_memory(tmp_path: Path) -> None:
    path = save(tmp_path / "a_seg.npy")
    header = path.read_bytes().split(b"\n", 1)[0] + b"\n"
    path.write_bytes(header + b"\x80\x04Nr" + (2**31).to_bytes(4, "little") + b".")
    with pytest.raises(ValueError, match="fill the memory"):
        read_cells(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"masks": np.zeros((3, 4, 5), np.uint16)}, "one plane"),
        ({"masks": np.zeros((4, 5))}, "whole numbers"),
        ({"masks": [1, 2]}, "damaged"),
        ({"outlines": LABELS}, "'masks' is missing"),
        ([1], "dictionary, got list"),
        (LABELS, "dictionary, got an array"),
    ],
)
def test_other_content_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    stored = content
    if not isinstance(content, np.ndarray):
        stored = np.empty((), object)
        stored[()] = content
    np.save(tmp_path / "a_seg.npy", stored, allow_pickle=True)
    with pytest.raises(ValueError, match=words):
        read_cells(tmp_path / "a_seg.npy")


def test_a_bare_pickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a_seg.npy").write_bytes(pickle.dumps({"masks": LABELS}))
    with pytest.raises(ValueError, match=r"no _seg\.npy file"):
        read_cells(tmp_path / "a_seg.npy")
