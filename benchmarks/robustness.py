"""The main job on validation cells whose pictures were changed as other microscopes, cameras and hands would change them.

    python benchmarks/robustness.py DATA [--gband 10] [--mfish 12] [--only NAME ...]

For each change prints, per stain, the share of chromosomes rightly separated (as `evaluation.reliability` judges it), the share of
those named rightly, the mean count error and the pictures in which nothing could be found. Turning and scaling change the
truth with the picture; everything else leaves it as it is. The cells and the changes are the same in every run.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

import karyokit
from karyokit.chromosomes import Cell, Region
from karyokit.data import gband_cells, mfish
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.cells import Outcome, run_over
from karyokit.evaluation.reliability import right_pairs

SEED = 0
SAID = "inverted, and said so"
"""The change after which the main job is told the stain."""
NEGATIVE = {"fluorescence": "inverted", "brightfield": "fluorescence"}
"""What to call the negative of a picture."""
Change = Callable[[AnnotatedCell, np.random.Generator], AnnotatedCell]


def greys(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Change:
    """A change of grey values alone; ``change`` maps float 0..255 to float, which is cut to that range and rounded."""

    def changed(cell: AnnotatedCell, rng: np.random.Generator) -> AnnotatedCell:
        plane = change(cell.image.astype(float), rng)
        return replace(cell, image=np.clip(np.rint(plane), 0, 255).astype(np.uint8))

    return changed


def scaled(factor: float) -> Change:
    """The picture resampled, truth with it."""

    def changed(cell: AnnotatedCell, _: np.random.Generator) -> AnnotatedCell:
        size = round(cell.shape[1] * factor), round(cell.shape[0] * factor)
        image = np.asarray(Image.fromarray(cell.image).resize(size, Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX))
        masks = (Image.fromarray(region.to_mask(cell.shape)).resize(size, Image.Resampling.NEAREST) for region in cell.regions)
        regions = tuple(Region.from_mask(np.asarray(mask)) for mask in masks)
        return replace(cell, image=image, regions=regions, boxes=cell.boxes * factor)

    return changed


def quarter_turn(cell: AnnotatedCell, _: np.random.Generator) -> AnnotatedCell:
    """Turned by 90 degrees counter-clockwise."""
    columns = cell.shape[1]
    left, top, width, height = np.asarray(cell.boxes, float).reshape(-1, 4).T
    boxes = np.stack([top, columns - left - width, height, width], axis=1)
    regions = tuple(Region.from_mask(np.rot90(region.to_mask(cell.shape))) for region in cell.regions)
    return replace(cell, image=np.ascontiguousarray(np.rot90(cell.image)), regions=regions, boxes=boxes)


def shaded(plane: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Illumination that falls to 0.6 from one corner to the other."""
    rows, columns = np.indices(plane.shape) / np.array(plane.shape)[:, None, None]
    return plane * (1 - 0.4 * (rows + columns) / 2)


def packed(quality: int) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """JPEG and back."""

    def through(plane: np.ndarray, _: np.random.Generator) -> np.ndarray:
        file = io.BytesIO()
        Image.fromarray(plane.astype(np.uint8)).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file), float)

    return through


CHANGES: dict[str, Change] = {
    "none": lambda cell, _: cell,
    "turned by 90 degrees": quarter_turn,
    "scaled by 0.6": scaled(0.6),
    "scaled by 1.7": scaled(1.7),
    "blur, sigma 1.5 px": greys(lambda plane, _: ndimage.gaussian_filter(plane, 1.5)),
    "noise, sigma 12 of 255": greys(lambda plane, rng: plane + rng.normal(0, 12, plane.shape)),
    "half the contrast": greys(lambda plane, _: 60 + 0.5 * plane),
    "gamma 0.6": greys(lambda plane, _: 255 * (plane / 255) ** 0.6),
    "gamma 1.6": greys(lambda plane, _: 255 * (plane / 255) ** 1.6),
    "uneven light": greys(shaded),
    "JPEG, quality 30": greys(packed(30)),
    "inverted": greys(lambda plane, _: 255 - plane),
    SAID: lambda cell, rng: replace(greys(lambda plane, _: 255 - plane)(cell, rng), stain=NEGATIVE[cell.stain]),
}
"""By name what is done to a cell."""


def figures(outcomes: Iterable[Outcome]) -> str:
    """One part of a row: separated, named of these, count error, pictures without a chromosome."""
    true = right = named = empty = 0
    errors = []
    for outcome in outcomes:
        rows, columns = right_pairs(outcome.truth, outcome.cell)
        true, right = true + len(outcome.truth.boxes), right + len(rows)
        classes = np.array([one.category for one in outcome.cell.chromosomes], int)
        named += int((np.array(outcome.truth.categories, int)[rows] == classes[columns]).sum())
        errors.append(abs(outcome.count_error))
        empty += not outcome.cell.chromosomes
    return f"{right / max(true, 1):.3f} | {named / max(right, 1):.3f} | {np.mean(errors):.2f} | {empty}"


def analysed(truth: AnnotatedCell, *, told: bool) -> Cell:
    """The main job, told the stain or not."""
    return karyokit.analyse(truth.image, name=truth.name, stain=truth.stain if told else "auto")


def main(data: Path, *, gband: int, mfish_cells: int, only: list[str]) -> None:
    """Print one row per change."""
    stains = {
        "G-band": list(islice(gband_cells.cells(data / "gband_cells", "val"), gband)),
        "M-FISH": list(islice(mfish.cells(data / "mfish", "val"), mfish_cells)),
    }
    columns = " | ".join(f"{stain}: separated | named | count error | nothing found" for stain in stains)
    print(f"| change | {columns} |\n|{'---|' * (1 + 4 * len(stains))}")
    for name, change in CHANGES.items():
        if only and name not in only:
            continue
        parts = []
        for cells in stains.values():
            rng = np.random.default_rng(SEED)
            changed = (change(cell, rng) for cell in cells)
            parts.append(figures(run_over(changed, partial(analysed, told=name == SAID))))
        print(f"| {name} | {' | '.join(parts)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--gband", type=int, default=10, help="G-banded cells")
    parser.add_argument("--mfish", type=int, default=12, help="M-FISH cells")
    parser.add_argument("--only", nargs="*", default=[], help="names of changes")
    chosen = parser.parse_args()
    main(chosen.data, gband=chosen.gband, mfish_cells=chosen.mfish, only=chosen.only)
