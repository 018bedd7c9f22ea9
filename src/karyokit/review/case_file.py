"""The case file: an SQLite database of the cells as they were analysed and of every edit since, appended and never changed.

Layout: ``cells`` (the analysed cell as COCO text, where its picture lies and the sha256 of that file), ``commands`` (one row an
edit), ``about`` (the layout's version). Rows are ordered by their number; times are for people only. The write-ahead log lets
one process write while others read; a writer waits for another one. What ``append`` has returned is on the disk.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from karyokit.review.commands import Command, Outcome, parse_arguments
from karyokit.review.history import Entry

FILE_NAME = "case.sqlite"
SCHEMA = 1
_BUSY_SECONDS = 20.0
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cells (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
    picture TEXT NOT NULL DEFAULT '', picture_sha256 TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT, cell INTEGER NOT NULL REFERENCES cells(id), kind TEXT NOT NULL, arguments TEXT NOT NULL,
    outcome TEXT NOT NULL, models TEXT NOT NULL, who TEXT NOT NULL, made TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS commands_of_cell ON commands (cell, id);
"""


class CaseError(ValueError):
    """A case folder or file that cannot be used; the message says why and what to do."""


_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
"""Errors of the disk and of others at work, not of the file's content."""


class Stale(Exception):  # noqa: N818
    """The log has grown since it was read."""


@dataclass(frozen=True)
class StoredCell:
    """A row of ``cells``; ``record`` is a COCO dictionary of this cell alone."""

    id: int
    name: str
    record: dict[str, Any]
    picture: str
    picture_sha256: str


class CaseFile:
    """An open case file; safe to use from several threads, and from several processes at once."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        try:
            self._base = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            self._base.execute("PRAGMA foreign_keys = ON")
            self._create()
        except sqlite3.Error as error:
            how = "Check the disk and the access rights, or restore the file from a backup."
            raise CaseError(f"{self.path}: cannot be opened as a case file ({error}). {how}") from error

    def close(self) -> None:
        """Close the file; further use is an error."""
        with self._lock:
            self._base.close()

    def cells(self) -> list[StoredCell]:
        """All cells in the order of their import."""
        rows = self._read("SELECT id, name, record, picture, picture_sha256 FROM cells ORDER BY id")
        try:
            return [StoredCell(number, name, json.loads(record), picture, digest) for number, name, record, picture, digest in rows]
        except (ValueError, TypeError) as error:
            raise self._damaged(error) from error

    def put_cell(self, name: str, record: dict[str, Any]) -> bool:
        """Add a cell, or renew one that has no commands yet; False where its log goes on from another analysis, which is kept."""
        text = json.dumps(record, sort_keys=True)
        with self._writing():
            row = self._base.execute("SELECT id, record FROM cells WHERE name = ?", (name,)).fetchone()
            if row is None:
                self._base.execute("INSERT INTO cells (name, record) VALUES (?, ?)", (name, text))
            elif row[1] != text:
                if self._base.execute("SELECT 1 FROM commands WHERE cell = ? LIMIT 1", (row[0],)).fetchone():
                    return False
                self._base.execute("UPDATE cells SET record = ? WHERE id = ?", (text, row[0]))
        return True

    def put_picture(self, cell: int, path: str, sha256: str) -> None:
        """Remember where the picture of a cell lies and what its file holds."""
        with self._writing():
            self._base.execute("UPDATE cells SET picture = ?, picture_sha256 = ? WHERE id = ?", (path, sha256, cell))

    def last(self, cell: int) -> int:
        """Number of the last entry of a cell, 0 for none."""
        return int(self._read("SELECT coalesce(max(id), 0) FROM commands WHERE cell = ?", cell)[0][0])

    def entries(self, cell: int, *, after: int = 0) -> list[Entry]:
        """Entries of a cell with numbers above ``after``, in their order."""
        query = "SELECT id, kind, arguments, outcome, models, who, made FROM commands WHERE cell = ? AND id > ? ORDER BY id"
        return [self._entry(row) for row in self._read(query, cell, after)]

    def append(
        self, cell: int, kind: str, *, command: Command | None = None, expected: int, who: str, models: tuple[tuple[str, str], ...] = ()
    ) -> Entry:
        """Append an entry after the one with number ``expected``; raises ``Stale`` where another one has come in between."""
        arguments = command.arguments.model_dump_json() if command else "{}"
        outcome = command.outcome.to_json() if command else "{}"
        made = now()
        with self._writing():
            if self.last(cell) != expected:
                raise Stale
            cursor = self._base.execute(
                "INSERT INTO commands (cell, kind, arguments, outcome, models, who, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (cell, kind, arguments, outcome, json.dumps(models), who, made),
            )
        return Entry(int(cursor.lastrowid or 0), kind, who, made, command, models)

    def _entry(self, row: tuple[int, str, str, str, str, str, str]) -> Entry:
        number, kind, arguments, outcome, models, who, made = row
        try:
            known = None
            if kind not in ("undo", "redo"):
                known = Command(kind, parse_arguments(kind, json.loads(arguments)), Outcome.from_json(outcome))
            return Entry(number, kind, who, made, known, tuple((name, digest) for name, digest in json.loads(models)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            how = "Use the version of karyokit that wrote it, or restore the file from a backup."
            raise CaseError(f"{self.path}: entry {number} of the log cannot be read ({error}). {how}") from error

    def _create(self) -> None:
        with self._writing():
            for statement in _TABLES.split(";"):
                self._base.execute(statement)
            self._base.execute("INSERT OR IGNORE INTO about (name, value) VALUES ('schema', ?)", (str(SCHEMA),))
        found = self._base.execute("SELECT value FROM about WHERE name = 'schema'").fetchone()[0]
        if found != str(SCHEMA):
            raise CaseError(f"{self.path}: has layout {found}, this version reads {SCHEMA}. Use the version of karyokit that wrote it.")

    def _read(self, query: str, *values: int) -> list[Any]:
        """Rows of a query; the lock keeps other threads' unfinished transactions out of sight."""
        with self._lock:
            try:
                return self._base.execute(query, values).fetchall()
            except sqlite3.Error as error:
                self._refuse_if_damaged(error)
                raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its start, so that what it reads is still true when it writes."""
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    if self._base.in_transaction:  # a full disk has rolled back already
                        self._base.execute("ROLLBACK")
                    raise
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                self._refuse_if_damaged(error)
                raise

    def _refuse_if_damaged(self, error: sqlite3.Error) -> None:
        """Raise ``CaseError`` unless trying again can help."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF not in _PASSING:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> CaseError:
        return CaseError(f"{self.path}: is damaged as a case file ({error}). Restore the file from a backup.")


def now() -> str:
    """The time in UTC as ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
