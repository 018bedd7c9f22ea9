"""Flat label images (16-bit TIFF or PNG): each pixel the number of one chromosome, 0 for none.

Such a picture cannot hold an overlap, so that writing one loses something; what exactly is counted and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL.PngImagePlugin import PngImageFile
from scipy import ndimage
from tifffile import TiffFile, imwrite

from karyokit.checks import problem
from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.objects import LabelledObject, fields_for, record_of
from karyokit.exchange.reading import MAX_OBJECTS, reading, require_size
from karyokit.exchange.tiff_planes import tiff_planes
from karyokit.files import atomic_path
from karyokit.pictures import write_png

_MAX_NUMBER = 65_535


@dataclass(frozen=True)
class FlatteningLoss:
    """What a label image does not hold: ``shared`` pixels that lie on several chromosomes, the pixels ``taken`` from each
    chromosome by its number, the numbers of those left with ``nothing``, and how many objects were ``set_aside``."""

    shared: int
    taken: dict[int, int]
    nothing: tuple[int, ...]
    set_aside: int

    def warning(self) -> str:
        """The loss in a sentence; class, polarity and the like are always lost."""
        parts = ["classes, polarity and how they were separated are not in a label image"]
        if self.shared:
            among = ", ".join(map(str, self.taken))
            parts.insert(0, f"{self.shared} shared pixels were left to the first chromosome; {len(self.taken)} lost some (numbers {among})")
        if self.nothing:
            parts.append(f"nothing is left of {', '.join(map(str, self.nothing))}")
        if self.set_aside:
            parts.append(f"{self.set_aside} objects set aside are left out")
        return "; ".join(parts)


def flatten(cell: CellRecord) -> tuple[np.ndarray, FlatteningLoss]:
    """(rows, columns) uint16 picture of chromosome numbers, and what it does not hold; a shared pixel goes to the first.

    Raises ``ValueError`` unless the numbers are distinct and in 1..65535.
    """
    numbers = [one.number for one in cell.chromosomes]
    if len(set(numbers)) < len(numbers) or not all(1 <= number <= _MAX_NUMBER for number in numbers):
        raise ValueError(problem("numbers", f"be distinct and in 1..{_MAX_NUMBER} for a label image", numbers, "Number them anew."))
    labels = np.zeros(cell.shape, np.uint16)
    owners = np.zeros(cell.shape, np.uint16)
    taken: dict[int, int] = {}
    for one in cell.chromosomes:
        _require_inside(one, cell.shape)
        window, crop = labels[one.region.window], one.region.crop
        owners[one.region.window] += crop
        if lost := int(np.count_nonzero(crop & (window > 0))):
            taken[one.number] = lost
        window[crop & (window == 0)] = one.number
    nothing = tuple(one.number for one in cell.chromosomes if taken.get(one.number, 0) == one.region.area)
    return labels, FlatteningLoss(int(np.count_nonzero(owners > 1)), taken, nothing, len(cell.set_aside))


def write_label_image(path: str | Path, cell: CellRecord) -> str:
    """Write one cell as a 16-bit label image, TIFF or PNG by the suffix, and return the warning of what it does not hold."""
    labels, loss = flatten(cell)
    if Path(path).suffix.lower() == ".png":
        write_png(path, labels)
    else:
        with atomic_path(path) as aside:
            imwrite(aside, labels, compression="zlib")
    return loss.warning()


def read_label_image(path: str | Path, shape: tuple[int, int] | None = None) -> list[CellRecord]:
    """The cell of a label image (TIFF or PNG of whole numbers): one chromosome, not classified, for each number but 0.

    Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used. ``shape`` is not needed.
    """
    del shape
    source = Path(path)
    with reading(source, "label image"):
        return [cell_of_labels(_labels_in(source), source.name)]


def cell_of_labels(labels: np.ndarray, name: str) -> CellRecord:
    """The cell of a (rows, columns) array of whole numbers, 0 for background; numbers above 2**31 are numbered anew."""
    if labels.ndim != 2 or labels.dtype.kind not in "bui":
        got = f"{labels.dtype} of shape {labels.shape}"
        raise ValueError(problem("labels", "be one plane of whole numbers", got, "Save the masks as a label image."))
    require_size(*labels.shape)
    values, compact = np.unique(labels.astype(np.uint8) if labels.dtype == bool else labels, return_inverse=True)
    if values.size > MAX_OBJECTS or values[0] < 0:
        got = f"{values.size} numbers from {values[0]} on"
        raise ValueError(problem("labels", f"hold at most {MAX_OBJECTS} numbers from 0 on", got, "This looks like a picture, not labels."))
    compact = compact.reshape(labels.shape) + (values[0] != 0)
    kept = values[values != 0].tolist()
    windows = ndimage.find_objects(compact, len(kept))
    found = [_region(compact, window, place) for place, window in enumerate(windows, start=1) if window is not None]
    objects = [LabelledObject("?", region, number if number < 2**31 else None) for region, number in zip(found, kept, strict=True)]
    return record_of(fields_for(name, (labels.shape[0], labels.shape[1])), objects)


def _region(labels: np.ndarray, window: tuple[slice, slice], value: int) -> Region:
    return Region(window[0].start, window[1].start, labels[window] == value)


def _require_inside(one: Chromosome, shape: tuple[int, int]) -> None:
    rows, columns = one.region.window
    if rows.start < 0 or columns.start < 0 or rows.stop > shape[0] or columns.stop > shape[1]:
        raise ValueError(problem("region", f"lie in the picture {shape}", one.region.bbox, "Correct the cell."))


def _labels_in(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        png = stream.read(8) == b"\x89PNG\r\n\x1a\n"
    if png:
        with PngImageFile(path) as picture:
            require_size(picture.height, picture.width)
            if picture.mode not in ("1", "L", "P", "I", "I;16"):
                raise ValueError(problem("labels", "be grey", f"{picture.mode} colours", "Save one plane of whole numbers."))
            return np.asarray(picture)
    with TiffFile(path) as tiff:
        if len(tiff.pages) != 1:
            do = "Masks in several planes are read from files named .ome.tif."
            raise ValueError(problem("labels", "be one plane", f"{len(tiff.pages)} planes", do))
        return next(tiff_planes(tiff))
