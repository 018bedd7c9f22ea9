"""Distances and agreement of outlines. Source: systems specification 8.4 (Hausdorff) and 8.6 (boundary F and boundary IoU).

Masks are (rows, columns) bool; distances are Euclidean between pixel centres, in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from karyokit.checks import require_plane, require_same_shape
from karyokit.metrics.bootstrap import mean_present
from karyokit.metrics.instances import match, overlaps


def hausdorff(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Larger of the two directed distances between the pixel sets; both empty 0, one empty the picture's diagonal (AMFL).

    >>> hausdorff(np.array([[1, 0, 0, 0]], bool), np.array([[1, 0, 0, 1]], bool))
    3.0
    """
    _require_pair(truth, predicted)
    if not truth.any() or not predicted.any():
        return _distance_without_both(truth, predicted)
    there = ndimage.distance_transform_edt(~predicted)[truth].max()
    back = ndimage.distance_transform_edt(~truth)[predicted].max()
    return float(max(there, back))


def hausdorff95(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Larger of the 95th percentiles of the two directed distances between the outlines; empty masks as in :func:`hausdorff`.

    Outlines, not pixel sets: inside a common area every distance is 0 and would hide the outline from a percentile.
    """
    _require_pair(truth, predicted)
    if not truth.any() or not predicted.any():
        return _distance_without_both(truth, predicted)
    there, back = _outline_distances(truth, predicted)
    return float(max(np.percentile(there, 95), np.percentile(back, 95)))


def outline(mask: np.ndarray) -> np.ndarray:
    """Pixels of the mask with one of their four neighbours outside it; beyond the picture's edge counts as outside."""
    return mask & ~ndimage.binary_erosion(mask)


def boundary_f(truth: np.ndarray, predicted: np.ndarray, *, tolerance: float = 2.0) -> float:
    """F score in 0..1 of outline pixels with an outline pixel of the other mask within ``tolerance`` px.

    Both masks empty: NaN; one empty: 0.
    """
    _require_pair(truth, predicted)
    if not truth.any() and not predicted.any():
        return float("nan")
    if not truth.any() or not predicted.any():
        return 0.0
    there, back = _outline_distances(truth, predicted)
    recall, precision = float((there <= tolerance).mean()), float((back <= tolerance).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def boundary_iou(truth: np.ndarray, predicted: np.ndarray, *, width: float = 2.0) -> float:
    """IoU in 0..1 of the inner bands up to ``width`` px from outside (Cheng et al. 2021); both empty NaN, one empty 0."""
    _require_pair(truth, predicted)
    bands = _inner_band(truth, width), _inner_band(predicted, width)
    union = np.count_nonzero(bands[0] | bands[1])
    return float(np.count_nonzero(bands[0] & bands[1]) / union) if union else float("nan")


def matched_boundaries(truth: np.ndarray, predicted: np.ndarray, *, threshold: float = 0.5, width: float = 2.0) -> tuple[float, float]:
    """Mean boundary F and mean boundary IoU of the one-to-one matches of two (objects, rows, columns) bool stacks.

    Matches have mask IoU of at least ``threshold``; (NaN, NaN) without a match.
    """
    pairs = zip(*match(overlaps(truth, predicted).iou, threshold), strict=True)
    crops = [_crop_pair(truth[row], predicted[column]) for row, column in pairs]
    return (
        mean_present([boundary_f(*crop, tolerance=width) for crop in crops]),
        mean_present([boundary_iou(*crop, width=width) for crop in crops]),
    )


def _require_pair(truth: np.ndarray, predicted: np.ndarray) -> None:
    require_plane("truth", truth)
    require_plane("predicted", predicted)
    require_same_shape({"truth": truth, "predicted": predicted})


def _distance_without_both(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.hypot(*truth.shape)) if truth.any() != predicted.any() else 0.0


def _outline_distances(truth: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    true_outline, predicted_outline = outline(truth), outline(predicted)
    there = ndimage.distance_transform_edt(~predicted_outline)[true_outline]
    return there, ndimage.distance_transform_edt(~true_outline)[predicted_outline]


def _inner_band(mask: np.ndarray, width: float) -> np.ndarray:
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return mask & (depth <= width)


def _crop_pair(truth: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both masks in the box of their union; outside the box neither has a pixel, so outlines stay the same."""
    window = ndimage.find_objects((truth | predicted).astype(np.uint8))[0]
    return truth[window], predicted[window]
