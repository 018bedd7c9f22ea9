"""What the CRF of KEMR-Net does to the shipped model's masks of M-FISH cells.

Parameters and experiences are learned on cells of the train split and judged on the cells of the val split. Every mask of the main job
is refined with a probability map made from the model's foreground map. Printed for each way to refine: mask AP, AP75, mean IoU
and boundary F (2 px) of the matches, and the paired difference of the mean IoU with a 95 % bootstrap interval over cells.

    OMP_NUM_THREADS=1 python benchmarks/crf_refinement.py ../shared/data
    OMP_NUM_THREADS=1 python benchmarks/crf_refinement.py ../shared/data --train-cells 20 --examples 120 --val-cells 6
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import karyokit
from karyokit.chromosomes import stack_masks
from karyokit.data import mfish
from karyokit.inference import default_model, separation_maps
from karyokit.metrics.bootstrap import bootstrap_interval
from karyokit.metrics.boundaries import boundary_f, matched_boundaries
from karyokit.metrics.coco import average_precision, mask_records
from karyokit.metrics.instances import match, overlaps
from karyokit.reconstruction.crf import (
    CrfParameters,
    Example,
    RefineOptions,
    make_example,
    maps_to_probabilities,
    refine_instances,
)
from karyokit.reconstruction.nk_dna import KnowledgeStore, learn, refine_with_store

NO_GUARDS = RefineOptions(min_iou=0.0, max_area_change=1e9, keep_whole=False)
Way = Callable[["Predicted"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Predicted:
    """A cell with its truth, the masks of the main job, a probability map for each, and their scores."""

    name: str
    image: np.ndarray
    truth: np.ndarray
    masks: np.ndarray
    probabilities: np.ndarray
    scores: tuple[float, ...]


def predict(root: Path, name: str) -> Predicted:
    """The main job on one cell."""
    truth = mfish.read_cell(root, name)
    cell = karyokit.separate(truth.image, threads=1, name=name)
    maps = separation_maps(default_model("separation", cell.stain, threads=1), cell.density, cell.width_px)
    masks = cell.masks()
    scores = tuple(one.score for one in cell.chromosomes)
    probabilities = maps_to_probabilities(masks, np.maximum(maps.foreground, maps.overlap))
    return Predicted(name, truth.image, stack_masks(truth.regions, truth.shape), masks, probabilities, scores)


def examples_of(cell: Predicted) -> list[Example]:
    """Masks that match a true chromosome with IoU of 0.5 at least."""
    counts = cell.masks.sum(axis=0)
    found = []
    for row, column in zip(*match(overlaps(cell.truth, cell.masks).iou, 0.5), strict=True):
        mask = cell.masks[column]
        found.append(make_example(cell.image, cell.probabilities[column], mask, truth=cell.truth[row], others=counts > mask))
    return found


def spread(values: Sequence, count: int) -> list:
    """``count`` of the values at even distances."""
    places = np.unique(np.linspace(0, len(values) - 1, min(count, len(values))).round().astype(int))
    return [values[place] for place in places]


def refined_with(parameters: CrfParameters, options: RefineOptions) -> Way:
    """Refine each mask with the same parameters."""

    def way(cell: Predicted) -> np.ndarray:
        found = refine_instances(cell.image, cell.probabilities, cell.masks, parameters=parameters, options=options)
        return np.stack([one.mask for one in found])

    return way


def decided_by(store: KnowledgeStore) -> Way:
    """Let the store decide for each mask."""
    return lambda cell: np.stack([one.mask for one in refine_with_store(cell.image, cell.probabilities, cell.masks, store=store)])


def mean_matched(truth: np.ndarray, masks: np.ndarray) -> float:
    """Mean IoU of matches at 0.5."""
    iou = overlaps(truth, masks).iou
    return float(iou[match(iou, 0.5)].mean())


def judge(name: str, cells: Sequence[Predicted], way: Way, before: np.ndarray) -> np.ndarray:
    """Print one line; the mean IoU of each cell comes back."""
    start = time.perf_counter()
    found = [way(cell) for cell in cells]
    seconds = (time.perf_counter() - start) / sum(len(cell.masks) for cell in cells)
    truth = [mask_records(cell.truth) for cell in cells]
    precision = average_precision(truth, [mask_records(masks, cell.scores) for masks, cell in zip(found, cells, strict=True)])
    ious = np.array([mean_matched(cell.truth, masks) for masks, cell in zip(found, cells, strict=True)])
    outlines = np.mean([matched_boundaries(cell.truth, masks)[0] for masks, cell in zip(found, cells, strict=True)])
    pairs = zip(found, cells, strict=True)
    changed = np.mean([(new != old).any() for masks, cell in pairs for new, old in zip(masks, cell.masks, strict=True)])
    gain = bootstrap_interval(ious - (before if before.size else ious), rng=np.random.default_rng(0))
    figures = {"mAP": precision.map, "AP50": precision.ap50, "AP75": precision.ap75, "mean IoU": ious.mean(), "boundary F": outlines}
    shown = "  ".join(f"{key} {value:.4f}" for key, value in figures.items())
    difference = f"dIoU {gain.value:+.4f} ({gain.low:+.4f}..{gain.high:+.4f})"
    print(f"{name:26}{shown}  {difference}  changed {changed:.2f}  {1000 * seconds:.0f} ms per mask", flush=True)
    return ious


def main() -> None:
    """Learn on train, judge on val."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--train-cells", type=int, default=20)
    parser.add_argument("--examples", type=int, default=120)
    parser.add_argument("--val-cells", type=int, default=1000)
    chosen = parser.parse_args()
    root = chosen.data / "mfish"
    train = [predict(root, name) for name in spread(mfish.split_names(root, "train"), chosen.train_cells)]
    examples = spread([example for cell in train for example in examples_of(cell)], chosen.examples)
    start = time.perf_counter()
    store = learn(KnowledgeStore(), examples, boundary=boundary_f)
    learned = store.best_network
    print(f"{len(examples)} examples of {len(train)} train cells, learned {learned.parameters}, mean IoU {learned.score:.4f},")
    print(f"unrefined {np.mean([one.iou(one.crop.mask) for one in examples]):.4f}, {time.perf_counter() - start:.0f} s", flush=True)
    cells = [predict(root, name) for name in spread(mfish.split_names(root, "val"), chosen.val_cells)]
    print(f"{len(cells)} val cells, {sum(len(cell.masks) for cell in cells)} masks, {sum(len(cell.truth) for cell in cells)} chromosomes")
    before = judge("as predicted", cells, lambda cell: cell.masks, np.zeros(0))
    judge("start values, no guards", cells, refined_with(CrfParameters(), NO_GUARDS), before)
    judge("start values", cells, refined_with(CrfParameters(), RefineOptions()), before)
    judge("learned", cells, refined_with(learned.parameters, RefineOptions()), before)
    judge("learned, no guards", cells, refined_with(learned.parameters, NO_GUARDS), before)
    judge("learned, overlaps frozen", cells, refined_with(learned.parameters, RefineOptions(freeze_overlap=True)), before)
    judge("learned, band of 3 px", cells, refined_with(learned.parameters, RefineOptions(band=3)), before)
    judge("knowledge store", cells, decided_by(store), before)


if __name__ == "__main__":
    main()
