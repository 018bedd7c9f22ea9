"""Readers of the published HDF5 files, on small files of the same form."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from karyokit.data.pairs_h5 import read_pairs_h5

h5py = pytest.importorskip("h5py")


def published(path: Path, key: str, *, labels: np.ndarray, grey: int = 300) -> Path:
    """A file as Kaggle's: int64 (n, 94, 93, 2) under any key."""
    stack = np.zeros((len(labels), 94, 93, 2), np.int64)
    stack[:, 10:20, 10:20, 0] = grey
    stack[..., 1] = labels
    with h5py.File(path, "w") as file:
        file.create_dataset(key, data=stack)
    return path


def label_maps(count: int = 3) -> np.ndarray:
    labels = np.zeros((count, 94, 93), int)
    labels[:, 10:20, 10:14], labels[:, 10:20, 14:20], labels[:, 13, 13] = 1, 2, 3
    return labels


@pytest.mark.parametrize("key", ["dataset_1", "13434_overlapping_chrom_pairs_LowRes", "anything"])
def test_first_data_set_is_read_whatever_its_name(tmp_path: Path, key: str) -> None:
    pairs = read_pairs_h5(published(tmp_path / "pairs.h5", key, labels=label_maps()))
    assert (pairs.key, pairs.stray) == (key, {})
    assert (pairs.images.shape, pairs.images.dtype) == ((3, 94, 93), np.int16)
    assert (pairs.labels.dtype, pairs.images.max()) == (np.uint8, 300)
    assert (pairs.labels == label_maps()).all()


def test_stray_labels_are_reported_and_become_overlap(tmp_path: Path) -> None:
    labels = label_maps()
    labels[0, 12, 12:14], labels[2, 15, 15] = 4, 5
    path = published(tmp_path / "pairs.h5", "dataset_1", labels=labels)
    pairs = read_pairs_h5(path)
    assert pairs.stray == {4: 2, 5: 1}
    assert (pairs.labels == np.minimum(labels, 3)).all()
    kept = read_pairs_h5(path, keep_stray=True)
    assert (kept.labels == labels).all()
    assert kept.stray == pairs.stray


def test_blocks_join_without_a_seam(tmp_path: Path) -> None:
    stack = np.random.default_rng(0).integers(0, 4, (1_100, 3, 4, 2))
    with h5py.File(tmp_path / "pairs.h5", "w") as file:
        file.create_group("about")
        file.create_dataset("weights", data=np.ones(3))
        file.create_dataset("x", data=stack)
    pairs = read_pairs_h5(tmp_path / "pairs.h5")
    assert (np.stack([pairs.images, pairs.labels], axis=-1) == stack).all()


def test_file_without_samples_gives_empty_arrays(tmp_path: Path) -> None:
    pairs = read_pairs_h5(published(tmp_path / "pairs.h5", "x", labels=label_maps(0)))
    assert pairs.images.shape == pairs.labels.shape == (0, 94, 93)


def test_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = published(tmp_path / "pairs.h5", "x", labels=label_maps())
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"pip install karyokit\[data\]"):
        read_pairs_h5(path)


def test_wrong_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.h5 is not there.*Kaggle"):
        read_pairs_h5(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("<html>not the file</html>")
    with pytest.raises(ValueError, match=r"name a whole HDF5 file, got .*text\.h5"):
        read_pairs_h5(tmp_path / "text.h5")
    whole = published(tmp_path / "whole.h5", "x", labels=label_maps()).read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="name a whole HDF5 file"):
        read_pairs_h5(tmp_path / "cut.h5")
    with h5py.File(tmp_path / "flat.h5", "w") as file:
        file.create_dataset("x", data=np.zeros((2, 94, 93)))
    with pytest.raises(ValueError, match=r"hold a data set \(n, rows, columns, 2\), got \{'x': \(2, 94, 93\)\}"):
        read_pairs_h5(tmp_path / "flat.h5")


@pytest.mark.parametrize(("label", "grey", "name"), [(-1, 5, "labels"), (300, 5, "labels"), (1, 70_000, "grey values")])
def test_values_that_cannot_be_pairs_are_refused(tmp_path: Path, label: int, grey: int, name: str) -> None:
    path = published(tmp_path / "pairs.h5", "x", labels=np.full((1, 94, 93), label), grey=grey)
    with pytest.raises(ValueError, match=f"`{name}` must lie in"):
        read_pairs_h5(path)
