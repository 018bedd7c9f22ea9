"""The metaphase pictures of a case: where they lie, and whether they are still those that were analysed.

Pictures are referred to by path and sha256, not copied into the case: they are large, and pictures of patients should lie in one
place. A picture that moved is found again by ``--pictures``; one that changed is refused, since no mask would fit it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from karyokit.checks import PictureError
from karyokit.files import sha256_of
from karyokit.pictures import read_picture, to_display
from karyokit.review.case_file import CaseError, StoredCell
from karyokit.staining import chromosome_width, to_density

_KEPT_OPEN = 6


class PictureMissing(CaseError):  # noqa: N818
    """The picture of a cell is not there, or is not the one that was analysed."""


@dataclass(frozen=True, eq=False)
class CellPicture:
    """The grey picture of a cell as read, (rows, columns), and what follows from it."""

    image: np.ndarray
    stain: str
    sha256: str

    @cached_property
    def display(self) -> np.ndarray:
        """(rows, columns) uint8 between the picture's darkest and brightest levels."""
        return to_display(self.image)

    @cached_property
    def density(self) -> np.ndarray:
        """(rows, columns) float32, chromosomes bright on 0."""
        return to_density(self.image, self.stain)

    @cached_property
    def width_px(self) -> float:
        """Typical chromosome width in pixels."""
        return chromosome_width(self.density)


def find_picture(name: str, folders: Sequence[Path]) -> Path | None:
    """The picture file ``name`` in the first folder that has it; a name that leads out of a folder is not followed."""
    for folder in folders:
        root = folder.resolve()
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path
    return None


def missing_picture(cell: StoredCell) -> str:
    """What to say where the picture of a cell is not where it was, ``""`` where a file is there."""
    if cell.picture and Path(cell.picture).is_file():
        return ""
    where = f" (it was at {cell.picture})" if cell.picture else ""
    return f"{cell.name}: the picture of this cell is not found{where}. Name its folder: karyokit serve CASE --pictures FOLDER."


class CellPictures:
    """Pictures of stored cells, the last few kept in memory; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, CellPicture] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, cell: StoredCell, *, shape: tuple[int, int], stain: str) -> CellPicture:
        """The picture of a cell; ``PictureMissing`` where it is not there any more, was changed or cannot be read."""
        with self._lock:
            if cell.id not in self._kept:
                self._kept[cell.id] = _opened(cell, shape, stain)
            self._kept.move_to_end(cell.id)
            while len(self._kept) > _KEPT_OPEN:
                self._kept.popitem(last=False)
            return self._kept[cell.id]


def _opened(cell: StoredCell, shape: tuple[int, int], stain: str) -> CellPicture:
    if problem := missing_picture(cell):
        raise PictureMissing(problem)
    path = Path(cell.picture)
    digest = sha256_of(path)
    if digest != cell.picture_sha256:
        raise PictureMissing(f"{path}: is not the picture that was analysed (its content has changed). Put the original back.")
    try:
        image = read_picture(path).pixels
    except PictureError as error:
        raise PictureMissing(str(error)) from error
    if image.shape != shape:
        raise PictureMissing(f"{path}: has {image.shape} pixels where the analysed picture had {shape}. Put the original back.")
    return CellPicture(image, stain, digest)
