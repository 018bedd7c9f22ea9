"""Straightened single chromosomes with their class, prepared once per data set and kept in a cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data import gband_cells, gband_isolated, mfish
from karyokit.data.gband_box_masks import box_masks_of
from karyokit.data.gband_predicted import read_predicted
from karyokit.data.gband_weak import stained_pixels
from karyokit.data.generators.library import SinglesLibrary
from karyokit.data.records import AnnotatedCell
from karyokit.data.singles import load_singles
from karyokit.data.splits import split_of_group
from karyokit.files import atomic_path
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.straightening import straighten
from karyokit.staining import chromosome_width, to_density

FORMAT = 1
"""Raised whenever preparation changes, so that an old cache is not used."""

Item = tuple[np.ndarray, int, bool]
"""Canvas of ``classifier_input``, class 1..24, and whether its first row is known to be the p arm's end."""


@dataclass(frozen=True, eq=False)
class PreparedSingles:
    """``pictures`` (n, 128, 32) float16, ``labels`` (n,) 1..24, ``upright`` (n,) bool: known to have the p arm up."""

    pictures: np.ndarray
    labels: np.ndarray
    upright: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class CellChoice:
    """``predicted`` is a COCO file of separated cells that may give masks; ``first`` is how many cells of the split are used."""

    predicted: str = ""
    first: int | None = None


def prepared(name: str, data: str, split: str, cache: Path, choice: CellChoice = CellChoice()) -> PreparedSingles:
    """The named source's part of a split, from ``cache`` where it has been prepared before; ``choice`` is for ``gband_boxed``."""
    key = hashlib.sha256(json.dumps([FORMAT, name, split, choice.predicted, choice.first]).encode()).hexdigest()[:12]
    path = Path(cache) / f"{name}_{split}_{key}.npz"
    if not path.is_file():
        items = list(SOURCES[name](Path(data), split, choice))
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as aside, aside.open("wb") as file:
            np.savez(
                file,
                pictures=np.stack([picture for picture, _, _ in items]).astype(np.float16),
                labels=np.array([label for _, label, _ in items]),
                upright=np.array([upright for _, _, upright in items]),
            )
    with np.load(path) as stored:
        return PreparedSingles(stored["pictures"], stored["labels"], stored["upright"])


def _library(file: str, by: str) -> Callable[[Path, str, CellChoice], Iterator[Item]]:
    def items(data: Path, split: str, _: CellChoice) -> Iterator[Item]:
        singles = load_singles(data / "singles" / file)
        library = SinglesLibrary(singles)
        groups = singles.cases if by == "case" else singles.cells
        for index, group in enumerate(groups):
            if split_of_group(str(group)) == split and (single := library.single(index)) is not None:
                straight = straighten(single.density, Region.from_mask(single.mask))
                yield classifier_input(straight), single.category, by == "case"

    return items


def _cell_items(cell: AnnotatedCell, found: list[tuple[Region, int]]) -> Iterator[Item]:
    density = to_density(cell.image, cell.stain)
    width = chromosome_width(density)
    for region, category in found:
        straight = straighten(density, region)
        yield classifier_input(straight, width=0.5 * (width + straight.median_width_px)), category, False


def _gband_items(data: Path, split: str, _: CellChoice) -> Iterator[Item]:
    for cell in gband_cells.cells(data / "gband_cells", split):
        yield from _cell_items(cell, gband_isolated.isolated_chromosomes(cell))


def _gband_boxed_items(data: Path, split: str, choice: CellChoice) -> Iterator[Item]:
    """Isolated, touching and crossing chromosomes: every box for which `box_masks_of` finds a mask."""
    masks = read_predicted(Path(choice.predicted)) if choice.predicted else {}
    for cell in islice(gband_cells.cells(data / "gband_cells", split), choice.first):
        density = to_density(cell.image, cell.stain)
        found = box_masks_of(density, stained_pixels(density), cell.boxes, masks.get(cell.name, ())).regions
        yield from _cell_items(cell, [(region, category) for region, category in zip(found, cell.categories, strict=True) if region])


def _mfish_items(data: Path, split: str, _: CellChoice) -> Iterator[Item]:
    for cell in mfish.cells(data / "mfish", split):
        yield from _cell_items(cell, list(zip(cell.regions, cell.categories, strict=True)))


SOURCES: dict[str, Callable[[Path, str, CellChoice], Iterator[Item]]] = {
    "gband_singles": _library("gband_singles.npz", "case"),
    "qband_singles": _library("qband_singles.npz", "cell"),
    "gband_cells": _gband_items,
    "gband_boxed": _gband_boxed_items,
    "mfish": _mfish_items,
}
