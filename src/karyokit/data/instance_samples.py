"""Samples for instance networks: a density with a box for every chromosome and a mask where one is known; sources by name.

Systems specification 1.6: KEMR's 901 pictures are private, so M-FISH cells (all masks known), G-banded cells (boxes; masks of
isolated chromosomes) and composites (all masks exact) stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.data import gband_boxes, gband_cells, gband_isolated, mfish
from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.records import CellOptions, Single, Stain
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_sources import MIN_LIBRARY, cut_singles, free_chromosomes
from karyokit.staining import to_density

MOST_CHROMOSOMES = 46


@dataclass(frozen=True, eq=False)
class InstanceSample:
    """A picture and its chromosomes.

    ``density`` (rows, columns) float16: background 0, chromosome about 1; ``image`` the (rows, columns) grey picture as read;
    ``boxes`` (n, 4) float: left, top, right, bottom in pixels; ``regions`` one per chromosome, None where its mask is not known.
    """

    name: str
    image: np.ndarray
    density: np.ndarray
    boxes: np.ndarray
    regions: tuple[Region | None, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the picture."""
        return int(self.density.shape[0]), int(self.density.shape[1])

    def known_regions(self) -> tuple[Region, ...]:
        """The regions of all chromosomes; ``ValueError`` where a mask is not known."""
        known = tuple(region for region in self.regions if region is not None)
        if len(known) < len(self.regions):
            do = "Score masks on a source that has them all: mfish or composites."
            raise ValueError(problem("sample", "have a mask for every chromosome", f"{len(known)} of {len(self.regions)}", do))
        return known


def sample_of_masks(cell: AnnotatedCell) -> InstanceSample:
    """The sample of a cell whose masks are all known; boxes are those of the masks."""
    boxes = np.array([_corners(region.bbox) for region in cell.regions], np.float32).reshape(-1, 4)
    return InstanceSample(cell.name, cell.image, _density(cell), boxes, cell.regions)


def sample_of_boxes(cell: AnnotatedCell) -> InstanceSample:
    """The sample of a G-banded cell: its boxes without the published margin, and the masks of chromosomes that lie alone.

    The box of a chromosome with a mask is that of the mask. A cell without boxes gives an empty sample.
    """
    tight = gband_boxes.tight_boxes(cell.boxes)
    regions: list[Region | None] = [None] * len(tight)
    for region, _ in gband_isolated.isolated_chromosomes(cell):
        shares = [gband_boxes.box_iou(region.bbox, box) for box in tight]
        regions[int(np.argmax(shares))] = region
    boxes = [_corners(box if region is None else region.bbox) for box, region in zip(tight, regions, strict=True)]
    limit = np.array([cell.shape[1], cell.shape[0]] * 2, np.float32)
    corners = np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, limit)
    return InstanceSample(cell.name, cell.image, _density(cell), corners, tuple(regions))


def _corners(box: Sequence[float] | np.ndarray) -> list[float]:
    column, row, width, height = (float(value) for value in box)
    return [column, row, column + width, row + height]


def _density(cell: AnnotatedCell) -> np.ndarray:
    return to_density(cell.image, cell.stain).astype(np.float16)


def mfish_instances(data: str, split: str, *, limit: int | None = None) -> list[InstanceSample]:
    """The M-FISH cells of a split with their full truth."""
    return [sample_of_masks(cell) for cell in islice(mfish.cells(Path(data) / "mfish", split), limit)]


def gband_instances(data: str, split: str, *, limit: int | None = None) -> list[InstanceSample]:
    """Real G-banded cells: boxes, and masks where they can be had."""
    return [sample_of_boxes(cell) for cell in islice(gband_cells.cells(Path(data) / "gband_cells", split), limit)]


def mfish_composite_instances(data: str, split: str, *, count: int, cells: int | None = None, seed: int = 0) -> list[InstanceSample]:
    """``count`` composed cells of free chromosomes of the first ``cells`` M-FISH cells of a split."""
    source = islice(mfish.cells(Path(data) / "mfish", split), cells)
    return list(composite_instances((cut_singles(cell, free_chromosomes(cell)) for cell in source), "fluorescence", count=count, seed=seed))


def gband_composite_instances(data: str, split: str, *, count: int, cells: int | None = None, seed: int = 0) -> list[InstanceSample]:
    """``count`` composed cells of isolated chromosomes of the first ``cells`` G-banded cells of a split."""
    source = islice(gband_cells.cells(Path(data) / "gband_cells", split), cells)
    cut = (cut_singles(cell, gband_isolated.isolated_chromosomes(cell)) for cell in source)
    return list(composite_instances(cut, "brightfield", count=count, seed=seed))


def composite_instances(cut: Iterable[list[Single]], stain: Stain, *, count: int, seed: int) -> Iterator[InstanceSample]:
    """``count`` cells of up to 46 chromosomes with many crossings, each from one to five of the libraries of single chromosomes.

    Raises ``ValueError`` where no library has 8 chromosomes.
    """
    libraries = [library for library in cut if len(library) >= MIN_LIBRARY]
    if not libraries:
        do = "Take more cells, or another split."
        raise ValueError(problem("cut", f"hold a cell with {MIN_LIBRARY} free chromosomes", "none", do))
    rng = np.random.default_rng(seed)
    for number in range(count):
        picked = rng.choice(len(libraries), size=min(int(rng.integers(1, 6)), len(libraries)), replace=False)
        library = [single for index in picked for single in libraries[index]]
        chosen = [library[index] for index in rng.choice(len(library), size=min(MOST_CHROMOSOMES, len(library)), replace=False)]
        crowding, crossing = float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.3, 0.7))
        options = CellOptions.for_stain(stain, shape=(512, 640), crowding=crowding, crossing=crossing)
        composed = compose_cell(chosen, rng=rng, options=options)
        yield sample_of_masks(AnnotatedCell(name=f"composite_{number}", image=composed.image, stain=stain, regions=composed.masks))


INSTANCE_SOURCES: dict[str, Callable[..., Sequence[InstanceSample]]] = {
    "mfish": mfish_instances,
    "mfish_composites": mfish_composite_instances,
    "gband": gband_instances,
    "gband_composites": gband_composite_instances,
}
