"""Which picture each cell of a batch was made from, so that a review finds the pictures without being told where they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from karyokit.files import write_text

NOTED = Path(".karyokit") / "pictures.json"


@dataclass(frozen=True)
class NotedPicture:
    """Where the picture of a cell lay, as an absolute path, and the SHA-256 of its bytes."""

    path: str
    sha256: str


def note_pictures(folder: Path, pictures: dict[str, NotedPicture]) -> None:
    """Add the pictures of cells, by their names in the annotations, to those noted in a folder of results; written aside and renamed."""
    known = noted_pictures(folder) | pictures
    if pictures:
        write_text(folder / NOTED, json.dumps({name: vars(one) for name, one in known.items()}, indent=0, sort_keys=True) + "\n")


def noted_pictures(folder: Path) -> dict[str, NotedPicture]:
    """The pictures noted in a folder of results by cell name; none where nothing was noted or the note is damaged."""
    try:
        kept = json.loads((folder / NOTED).read_text(encoding="utf-8"))
        return {str(name): NotedPicture(str(one["path"]), str(one["sha256"])) for name, one in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
