"""Scores of a network of foreground and crossing maps on clusters, and of the chromosomes that are rebuilt from its maps.

A metric is a key of :func:`karyokit.metrics.clusters.summarise_clusters` (``iou_overlap``, ``iou_foreground``, ``overlap_acc``, ``sp_acc``,
``overall`` ...). Before a colon stands how chromosomes are rebuilt and from what (``READINGS``): none for ChromSeg's crossing-partition
on the network's maps of the test part, ``graph:sp_acc`` for our own reconstruction, ``truth:sp_acc`` for crossing-partition on the
true maps, ``train:iou_overlap`` for the training part. IoU and OverlapAcc look at the network's maps alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from karyokit.chromosomes import stack_masks
from karyokit.data.chromseg import ClusterPicture
from karyokit.data.cluster_sets import cluster_pictures
from karyokit.metrics.bootstrap import mean_present
from karyokit.metrics.clusters import ClusterScores, binary_iou, overlap_detected, score_cluster, summarise_clusters
from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.legacy import PRESETS
from karyokit.reproduction.scoring import Case, FinishedRun, Scored, ranked
from karyokit.training.run import TASKS, best_network
from karyokit.training.tasks.clusters import ClusterSettings, predicted_maps

THRESHOLD = 0.5


@dataclass(frozen=True)
class Reading:
    """How the second stage is done: the part of the set, whether from the true maps, and the mode with its options."""

    mode: str
    options: dict[str, Any]
    part: str = "test"
    true_maps: bool = False


READINGS: dict[str, Reading] = {
    "": Reading("legacy", PRESETS["released"]),
    "paper": Reading("legacy", PRESETS["paper"]),
    "mutual": Reading("legacy", PRESETS["mutual"]),
    "graph": Reading("graph", {}),
    "truth": Reading("legacy", PRESETS["released"], true_maps=True),
    "truth_graph": Reading("graph", {}, true_maps=True),
    "train": Reading("legacy", PRESETS["released"], part="train"),
}
"""Reconstructions by the prefix of a metric: as released, with the paper's ring, with rays that must both hit, ours, and so on."""


def score(run: FinishedRun, metrics: Collection[str]) -> Scored:
    """Figures of the wanted metrics and cases of the test part; see the module's docstring."""
    settings: ClusterSettings = TASKS[run.recipe.task].read_settings(run.recipe.settings)
    network, _ = best_network(run.recipe, run.folder, run.device)
    pictures: dict[str, tuple[ClusterPicture, ...]] = {}
    maps: dict[str, np.ndarray] = {}
    figures: dict[str, float] = {}
    for prefix in sorted({metric.rpartition(":")[0] for metric in metrics if metric.rpartition(":")[0] in READINGS} | {""}):
        reading = READINGS[prefix]
        if reading.part not in maps:
            pictures[reading.part] = cluster_pictures(settings.source, run.data, reading.part)[: settings.limit]
            maps[reading.part] = predicted_maps(network, pictures[reading.part], settings)
        found = maps_figures(pictures[reading.part], maps[reading.part], reading)
        figures |= {f"{prefix}:{name}" if prefix else name: value for name, value in found.items()}
    return Scored(figures, cases_of(pictures["test"], maps["test"]))


def maps_figures(pictures: Sequence[ClusterPicture], maps: np.ndarray, reading: Reading) -> dict[str, float]:
    """Figures of (n, 2, rows, columns) probabilities (foreground, crossing) against the pictures' truth.

    A map of NaN was not put out: what needs it is NaN. Without instances in the truth there is no splicing score.
    """
    masks = true_masks(pictures) if reading.true_maps else maps > THRESHOLD
    if any(not picture.instances for picture in pictures) or (np.isnan(maps).any() and not reading.true_maps):
        return _first_stage(pictures, maps)
    return summarise_clusters([cluster_scores(*pair, reading) for pair in zip(pictures, masks, strict=True)])


