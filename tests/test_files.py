"""Atomic writing: what was there stays on any failure, nothing is left behind, messages name the file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from karyokit import files
from karyokit.files import OutputError, atomic_path, make_folder, sha256_of, write_text


def test_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "a.npz"
    target.write_text("old")
    with atomic_path(target) as aside:
        assert aside.suffix == ".npz"
        assert aside.name.startswith(".")
        aside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.npz"]


def test_text_keeps_its_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "b.txt", "ä\r\nb\n")
    assert (tmp_path / "b.txt").read_bytes() == "ä\r\nb\n".encode()


def half_written(target: Path, error: BaseException) -> None:
    """Write half of a file, then fail."""
    with atomic_path(target) as aside:
        aside.write_text("half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("bad"), OSError("no number")])
def test_other_failures_pass_unchanged_and_keep_the_old_file(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(type(error)) as caught:
        half_written(target, error)
    assert caught.value is error
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_errors_of_other_files_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, atomic_path(tmp_path / "a.txt") as aside:
        aside.write_bytes((tmp_path / "input").read_bytes())
    assert caught.value.filename == str(tmp_path / "input")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "read-only"), (errno.EROFS, "read-only"), (errno.EIO, "Input/output error")],
)
def test_failures_of_the_disk_are_explained(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(OutputError, match=words) as caught:
        half_written(tmp_path / "a.txt", OSError(number, os.strerror(number)))
    assert str(tmp_path / "a.txt") in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OutputError, match="read-only"):
        write_text(tmp_path / "a.txt", "x")


def test_missing_folder_and_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="its folder does not exist"):
        write_text(tmp_path / "none" / "a.txt", "x")
    with pytest.raises(OutputError, match="is a folder"):
        write_text(tmp_path, "x")


def test_make_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="a file is in the way"):
            make_folder(place)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(files.Path, "mkdir", refuse)
    with pytest.raises(OutputError, match="cannot be made"):
        make_folder(tmp_path / "c")


def test_sha256_of_known_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_place_is_checked_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.require_place(tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())
    with pytest.raises(OutputError, match="its folder does not exist"):
        files.require_place(tmp_path / "no" / "a.csv")
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(OutputError, match=r"a\.csv: cannot be written, the folder is read-only"):
        files.require_place(tmp_path / "a.csv")
