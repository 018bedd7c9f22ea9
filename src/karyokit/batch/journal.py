"""An append-only file of JSON lines that survives being killed at any moment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from karyokit.files import OutputError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the system into ``OutputError`` with one message that names ``path`` and says what to do."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        do = "Check the disk and the output folder, then run again: what is finished is kept."
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}). {do}") from error


class Journal:
    """Lines of the file ``path``, which is made where it is missing; a last line that was cut off is removed.

    A line counts once ``append`` has returned: then it is on the disk. Only one process may write at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with writing(path):
            self._stream = path.open("a+b", buffering=0)
            self._end = self._whole_lines()
            self._stream.truncate(self._end)

    def append(self, record: dict[str, Any]) -> int:
        """Write one line and bring it to the disk; returns the place to ``read`` it from. Nothing stays of a failed attempt."""
        line = json.dumps(record, sort_keys=True, allow_nan=False, ensure_ascii=False).encode() + b"\n"
        place = self._end
        with writing(self.path):
            try:
                written = 0
                while written < len(line):
                    written += self._stream.write(line[written:]) or 0
                os.fsync(self._stream.fileno())
            except OSError:
                self._stream.truncate(place)
                raise
        self._end += len(line)
        return place

    def read(self, place: int) -> dict[str, Any]:
        """The record whose line begins at ``place``."""
        with self.path.open("rb") as stream:
            stream.seek(place)
            return dict(json.loads(stream.readline()))

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Place and record of each line in the order of writing; lines that are no JSON object (a damaged disk) are left out."""
        place = 0
        with self.path.open("rb") as stream:
            for line in stream:
                if (record := _parsed(line)) is not None:
                    yield place, record
                place += len(line)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _whole_lines(self) -> int:
        """Length in bytes up to the last line end."""
        end = self._stream.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            self._stream.seek(start)
            found = self._stream.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
        return 0


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
