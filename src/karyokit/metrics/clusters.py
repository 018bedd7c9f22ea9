"""ChromSeg's scores of overlap clusters. Source: systems specification 8.5.

Masks are (rows, columns) bool, instances (objects, rows, columns) bool over whole chromosomes, overlap included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from karyokit.checks import require_nonempty, require_same_shape
from karyokit.metrics.bootstrap import mean_present
from karyokit.metrics.instances import aggregated_jaccard, match, overlaps, panoptic_quality

EIGHT = np.ones((3, 3), bool)
SMALLEST_ZONE = 10
"""Overlap components below this many px need not be found and do no harm when found."""
SMALL_ZONE = 60
"""True overlap components below this many px are found at IoU 0.3 instead of 0.5."""


def binary_iou(truth: np.ndarray, predicted: np.ndarray) -> float:
    """IoU in 0..1 of two (rows, columns) bool masks; NaN where both are empty.

    >>> binary_iou(np.array([[1, 1, 0]], bool), np.array([[0, 1, 1]], bool)) == 1 / 3
    True
    """
    require_same_shape({"truth": truth, "predicted": predicted})
    union = np.count_nonzero(truth | predicted)
    return float(np.count_nonzero(truth & predicted) / union) if union else float("nan")


def overlap_detected(truth: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether every true overlap zone is found and none is invented, from (rows, columns) bool overlap masks.

    Zones are 8-connected components. Each true one of at least 10 px must match a predicted one, one to one, at IoU >= 0.5 (0.3 below
    60 px); no predicted one of at least 10 px may stay unmatched. Two empty masks are detected well.
    """
    require_same_shape({"truth": truth, "predicted": predicted})
    counts = overlaps(_components(truth), _components(predicted))
    needed = np.where(counts.truth_areas < SMALL_ZONE, 0.3, 0.5)
    allowed = counts.iou >= needed[:, None]
    large_truth, large_predicted = counts.truth_areas >= SMALLEST_ZONE, counts.predicted_areas >= SMALLEST_ZONE
    weights = np.where(allowed, large_truth[:, None] + large_predicted[None, :] + 1e-3 * counts.iou, 0.0)
    rows, columns = linear_sum_assignment(weights, maximize=True)
    kept = allowed[rows, columns]
    return not (np.delete(large_truth, rows[kept]).any() or np.delete(large_predicted, columns[kept]).any())


def well_spliced(truth: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether the stacks hold equally many instances, all matched one to one at mask IoU >= 0.75; true for two empty stacks."""
    rows, _ = match(overlaps(truth, predicted).iou, 0.75)
    return len(truth) == len(predicted) == rows.size


@dataclass(frozen=True)
class ClusterScores:
    """Scores of one cluster picture; IoU, AJI and PQ in 0..1 or NaN where there is nothing to measure."""

    iou_overlap: float
    iou_foreground: float
    overlap_detected: bool
    well_spliced: bool
    aji: float
    pq: float


def score_cluster(truth_overlap: np.ndarray, predicted_overlap: np.ndarray, *, truth: np.ndarray, predicted: np.ndarray) -> ClusterScores:
    """Score one picture: overlap masks (rows, columns) and instance stacks (objects, rows, columns), all bool.

    The foreground is the union of the instances.
    """
    counts = overlaps(truth, predicted)
    return ClusterScores(
        iou_overlap=binary_iou(truth_overlap, predicted_overlap),
        iou_foreground=binary_iou(np.any(truth, axis=0), np.any(predicted, axis=0)),
        overlap_detected=overlap_detected(truth_overlap, predicted_overlap),
        well_spliced=well_spliced(truth, predicted),
        aji=aggregated_jaccard(counts),
        pq=panoptic_quality(counts).pq,
    )


def summarise_clusters(clusters: Sequence[ClusterScores]) -> dict[str, float]:
    """Means over pictures, in 0..1.

    ``overlap_acc`` and ``sp_acc`` are shares of all pictures and ``overall`` is their product, as ChromSeg's Table 2 multiplies them.
    Its successor counts spliced among detected pictures (``sp_acc_of_detected``) and both together (``overall_joint``). Raises
    ``ValueError`` for no picture; ``sp_acc_of_detected`` is NaN where none is detected.
    """
    require_nonempty("clusters", clusters)
    detected = np.array([cluster.overlap_detected for cluster in clusters])
    spliced = np.array([cluster.well_spliced for cluster in clusters])
    means = {
        name: mean_present([getattr(cluster, name) for cluster in clusters]) for name in ("iou_overlap", "iou_foreground", "aji", "pq")
    }
    return means | {
        "overlap_acc": float(detected.mean()),
        "sp_acc": float(spliced.mean()),
        "overall": float(detected.mean() * spliced.mean()),
        "sp_acc_of_detected": mean_present(spliced[detected]),
        "overall_joint": float((detected & spliced).mean()),
    }


def _components(mask: np.ndarray) -> np.ndarray:
    labels, count = ndimage.label(mask, structure=EIGHT)
    return np.arange(1, count + 1)[:, None, None] == labels
