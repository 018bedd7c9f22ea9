"""Named sources of separation samples: (data folder, split) -> samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data import gband_cells, gband_isolated, mfish
from karyokit.data.corrected_cells import corrected_samples
from karyokit.data.gband_boxed import boxed_sample
from karyokit.data.gband_predicted import read_predicted
from karyokit.data.gband_weak import weak_sample
from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.library import SinglesLibrary
from karyokit.data.generators.records import CellOptions, ComposedCell, Single
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import SeparationSample, sample_of
from karyokit.data.singles import load_singles
from karyokit.data.splits import split_of_group
from karyokit.staining import Stain, to_density

TYPICAL_OPTICAL_DENSITY = 0.7
"""Optical density (natural logarithm) of a typical G-banded chromosome, to which composites are brought."""

MOST_OF_ONE_GROUP = 138
"""Single chromosomes, three cells' worth, that are taken of one case."""

MIN_LIBRARY = 8
"""Isolated chromosomes a cell must have to be cut up for composites."""


def mfish_samples(data: str, split: str, *, limit: int | None = None) -> list[SeparationSample]:
    """The M-FISH cells of a split with their full truth."""
    names = mfish.split_names(Path(data) / "mfish", split)[:limit]
    return [sample_of(mfish.read_cell(Path(data) / "mfish", name)) for name in names]


def gband_weak_samples(data: str, split: str, *, limit: int | None = None) -> list[SeparationSample]:
    """Real G-banded cells with what their boxes tell; pixels that the boxes leave open have weight 0."""
    return [weak_sample(cell) for cell in islice(gband_cells.cells(Path(data) / "gband_cells", split), limit)]


def gband_boxed_samples(data: str, split: str, *, limit: int | None = None, predicted: str = "") -> list[SeparationSample]:
    """Real G-banded cells with border and overlap from masks derived from boxes and picture; weight 0 where none could be.

    ``predicted`` names a COCO file of an earlier separation of these cells, whose masks fill gaps where boxes agree with them.
    """
    masks = read_predicted(Path(predicted)) if predicted else {}
    cells = islice(gband_cells.cells(Path(data) / "gband_cells", split), limit)
    return [boxed_sample(cell, masks.get(cell.name, ())) for cell in cells]


def gband_composites(data: str, split: str, *, count: int, cells: int | None = None, seed: int = 0) -> list[SeparationSample]:
    """``count`` composed cells, each made of isolated chromosomes cut from a few real G-banded cells of a split."""
    source = islice(gband_cells.cells(Path(data) / "gband_cells", split), cells)
    return _composites((cut_singles(cell, gband_isolated.isolated_chromosomes(cell)) for cell in source), "brightfield", count, seed)


def mfish_composites(data: str, split: str, *, count: int, cells: int | None = None, seed: int = 0) -> list[SeparationSample]:
    """``count`` composed cells, each made of chromosomes of a few M-FISH cells of a split that touch no other."""
    source = islice(mfish.cells(Path(data) / "mfish", split), cells)
    return _composites((cut_singles(cell, free_chromosomes(cell)) for cell in source), "fluorescence", count, seed)


def singles_composites(data: str, split: str, *, file: str, by: str, count: int, seed: int = 0) -> list[SeparationSample]:
    """``count`` composed cells made of a set of single chromosomes (singles/``file``), each of a few cells or cases of a split."""
    singles = load_singles(Path(data) / "singles" / file)
    library, groups = SinglesLibrary(singles), singles.cases if by == "case" else singles.cells
    rng = np.random.default_rng(seed)
    chosen = [group for group in np.unique(groups) if split_of_group(str(group)) == split]
    members = (np.flatnonzero(groups == group) for group in chosen)
    cut = (library.singles(rng.permutation(own)[:MOST_OF_ONE_GROUP]) for own in members)
    return _composites(cut, singles.stain, count, seed)


def free_chromosomes(cell: AnnotatedCell, gap: int = 3) -> list[tuple[Region, int]]:
    """The chromosomes of a cell with masks that keep ``gap`` pixels from every other."""
    grown = [region.to_mask(cell.shape) for region in cell.regions]
    count = np.zeros(cell.shape, np.uint8)
    for mask in grown:
        count += ndimage.binary_dilation(mask, iterations=gap)
    return [
        (region, category)
        for region, category in zip(cell.regions, cell.categories, strict=True)
        if (count[region.window][region.crop] == 1).all()
    ]


def _composites(cut: Iterable[list[Single]], stain: Stain, count: int, seed: int) -> list[SeparationSample]:
    libraries = [library for library in cut if len(library) >= MIN_LIBRARY]
    rng = np.random.default_rng(seed)
    return [_composite(libraries, stain, rng, number) for number in range(count)]


def cut_singles(cell: AnnotatedCell, chromosomes: Sequence[tuple[Region, int]], margin: int = 4) -> list[Single]:
    """Chromosomes of a cell as singles for the generator; their density goes on to the foot of the edge, past the mask."""
    typical = TYPICAL_OPTICAL_DENSITY if cell.stain == "brightfield" else 1.0
    density = np.pad(to_density(cell.image, cell.stain) * np.float32(typical), margin)
    singles = []
    for region, category in chromosomes:
        mask = np.pad(region.crop, margin)
        rows, columns = mask.shape
        crop = density[region.row : region.row + rows, region.column : region.column + columns]
        near = ndimage.binary_dilation(mask, np.ones((3, 3), bool), iterations=2)
        singles.append(Single(np.where(near, crop, np.float32(0)), mask, category))
    return singles


def _composite(libraries: Sequence[Sequence[Single]], stain: Stain, rng: np.random.Generator, number: int) -> SeparationSample:
    """A cell of up to 46 chromosomes from one to five cells, so that they look alike but not the same."""
    picked = rng.choice(len(libraries), size=min(int(rng.integers(1, 6)), len(libraries)), replace=False)
    library = [single for index in picked for single in libraries[index]]
    chosen = [library[index] for index in rng.choice(len(library), size=min(46, len(library)), replace=False)]
    options = CellOptions.for_stain(
        stain,
        shape=(int(rng.integers(480, 720)), int(rng.integers(560, 760))),
        crowding=float(rng.uniform(0.5, 0.95)),
        crossing=float(rng.uniform(0.2, 0.6)),
        scale=(0.8, 1.25),
    )
    return _sample(compose_cell(chosen, rng=rng, options=options), f"composite_{number}")


def _sample(composed: ComposedCell, name: str) -> SeparationSample:
    """Sample of a composed cell. Masks cut from brightfield cells lie half way up the edge: they are drawn out to its
    foot, so that chromosomes that touch share a thin seam; fluorescence masks are the annotators'."""
    shape, cross = composed.image.shape, ndimage.generate_binary_structure(2, 1)
    regions = composed.masks
    if composed.stain == "brightfield":
        regions = tuple(Region.from_mask(ndimage.binary_dilation(region.to_mask(shape), cross)) for region in regions)
    return sample_of(AnnotatedCell(name=name, image=composed.image, stain=composed.stain, regions=regions))


SOURCES: dict[str, Callable[..., Sequence[SeparationSample]]] = {
    "corrected": corrected_samples,
    "mfish": mfish_samples,
    "mfish_composites": mfish_composites,
    "gband_weak": gband_weak_samples,
    "gband_boxed": gband_boxed_samples,
    "gband_composites": gband_composites,
    "gband_singles_composites": partial(singles_composites, file="gband_singles.npz", by="case"),
    "qband_singles_composites": partial(singles_composites, file="qband_singles.npz", by="cell"),
}
