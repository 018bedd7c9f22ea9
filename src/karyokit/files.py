"""Writing aside and renaming, so that no half-written file is ever left; checksums of files."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}


class OutputError(OSError):
    """A file could not be written; the message names the file and the remedy."""


def distinct_names(names: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """The names in their order, numbered from 2 where one comes again or is ``taken`` (letter case does not count).

    >>> distinct_names(["cell", "x", "Cell", "out"], taken=["out"])
    ['cell', 'x', 'Cell-2', 'out-2']
    """
    used = {name.casefold() for name in taken}
    found = []
    for plain in names:
        name, number = plain, 1
        while name.casefold() in used:
            number += 1
            name = f"{plain}-{number}"
        used.add(name.casefold())
        found.append(name)
    return found


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a hidden temporary sibling of ``path`` that replaces it when the block ends well.

    The sibling keeps the suffix, so that writers which look at it work. On any failure, an interrupt included,
    the sibling is removed and a file that was at ``path`` before stays as it was. Raises ``OutputError`` where the
    folder is missing or read-only, the disk is full, or ``path`` is a folder; errors of other files pass unchanged.
    """
    target = Path(path)
    _require_place(target)
    aside = target.with_name(f".{uuid.uuid4().hex[:12]}.partial{target.suffix}")
    try:
        yield aside
        _flush(aside)
        os.replace(aside, target)
    except OSError as error:
        explained = _explained(target, aside, error)
        if explained is None:
            raise
        raise explained from error
    finally:
        with suppress(OSError):  # a read-only file system refuses even to remove what is not there
            aside.unlink()


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text to ``path`` as it stands (line ends untouched), aside and then renamed."""
    with atomic_path(path) as aside:
        aside.write_bytes(text.encode("utf-8"))


def make_folder(path: str | Path) -> Path:
    """Create the folder ``path`` and its parents where missing; ``OutputError`` where that cannot be done."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{folder}: a file is in the way of this folder. Choose another output folder.") from error
    except OSError as error:
        raise OutputError(f"{folder}: this folder cannot be made ({error.strerror}). Choose another output folder.") from error
    return folder


def require_place(path: str | Path) -> None:
    """Raise ``OutputError`` unless a file can be written at ``path``, so that long work is not begun in vain."""
    target = Path(path)
    _require_place(target)
    if not os.access(target.parent, os.W_OK):
        raise _read_only(target)


def sha256_of(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in pieces."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _require_place(target: Path) -> None:
    if target.is_dir():
        raise OutputError(f"{target}: is a folder. Give the name of a file in it.")
    if not target.parent.is_dir():
        raise OutputError(f"{target}: its folder does not exist. Create {target.parent} or choose another output.")


def _flush(path: Path) -> None:
    """Bring the bytes to the disk before the rename, so that a power cut cannot leave an empty file."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def _read_only(target: Path) -> OutputError:
    return OutputError(f"{target}: cannot be written, the folder is read-only. Choose an output folder you may write to.")


def _explained(target: Path, aside: Path, error: OSError) -> OutputError | None:
    """A message for the user; None for errors that speak for themselves or of other files than ``target`` and ``aside``."""
    if isinstance(error, OutputError) or error.errno is None or error.filename not in (None, str(aside), str(target)):
        return None
    if error.errno in _READ_ONLY:
        return _read_only(target)
    if error.errno in _FULL:
        return OutputError(f"{target}: cannot be written, the disk is full. Free some space and run again.")
    return OutputError(f"{target}: cannot be written ({error.strerror}). Check the output path and the disk.")
