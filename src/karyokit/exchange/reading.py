"""Reading files that others made: limits that hold before anything is decoded, and one message for whatever is wrong.

Every limit is far above what a cell needs; a file beyond it is damaged, or made to fill the memory.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from karyokit.checks import problem
from karyokit.pictures import MAX_PIXELS

MAX_BYTES = 1_000_000_000
"""Larger annotation files are not opened."""
MAX_OBJECTS = 5_000
"""Objects in one cell; a metaphase has about 46 chromosomes and some debris."""


class UnreadableFile(ValueError):  # noqa: N818
    """An annotation file could not be used; the message names the file, what is wrong and what to do."""


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a decoder throws at ``path`` into ``UnreadableFile`` that says it should be ``kind``, warnings kept quiet.

    Raises ``FileNotFoundError`` where there is no such file; missing optional packages pass unchanged.
    """
    _require_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (UnreadableFile, ModuleNotFoundError):
            raise
        except MemoryError as error:
            raise UnreadableFile(f"{path}: does not fit in memory. Split it into single cells.") from error
        except Exception as error:
            raise UnreadableFile(f"{path}: is no {kind}, or is damaged ({reason_of(error)}). Export it again.") from error


def load_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; ``ValueError`` for what is none, ``FileNotFoundError``."""
    with reading(path, "JSON file"):
        document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise UnreadableFile(f"{path}: is a JSON file without named fields. Give an annotation file.")
    return document


def require_size(rows: int, columns: int, *, planes: int = 1) -> None:
    """Raise ``ValueError`` unless a picture may have this size and a cell that many planes or objects."""
    if rows < 1 or columns < 1 or rows * columns > MAX_PIXELS:
        must = f"have 1 to {MAX_PIXELS // 1_000_000} million pixels"
        raise ValueError(problem("picture", must, f"{columns} x {rows}", "Give the annotations of a single metaphase picture."))
    if planes > MAX_OBJECTS:
        raise ValueError(problem("cell", f"have at most {MAX_OBJECTS} objects", planes, "Give the annotations of a single cell."))


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise UnreadableFile(f"{path}: is a folder. Name the files in it.")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such annotation file. Check the name and the folder.")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise UnreadableFile(f"{path}: has {size / 1e9:.1f} GB, over the limit of {MAX_BYTES / 1e9:.0f}. Split it into single cells.")


def reason_of(error: Exception) -> str:
    """One line that says what a decoder or a check did not like."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return " ".join(str(error).split())[:300] or type(error).__name__
