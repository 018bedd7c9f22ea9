from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from karyokit.batch.journal import Journal
from karyokit.files import OutputError

Open = Callable[[Path], Journal]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Open journals that are closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(Journal(path)))


def test_lines_come_back_by_place_and_in_order(opened: Open, tmp_path: Path) -> None:
    journal = opened(tmp_path / "a.jsonl")
    places = [journal.append({"number": number, "text": "é" * number}) for number in range(3)]
    assert [journal.read(place)["text"] for place in places] == ["", "é", "éé"]
    again = opened(tmp_path / "a.jsonl")
    assert [(place, record["number"]) for place, record in again.records()] == list(zip(places, range(3), strict=True))


@pytest.mark.parametrize("cut", range(1, 13))
def test_a_line_that_was_cut_off_is_removed(opened: Open, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.jsonl"
    journal = opened(path)
    journal.append({"a": 1})
    whole = path.read_bytes()
    journal.append({"b": "xxxx"})
    path.write_bytes(path.read_bytes()[:-cut])
    journal = opened(path)
    assert path.read_bytes() == whole
    journal.append({"c": 3})
    assert [record for _, record in journal.records()] == [{"a": 1}, {"c": 3}]


def test_long_lines_without_an_end_are_found(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1}\n{"b": "' + b"x" * 200_000)
    assert [record for _, record in opened(tmp_path / "a.jsonl").records()] == [{"a": 1}]
    (tmp_path / "b.jsonl").write_bytes(b"x" * 200_000)
    assert list(opened(tmp_path / "b.jsonl").records()) == []


def test_damaged_lines_are_left_out(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1}\n\0\0\0\n[]\n\xff\n{"b": 2}\n')
    journal = opened(tmp_path / "a.jsonl")
    found = list(journal.records())
    assert [record for _, record in found] == [{"a": 1}, {"b": 2}]
    assert journal.read(found[1][0]) == {"b": 2}


def test_a_full_disk_leaves_whole_lines_and_says_so(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(tmp_path / "a.jsonl")
    journal.append({"a": 1})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match=r"a\.jsonl: cannot be written \(No space left on device\)\. Check the disk"):
            journal.append({"b": 2})
    assert (tmp_path / "a.jsonl").read_text() == '{"a": 1}\n'
    journal.append({"c": 3})
    assert (tmp_path / "a.jsonl").read_text() == '{"a": 1}\n{"c": 3}\n'
