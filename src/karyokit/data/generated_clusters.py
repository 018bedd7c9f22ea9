"""Clusters of crossing G-banded chromosomes with exact truth, generated in ChromSeg's form and number.

The recipe (ours): 345 pictures of 256 x 256, 115 of them for testing; sizes 2, 3, 4 and 5 in turn, as the paper took "even" numbers of
each, arrangements at random from those that cross. A cluster is made of chromosomes of one cell; no case is in two parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from karyokit.checks import problem
from karyokit.data.chromseg import ClusterPicture
from karyokit.data.cluster_canvas import SIDE, on_canvas
from karyokit.data.generators.composing import compose_cluster
from karyokit.data.generators.library import SinglesLibrary
from karyokit.data.generators.procedural import karyotype_categories, procedural_singles
from karyokit.data.generators.records import CellOptions, ComposedCell, Single
from karyokit.data.singles import load_singles
from karyokit.data.splits import SPLIT_NAMES, require_split_name

COUNTS = {"train": 195, "val": 35, "test": 115}
"""The paper's 230 for training less 15 % held out, and its 115 for testing."""

SIZES = (2, 3, 4, 5)
PAIR_KINDS = ("X", "T", "L", "Y", "bent")
KINDS = (*PAIR_KINDS, "star", "touching+crossing")
"""Arrangements drawn for two chromosomes, and for more."""

TRIES = 60
DrawSingles = Callable[[int, np.random.Generator], list[Single]]
"""So many single chromosomes of one cell."""


def gband_clusters(root: Path, split: str, *, seed: int = 0) -> Iterator[ClusterPicture]:
    """Clusters of ``split`` made of real G-banded chromosomes; ``root`` is the folder that holds ``gband_singles.npz``."""
    require_split_name("split", split)
    singles = load_singles(Path(root) / "gband_singles.npz")
    library, members = SinglesLibrary(singles), singles.split(split)
    cells = singles.cells[members]
    names = np.unique(cells)

    def draw(size: int, rng: np.random.Generator) -> list[Single]:
        found = members[cells == rng.choice(names)]
        return library.singles(rng.choice(found, size=min(size, found.size), replace=False))

    return generate_clusters(draw, split, seed=seed)


def procedural_clusters(split: str, *, seed: int = 0) -> Iterator[ClusterPicture]:
    """Clusters of ``split`` made of drawn chromosomes, which need no data."""
    require_split_name("split", split)

    def draw(size: int, rng: np.random.Generator) -> list[Single]:
        chosen = rng.choice(karyotype_categories("46,XY"), size=size, replace=False)
        return procedural_singles(tuple(int(category) for category in chosen), stain="brightfield", rng=rng)

    return generate_clusters(draw, split, seed=seed)


def generate_clusters(draw: DrawSingles, split: str, *, seed: int = 0) -> Iterator[ClusterPicture]:
    """The pictures of a split, numbered from 1; picture i depends on seed, split and i alone."""
    for number in range(1, COUNTS[split] + 1):
        rng = np.random.default_rng([seed, SPLIT_NAMES.index(split), number])
        yield _picture(f"{split}_{number}", _composed(draw, SIZES[number % len(SIZES)], rng))


def _composed(draw: DrawSingles, size: int, rng: np.random.Generator) -> ComposedCell:
    """A cluster of ``size`` chromosomes that fits the canvas; drawn anew where the chromosomes do not allow the arrangement."""
    options = CellOptions.for_stain("brightfield", nuclei=(0, 0), debris=(0, 0))
    for _ in range(TRIES):
        singles = draw(size, rng)
        kind = str(rng.choice(PAIR_KINDS if size == 2 else KINDS))
        if len(singles) < size:
            continue
        try:
            composed = compose_cluster(singles, kind=kind, rng=rng, options=options)
        except ValueError:
            continue
        if max(composed.image.shape) <= SIDE and composed.overlap.any():
            return composed
    raise ValueError(problem("singles", f"allow a cluster of {size} within {SIDE} px", "none that do", "Pass shorter chromosomes."))


def _picture(name: str, composed: ComposedCell) -> ClusterPicture:
    """On a white canvas: the background, the median along the crop's rim, becomes 255."""
    image = composed.image.astype(np.float32)
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    white = np.rint(np.clip(image * (255 / max(float(np.median(rim)), 1.0)), 0, 255)).astype(np.uint8)
    return on_canvas(name, white, overlap=composed.overlap, regions=composed.masks)
