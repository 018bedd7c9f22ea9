"""Named sources of separation samples: (data folder, split) -> samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.data import gband_cells, mfish
from karyokit.data.gband_weak import weak_sample
from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.records import CellOptions, ComposedCell, Single
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import SeparationSample, sample_of
from karyokit.staining import to_density

TYPICAL_OPTICAL_DENSITY = 0.7
"""Optical density (natural logarithm) of a typical G-banded chromosome, to which composites are brought."""

MIN_LIBRARY = 8
"""Isolated chromosomes a cell must have to be cut up for composites."""


def mfish_samples(data: str, split: str, *, limit: int | None = None) -> list[SeparationSample]:
    """The M-FISH cells of a split with their full truth."""
    names = mfish.split_names(Path(data) / "mfish", split)[:limit]
    return [sample_of(mfish.read_cell(Path(data) / "mfish", name)) for name in names]


def gband_weak_samples(data: str, split: str, *, limit: int | None = None) -> list[SeparationSample]:
    """Real G-banded cells with what their boxes tell; pixels that the boxes leave open have weight 0."""
    return [weak_sample(cell) for cell in islice(gband_cells.cells(Path(data) / "gband_cells", split), limit)]


def gband_composites(data: str, split: str, *, count: int, cells: int | None = None, seed: int = 0) -> list[SeparationSample]:
    """``count`` composed cells, each made of isolated chromosomes cut from a few real G-banded cells of a split."""
    source = islice(gband_cells.cells(Path(data) / "gband_cells", split), cells)
    libraries = [library for library in map(cut_singles, source) if len(library) >= MIN_LIBRARY]
    rng = np.random.default_rng(seed)
    return [_composite(libraries, rng, number) for number in range(count)]


def cut_singles(cell: AnnotatedCell, margin: int = 4) -> list[Single]:
    """The isolated chromosomes of a G-banded cell as singles for the generator, drawn out to the foot of their edge."""
    density = np.pad(to_density(cell.image, cell.stain) * np.float32(TYPICAL_OPTICAL_DENSITY), margin)
    singles = []
    for region, category in gband_cells.isolated_chromosomes(cell):
        mask = ndimage.binary_dilation(np.pad(region.crop, margin), ndimage.generate_binary_structure(2, 1))
        rows, columns = mask.shape
        crop = density[region.row : region.row + rows, region.column : region.column + columns]
        singles.append(Single(np.where(mask, crop, np.float32(0)), mask, category))
    return singles


def _composite(libraries: Sequence[Sequence[Single]], rng: np.random.Generator, number: int) -> SeparationSample:
    """A cell of up to 46 chromosomes from one to five cells, so that they look alike but not the same."""
    picked = rng.choice(len(libraries), size=min(int(rng.integers(1, 6)), len(libraries)), replace=False)
    library = [single for index in picked for single in libraries[index]]
    chosen = [library[index] for index in rng.choice(len(library), size=min(46, len(library)), replace=False)]
    options = CellOptions.for_stain(
        "brightfield",
        shape=(int(rng.integers(560, 720)), int(rng.integers(560, 760))),
        crowding=float(rng.uniform(0.4, 0.9)),
        crossing=float(rng.uniform(0.3, 0.7)),
        scale=(0.8, 1.25),
    )
    return _sample(compose_cell(chosen, rng=rng, options=options), f"composite_{number}")


def _sample(composed: ComposedCell, name: str) -> SeparationSample:
    return sample_of(AnnotatedCell(name=name, image=composed.image, stain=composed.stain, regions=composed.masks))


SOURCES: dict[str, Callable[..., Sequence[SeparationSample]]] = {
    "mfish": mfish_samples,
    "gband_weak": gband_weak_samples,
    "gband_composites": gband_composites,
}