def cluster_scores(picture: ClusterPicture, masks: np.ndarray, reading: Reading) -> ClusterScores:
    """Scores of one picture from (2, rows, columns) bool foreground and crossing; IoU of the foreground is that of the mask."""
    shape = picture.foreground.shape
    truth = stack_masks(picture.instances, shape)
    scores = score_cluster(picture.overlap, masks[1], truth=truth, predicted=rebuilt(masks, reading))
    return replace(scores, iou_foreground=binary_iou(picture.foreground, masks[0]))


def rebuilt(masks: np.ndarray, reading: Reading) -> np.ndarray:
    """(n, rows, columns) bool chromosomes from (2, rows, columns) bool foreground and crossing."""
    parts = reconstruct(masks[0] | masks[1], masks[1], mode=reading.mode, options=ReconstructionOptions(**reading.options))
    return stack_masks((part.region for part in parts), masks.shape[1:])


def true_masks(pictures: Sequence[ClusterPicture]) -> np.ndarray:
    """(n, 2, rows, columns) bool: foreground, crossing."""
    return np.stack([np.stack([picture.foreground, picture.overlap]) for picture in pictures])


def cases_of(pictures: Sequence[ClusterPicture], maps: np.ndarray) -> tuple[Case, ...]:
    """Best, median and worst picture by IoU of the crossings, for every number of chromosomes."""
    masks = maps > THRESHOLD
    iou = np.array([_share(picture.overlap, mask[1]) for picture, mask in zip(pictures, masks, strict=True)])
    sizes = np.array([min(len(picture.instances), 5) for picture in pictures])
    cases = []
    for size in np.unique(sizes):
        members = np.flatnonzero(sizes == size)
        name = f"{size} chromosomes" if 0 < size < 5 else ("5 and more chromosomes" if size else "all")
        for rank, place in ranked(iou[members]):
            picture, mask = pictures[members[place]], masks[members[place]]
            panels = (
                ("picture", picture.image),
                ("truth", painted(picture.foreground, picture.overlap)),
                ("network", painted(*mask)),
                ("crossing-partition", coloured(rebuilt(mask, READINGS[""]))),
            )
            cases.append(Case(f"{name} ({members.size} pictures)", rank, f"crossing IoU {100 * iou[members[place]]:.1f} %", panels))
    return tuple(cases)


def painted(foreground: np.ndarray, crossing: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) uint8: foreground blue, crossings yellow."""
    picture = np.zeros((*foreground.shape, 3), np.uint8)
    picture[foreground] = (70, 150, 230)
    picture[crossing] = (250, 220, 60)
    return picture


def coloured(masks: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of (n, rows, columns) bool chromosomes: one hue each, the mean where they overlap."""
    angles = 2 * np.pi * 0.38 * np.arange(len(masks))[:, None] + np.array([0.0, 2.1, 4.2])
    hues = 140 + 100 * np.cos(angles)
    total, cover = np.tensordot(masks.astype(float), hues, axes=(0, 0)), masks.sum(axis=0)
    return (total / np.maximum(cover, 1)[:, :, None]).astype(np.uint8)


def _first_stage(pictures: Sequence[ClusterPicture], maps: np.ndarray) -> dict[str, float]:
    """IoU and OverlapAcc alone, NaN for maps that are not there."""
    pairs = list(zip(pictures, maps, strict=True))
    crossing = [(picture.overlap, plane[1] > THRESHOLD) for picture, plane in pairs if not np.isnan(plane[1]).any()]
    foreground = [(picture.foreground, plane[0] > THRESHOLD) for picture, plane in pairs if not np.isnan(plane[0]).any()]
    return {
        "iou_overlap": mean_present([_share(*pair) for pair in crossing]),
        "iou_foreground": mean_present([_share(*pair) for pair in foreground]),
        "overlap_acc": mean_present([float(overlap_detected(*pair)) for pair in crossing]),
        **dict.fromkeys(("aji", "pq", "sp_acc", "overall", "sp_acc_of_detected", "overall_joint"), float("nan")),
    }


def _share(truth: np.ndarray, predicted: np.ndarray) -> float:
    """IoU, one for two empty masks (spec 4.3)."""
    return 1.0 if not (truth.any() or predicted.any()) else binary_iou(truth, predicted)
