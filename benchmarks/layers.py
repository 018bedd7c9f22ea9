"""Chromosomes' own density inside overlaps, restored and by naive rules, and what the classifier makes of each.

    PYTHONPATH=src python benchmarks/layers.py ../shared/data --split val --cells 20

Composites: real chromosomes that lie alone in a cell are laid over one another, so the truth in each overlap is known; densities
are mixed as their sum (exponent 1) and as real overlaps measure (3.5, see ``overlaps``). Printed per chromosome with an overlap
of 15 pixels or more: mean absolute error in the overlap as a share of its mean density, and the classifier's accuracy and mean
negative log likelihood on its picture. ``real`` does the classifier's part on the crossings of real M-FISH cells (true masks)
and real G-band cells (regions found by the shipped model, class of the box that matches with an IoU of 0.6). ``overlaps``
prints observed density over the sum of the owners' densities beside the overlap in real M-FISH cells.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data import gband_cells, gband_isolated, mfish
from karyokit.data.generators.cells import lay_out
from karyokit.data.generators.optics import stack_densities
from karyokit.data.generators.records import CellOptions
from karyokit.data.generators.warping import draw_pose, frame_of, pose_single
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_sources import cut_singles, free_chromosomes
from karyokit.inference import classify_pictures
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.straightening import medial_axis, straighten
from karyokit.pipeline import separate
from karyokit.pipeline.models import model_for
from karyokit.reconstruction.layers import separate_layers
from karyokit.staining import chromosome_width, resolve_stain, to_density

LEAST = 15
Pictures = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Crossed:
    """A cell with overlaps: density, regions, classes (0: not known) and, in composites, the true densities."""

    density: np.ndarray
    regions: Sequence[Region]
    categories: Sequence[int]
    truth: Sequence[np.ndarray] | None = None

    def counts(self) -> np.ndarray:
        """Number of regions over each pixel."""
        count = np.zeros(self.density.shape, int)
        for region in self.regions:
            count[region.window] += region.crop
        return count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="val", choices=("train", "val"))
    parser.add_argument("--cells", type=int, default=20)
    given = parser.parse_args()
    readers = {"gband": gband_cells.cells(given.data / "gband_cells", given.split), "mfish": mfish.cells(given.data / "mfish", given.split)}
    cells = {name: list(islice(reader, given.cells)) for name, reader in readers.items()}
    for name, found in cells.items():
        stain = found[0].stain
        for exponent in (1.0, 3.5):
            print(f"{name} composites, exponent {exponent}: {report(composites(found, exponent), stain)}", flush=True)
    print(f"mfish real: {report(map(annotated, cells['mfish']), 'fluorescence')}", flush=True)
    print(f"gband real: {report(map(separated, cells['gband']), 'brightfield')}", flush=True)
    ratios = np.concatenate([overlaps(cell) for cell in cells["mfish"]])
    print(f"overlaps: observed over sum, {len(ratios)} overlaps, quartiles {np.quantile(ratios, (0.25, 0.5, 0.75)).round(3)}")


def composites(cells: Sequence[AnnotatedCell], exponent: float) -> Iterator[Crossed]:
    """Each cell's free chromosomes, laid over one another."""
    rng = np.random.default_rng(0)
    for cell in cells:
        singles = cut_singles(cell, free_chromosomes(cell) if cell.regions else gband_isolated.isolated_chromosomes(cell))
        if len(singles) < 8:
            continue
        options = CellOptions.clean(resolve_stain(cell.stain, cell.image), shape=(600, 700), crowding=0.95, crossing=1.0)
        frames = [frame_of(single.mask) for single in singles]
        poses = [replace(draw_pose(frame, rng=rng, scale=1.0, bend=12.0), mirrored=False) for frame in frames]
        posed = [pose_single(one, pose, number=k, frame=frames[k]) for k, (one, pose) in enumerate(zip(singles, poses, strict=True))]
        placed = sorted(lay_out(posed, options=options, rng=rng), key=lambda each: each.posed.number)
        regions = [Region.from_mask(np.pad(each.posed.mask, ((each.row, 0), (each.column, 0)))) for each in placed]
        corners = [(region.row - each.row, region.column - each.column) for region, each in zip(regions, placed, strict=True)]
        truth = [
            each.posed.density[row : row + region.crop.shape[0], column : column + region.crop.shape[1]]
            for (row, column), region, each in zip(corners, regions, placed, strict=True)
        ]
        plain = Crossed(stack_densities(placed, options.shape, opaque=False), regions, [one.category for one in singles], truth)
        yield replace(plain, density=mixed(plain, exponent))


