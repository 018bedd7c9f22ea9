from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.data.singles import load_singles, singles_from_folder, singles_from_npz


def _npz(path: Path) -> list[np.ndarray]:
    pictures = [np.arange(6, dtype=np.uint8).reshape(2, 3), np.arange(4, dtype=np.uint8).reshape(4, 1)]
    np.savez(
        path,
        pixels=np.concatenate([picture.ravel() for picture in pictures]),
        height=[2, 4],
        width=[3, 1],
        offset=[0, 6, 10],
        label=[1, 24],
        cell=["5.1", "5.2"],
        case=["5", "5"],
    )
    return pictures


def _blank(level: int) -> np.ndarray:
    """(3, 4) picture of one level but for its last pixel."""
    picture = np.full((3, 4), level, np.uint8)
    picture[-1, -1] = 255
    return picture


def test_shared_layout(tmp_path: Path) -> None:
    pictures = _npz(tmp_path / "gband_singles.npz")
    singles = load_singles(tmp_path / "gband_singles.npz")
    assert (len(singles), singles.stain, singles.name) == (2, "brightfield", "gband_singles")
    assert all((singles.picture(index) == picture).all() for index, picture in enumerate(pictures))
    singles.picture(0)[:] = 0
    assert (singles.picture(0) == pictures[0]).all()
    assert singles.labels.tolist() == [1, 24]
    assert singles.cases.tolist() == ["5", "5"]
    with pytest.raises(IndexError, match=r"`index` must lie in 0\.\.1"):
        singles.picture(-1)


def test_padova_layout_a_folder_per_cell(tmp_path: Path) -> None:
    names = ["12/1_a.png", "12/chr22b.png", "12/X.png", "13/y-1.png", "13/07_2.png", "13/note.png", "13/99.png"]
    for number, name in enumerate(names):
        (tmp_path / "qband" / name).parent.mkdir(parents=True, exist_ok=True)
        iio.imwrite(tmp_path / "qband" / name, _blank(number))
    singles = load_singles(tmp_path / "qband")
    assert singles.stain == "fluorescence"
    assert dict(zip(singles.cells.tolist(), singles.cases.tolist(), strict=True)) == {"12": "12", "13": "13"}
    assert sorted(singles.labels.tolist()) == [1, 7, 22, 23, 24]
    assert singles.picture(int(np.flatnonzero(singles.labels == 22)[0]))[0, 0] == 1


def test_passau_layout_a_folder_per_cell_and_class(tmp_path: Path) -> None:
    for name in ("97002023.12/3/a.png", "97002023.12/3/b.png", "97002023.7/X/a.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        iio.imwrite(tmp_path / name, _blank(0))
    singles = singles_from_folder(tmp_path, stain="brightfield")
    assert singles.cells.tolist() == ["97002023.12", "97002023.12", "97002023.7"]
    assert set(singles.cases.tolist()) == {"97002023"}
    assert singles.labels.tolist() == [3, 3, 23]


def test_own_pattern(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "k7-c21.png", _blank(0))
    singles = singles_from_folder(tmp_path, stain="fluorescence", patterns=[r"k(?P<cell>\d+)-c(?P<label>\d+)\.png"])
    assert (singles.cells[0], singles.cases[0], singles.labels[0]) == ("7", "7", 21)


def test_missing_things_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gband_singles\.npz is not there.*KARYOKIT_DATA"):
        load_singles(tmp_path / "gband_singles.npz")
    with pytest.raises(ValueError, match="start of the file name"):
        load_singles(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError, match="there are none"):
        singles_from_folder(tmp_path, stain="brightfield")
    iio.imwrite(tmp_path / "a.png", _blank(0))
    with pytest.raises(FileNotFoundError, match=r"the first is a\.png"):
        singles_from_folder(tmp_path, stain="brightfield")
    np.savez(tmp_path / "bad.npz", pixels=np.zeros(3))
    with pytest.raises(ValueError, match="`file` must be an npz file with the arrays"):
        singles_from_npz(tmp_path / "bad.npz", stain="brightfield")


def test_bad_split_names(tmp_path: Path) -> None:
    _npz(tmp_path / "gband_singles.npz")
    singles = load_singles(tmp_path / "gband_singles.npz")
    with pytest.raises(ValueError, match="`part` must be one of"):
        singles.split("training")
    with pytest.raises(ValueError, match="`by` must be one of"):
        singles.split("train", by="slide")


@pytest.mark.parametrize(("name", "count", "by"), [("gband", 24686, "case"), ("qband", 4784, "cell")])
def test_real_sets(shared_data: Path, name: str, count: int, by: str) -> None:
    singles = load_singles(shared_data / "singles" / f"{name}_singles.npz")
    assert len(singles) == count
    assert set(singles.labels.tolist()) == set(range(1, 25))
    groups = singles.cases if by == "case" else singles.cells
    parts = [singles.split(part, by=by) for part in ("train", "val", "test")]
    assert sum(map(len, parts)) == count
    assert all(not set(groups[a]) & set(groups[b]) for a, b in ((parts[0], parts[1]), (parts[0], parts[2]), (parts[1], parts[2])))
    assert 0.6 < len(parts[0]) / count < 0.8
    border = singles.picture(count - 1)[0, 0]
    assert border == (255 if name == "gband" else 0)
