"""Pixel scores of the four-class pair problem: background, alpha (smaller), beta (larger), overlap.

Three protocols that must never share a table: counts *pooled* over the test set (ARMS, RSE, Hu), AMFL's eight *per image*, and
either of them after the better of the two labellings 1 <-> 2 of each image (``_pi``). Source: systems specification 8.1 to 8.4.

A prediction is a label map (rows, columns) of 0..3, or class probabilities (4, rows, columns) in 0..1 with a decision rule; batches
add a leading axis. Inside, both become *channels*: (4, rows, columns) bool, which may overlap or all be off under ``sigmoid_round``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from karyokit.checks import lookup, problem, require_nonempty
from karyokit.metrics.bootstrap import mean_present
from karyokit.metrics.boundaries import hausdorff, hausdorff95

CLASSES = 4


def sigmoid_round(probabilities: np.ndarray) -> np.ndarray:
    """Each channel on its own where its probability is above 0.5 (ARMS and Hu round sigmoid outputs)."""
    return probabilities > 0.5


def argmax(probabilities: np.ndarray) -> np.ndarray:
    """Exactly one channel per pixel: the most probable class, the lower one in a tie."""
    return np.arange(CLASSES)[:, None, None] == probabilities.argmax(axis=0)


DECISIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"sigmoid_round": sigmoid_round, "argmax": argmax}
"""Rules from (4, rows, columns) probabilities to channels."""


def channels_of(picture: np.ndarray, *, decision: str = "argmax") -> np.ndarray:
    """(4, rows, columns) bool channels of one label map (rows, columns) or of (4, rows, columns) probabilities.

    ``decision`` is a name of :data:`DECISIONS` and plays no part for a label map. Raises ``ValueError`` for labels outside 0..3 or
    another shape.
    """
    rule = lookup(DECISIONS, decision, "decision")
    if picture.ndim == 2 and picture.dtype.kind in "ui":
        if picture.size and not 0 <= int(picture.min()) <= int(picture.max()) < CLASSES:
            got = f"{picture.min()}..{picture.max()}"
            raise ValueError(problem("labels", "lie in 0..3", got, "Clean stray labels of the pair set first."))
        return np.arange(CLASSES)[:, None, None] == picture
    if picture.ndim == 3 and picture.shape[0] == CLASSES and picture.dtype.kind == "f":
        return rule(picture)
    must = "be integer labels (rows, columns) or float probabilities (4, rows, columns)"
    raise ValueError(problem("picture", must, f"{picture.dtype} of shape {picture.shape}", "Put the class axis first."))


@dataclass(frozen=True, eq=False)
class Counts:
    """One-against-rest pixel counts, int arrays of one shape (..., channels)."""

    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray

    def pooled(self) -> Counts:
        """Counts summed over the first axis, the images."""
        return Counts(self.tp.sum(axis=0), self.fp.sum(axis=0), self.fn.sum(axis=0), self.tn.sum(axis=0))


def confusion_counts(truth: np.ndarray, predicted: np.ndarray) -> Counts:
    """Counts of (..., channels, rows, columns) bool arrays, shape (..., channels); raises ``ValueError`` for different shapes."""
    if truth.shape != predicted.shape:
        shapes = f"{truth.shape} and {predicted.shape}"
        raise ValueError(problem("predicted", "have the shape of `truth`", shapes, "Undo the padding of one of them."))
    tp = np.count_nonzero(truth & predicted, axis=(-2, -1))
    fp = np.count_nonzero(predicted, axis=(-2, -1)) - tp
    fn = np.count_nonzero(truth, axis=(-2, -1)) - tp
    return Counts(tp, fp, fn, truth.shape[-2] * truth.shape[-1] - tp - fp - fn)


def iou_of(counts: Counts) -> np.ndarray:
    """TP / (TP + FP + FN) in 0..1; an empty union gives 1 (the pooled convention).

    >>> one, none = np.array([1, 0]), np.array([1, 0])
    >>> iou_of(Counts(one, none, none, none)).round(3).tolist()
    [0.333, 1.0]
    """
    union = counts.tp + counts.fp + counts.fn
    return np.divide(counts.tp, union, out=np.ones(union.shape), where=union > 0)


def binary_accuracy_of(counts: Counts) -> np.ndarray:
    """(TP + TN) / all pixels in 0..1; NaN for pictures without pixels."""
    return _ratio(counts.tp + counts.tn, counts.tp + counts.fp + counts.fn + counts.tn)


def whole_channels(channels: np.ndarray) -> np.ndarray:
    """(2, rows, columns) bool: the whole alpha (1 or 3) and the whole beta chromosome (2 or 3) of (4, rows, columns) channels."""
    return channels[1:3] | channels[3]


def best_labelling(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The predicted (4, rows, columns) channels, 1 and 2 swapped where that gives the larger sum of whole-chromosome IoUs."""
    swapped = predicted[[0, 2, 1, 3]]
    gains = [iou_of(confusion_counts(whole_channels(truth), whole_channels(option))).sum() for option in (predicted, swapped)]
    return swapped if gains[1] > gains[0] else predicted


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Per-image counts: ``classes`` (images, 4), ``wholes`` (images, 2: alpha, beta), ``hits`` and ``pixels`` (images,).

    ``hits`` are pixels whose true class is among the predicted channels (Hu's pixel accuracy; the usual one under ``argmax``).
    """

    classes: Counts
    wholes: Counts
    hits: np.ndarray
    pixels: np.ndarray


def pair_counts(
    truth: Iterable[np.ndarray], predicted: Iterable[np.ndarray], *, decision: str = "argmax", permutation_invariant: bool = False
) -> PairCounts:
    """Counts of matching sequences of label maps (truth) and label maps or probabilities (predicted), one image after the other.

    ``permutation_invariant`` first applies :func:`best_labelling` to every image. Raises ``ValueError`` for no image or unequal numbers.
    """
    pairs = list(_channel_pairs(truth, predicted, decision, permutation_invariant))
    require_nonempty("truth", pairs)
    classes = [confusion_counts(true, found) for true, found in pairs]
    wholes = [confusion_counts(whole_channels(true), whole_channels(found)) for true, found in pairs]
    hits = np.array([np.count_nonzero(true & found) for true, found in pairs])
    return PairCounts(_stacked(classes), _stacked(wholes), hits, np.array([true[0].size for true, _ in pairs]))


def pooled_scores(counts: PairCounts) -> dict[str, float]:
    """ARMS, RSE and Hu: scores of counts summed over the test set, in 0..1.

    ``iou`` is the overlap's (class 3), ``iou_alpha`` and ``iou_beta`` are of whole chromosomes (ARMS), ``iou_0`` to ``iou_2`` of the
    classes without overlap (RSE's IoU1 and IoU2); ``accuracy`` is ARMS' mean binary accuracy of the two whole chromosomes,
    ``pixel_accuracy`` the multi-class one, ``class_accuracy`` the mean recall of the four classes (those in the truth): RSE's
    printed accuracies are too low to be shares of right pixels beside their IoUs, but not to be such a mean.
    """
    classes, wholes = counts.classes.pooled(), counts.wholes.pooled()
    iou, (alpha, beta) = iou_of(classes), iou_of(wholes)
    return {
        "iou": float(iou[3]),
        "iou_alpha": float(alpha),
        "iou_beta": float(beta),
        "iou_0": float(iou[0]),
        "iou_1": float(iou[1]),
        "iou_2": float(iou[2]),
        "accuracy": float(binary_accuracy_of(wholes).mean()),
        "pixel_accuracy": float(_ratio(counts.hits.sum(), counts.pixels.sum())),
        "class_accuracy": mean_present(_ratio(classes.tp, classes.tp + classes.fn)),
    }


def amfl_tables(
    truth: Iterable[np.ndarray],
    predicted: Iterable[np.ndarray],
    *,
    decision: str = "argmax",
    permutation_invariant: bool = False,
    only_complete: bool = True,
) -> dict[str, np.ndarray]:
    """AMFL's scores per image and class: name -> (images, 4) float, in 0..1, distances in pixels.

    With ``only_complete`` (the paper's protocol) images whose truth lacks one of the four classes are left out; the tables then have
    fewer rows, none when no image is complete. Dice, IoU, precision and recall are NaN for a class absent from truth and prediction;
    recall and FNR are NaN for a class absent from truth, precision is 0 for a class that is missed altogether. Accuracy is one class
    against the rest, which is what Table I prints: its FNR and IoU do not fit multi-class accuracy. HD95 is added.
    """
    pairs = _channel_pairs(truth, predicted, decision, permutation_invariant)
    scored = [pair for pair in pairs if not only_complete or pair[0].any(axis=(1, 2)).all()]
    distances = {
        name: np.array([[distance(*planes) for planes in zip(*pair, strict=True)] for pair in scored]).reshape(-1, CLASSES)
        for name, distance in (("hausdorff", hausdorff), ("hausdorff95", hausdorff95))
    }
    return _count_tables(_stacked([confusion_counts(*pair) for pair in scored])) | distances


def amfl_scores(tables: dict[str, np.ndarray], *, include_background: bool = True) -> dict[str, float]:
    """AMFL's eight and HD95: mean over classes of each image, then over images; ``images`` counts the images that contributed.

    The published averages include the background. No image gives NaN and 0 images.
    """
    first = 0 if include_background else 1
    scores = {name: mean_present([mean_present(row[first:]) for row in table]) for name, table in tables.items()}
    return scores | {"images": float(len(tables["iou"]))}


def pair_report(truth: np.ndarray, predicted: np.ndarray, *, decision: str = "argmax", only_complete: bool = True) -> dict[str, float]:
    """All scores of a test set, plain and permutation-invariant.

    ``truth`` is (images, rows, columns) labels, ``predicted`` the same or (images, 4, rows, columns) probabilities. Keys are
    ``pooled/NAME`` and ``per_image/NAME`` (background included), ``per_image_foreground/NAME`` (without), each again with ``_pi``.
    """
    report: dict[str, float] = {}
    for suffix, invariant in (("", False), ("_pi", True)):
        counts = pair_counts(truth, predicted, decision=decision, permutation_invariant=invariant)
        tables = amfl_tables(truth, predicted, decision=decision, permutation_invariant=invariant, only_complete=only_complete)
        groups = {
            "pooled": pooled_scores(counts),
            "per_image": amfl_scores(tables),
            "per_image_foreground": amfl_scores(tables, include_background=False),
        }
        report |= {f"{group}/{name}{suffix}": value for group, scores in groups.items() for name, value in scores.items()}
    return report


def _channel_pairs(
    truth: Iterable[np.ndarray], predicted: Iterable[np.ndarray], decision: str, permutation_invariant: bool
) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    for labels, picture in zip(truth, predicted, strict=True):
        true, found = channels_of(labels), channels_of(picture, decision=decision)
        yield true, best_labelling(true, found) if permutation_invariant else found


def _count_tables(counts: Counts) -> dict[str, np.ndarray]:
    present, found = counts.tp + counts.fn, counts.tp + counts.fp
    recall = _ratio(counts.tp, present)
    return {
        "accuracy": binary_accuracy_of(counts),
        "dice": _ratio(2 * counts.tp, present + found),
        "iou": _ratio(counts.tp, present + counts.fp),
        "precision": np.where((found == 0) & (present > 0), 0.0, _ratio(counts.tp, found)),
        "recall": recall,
        "fnr": 1 - recall,
        "fpr": _ratio(counts.fp, counts.fp + counts.tn),
    }


def _stacked(counts: list[Counts]) -> Counts:
    planes = (np.array([getattr(one, name) for one in counts], np.int64) for name in ("tp", "fp", "fn", "tn"))
    tp, fp, fn, tn = (plane.reshape(len(counts), -1) if counts else plane.reshape(0, CLASSES) for plane in planes)
    return Counts(tp, fp, fn, tn)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