def mixed(cell: Crossed, exponent: float) -> np.ndarray:
    """The composite's density with overlaps mixed by an exponent instead of added."""
    powers = np.zeros(cell.density.shape)
    for region, true in zip(cell.regions, cell.truth or (), strict=True):
        powers[region.window] += np.where(region.crop, np.maximum(true, 0), 0) ** exponent
    return np.where((cell.counts() > 1) & (exponent > 1), powers ** (1 / exponent), cell.density).astype(np.float32)


def annotated(cell: AnnotatedCell) -> Crossed:
    """A real cell with its true masks."""
    return Crossed(to_density(cell.image, cell.stain), cell.regions, cell.categories)


def separated(cell: AnnotatedCell) -> Crossed:
    """A real cell as the shipped model separates it, classes by matching boxes."""
    found = separate(cell.image, stain=cell.stain, threads=1)
    regions = [one.region for one in found.chromosomes]
    overlap = coco_mask.iou(np.array([region.bbox for region in regions], float), cell.boxes, [False] * len(cell.boxes))
    best = overlap.argmax(axis=1)
    return Crossed(found.density, regions, [cell.categories[k] if row[k] >= 0.6 else 0 for k, row in zip(best, overlap, strict=True)])


def report(cells: Iterator[Crossed], stain: str) -> str:
    """Errors, accuracies and likelihoods in words."""
    canvases: defaultdict[str, list[np.ndarray]] = defaultdict(list)
    errors: defaultdict[str, list[float]] = defaultdict(list)
    categories: list[int] = []
    for cell in cells:
        for index, pictures, zone in crossing_pictures(cell):
            region, width = cell.regions[index], chromosome_width(cell.density)
            for name, own in pictures.items():
                straight = straighten(cell.density, region, own=own)
                canvases[name].append(classifier_input(straight, width=0.5 * (width + straight.median_width_px)))
                if cell.truth is not None:
                    true = cell.truth[index]
                    errors[name].append(float(np.abs(own - true)[zone].mean() / true[region.crop].mean()))
            categories.append(cell.categories[index])
    return f"n {len(categories)}; " + "; ".join(line(name, canvases[name], categories, errors[name], stain) for name in canvases)


def crossing_pictures(cell: Crossed) -> Iterator[tuple[int, Pictures, np.ndarray]]:
    """Number, pictures by each rule, and overlap of each chromosome of known class with an overlap."""
    count = cell.counts()
    layers = separate_layers(cell.density, cell.regions, [medial_axis(region) for region in cell.regions])
    for index, region in enumerate(cell.regions):
        zone, seen = region.crop & (count[region.window] > 1), cell.density[region.window]
        if zone.sum() >= LEAST and cell.categories[index]:
            pictures = {"whole": seen, "equal shares": seen / np.maximum(count[region.window], 1), "restored": layers[index]}
            yield index, pictures | ({"truth": cell.truth[index]} if cell.truth is not None else {}), zone


def line(name: str, canvases: list[np.ndarray], categories: list[int], errors: list[float], stain: str) -> str:
    """The figures of one rule."""
    right = np.array(categories) - 1
    probabilities, _ = classify_pictures(model_for("classification", stain, None, 1), np.stack(canvases)[:, None])
    likelihood = -np.log(probabilities[np.arange(len(right)), right] + 1e-6).mean()
    error = f"error {np.mean(errors):.3f}, " if errors else ""
    return f"{name}: {error}accuracy {(probabilities.argmax(1) == right).mean():.3f}, nll {likelihood:.2f}"


def overlaps(cell: AnnotatedCell) -> np.ndarray:
    """(k,) median density in the core of each overlap of two chromosomes over the sum of their medians beside it."""
    crossed = annotated(cell)
    masks = np.stack([region.to_mask(cell.shape) for region in cell.regions])
    count, ratios = crossed.counts(), []
    zones, number = ndimage.label(count > 1, np.ones((3, 3)))
    for zone in (zones == k for k in range(1, number + 1)):
        owners = [mask for mask in masks if (mask & zone).any()]
        core = zone & ndimage.binary_erosion(np.any(owners, axis=0), iterations=2)
        away = ndimage.distance_transform_edt(~zone)
        beside = [ndimage.binary_erosion(mask, iterations=2) & (count == 1) & (away > 2) & (away <= 8) for mask in owners]
        if len(owners) == 2 and core.sum() >= LEAST and all(ring.sum() > 8 for ring in beside):
            ratios.append(np.median(crossed.density[core]) / sum(np.median(crossed.density[ring]) for ring in beside))
    return np.array(ratios)


if __name__ == "__main__":
    main()
