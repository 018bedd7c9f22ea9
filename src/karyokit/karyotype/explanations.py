"""What each object of a cell may be, from its class probabilities, its size in the cell and how well it was separated.

The constants were fitted to objects that the shipped separation finds in G-banded training cells, held against the
annotated boxes (``benchmarks/fit_explanations.py`` makes them again).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

from karyokit.chromosomes import CLASS_NAMES
from karyokit.human import RELATIVE_LENGTHS
from karyokit.karyotype.belief import Explanations

LOG_LENGTHS = np.log(np.array(RELATIVE_LENGTHS) / 100)
"""(24,) logarithm of each class's length; areas follow them, since chromosomes of a cell are equally wide."""

SPREAD = 0.13
"""Standard deviation of the logarithm of a chromosome's area around that of its class."""
SIZE_WEIGHT, PROBABILITY_POWER, FLOOR = 0.37, 0.98, 1e-3
"""What size adds to a classifier that sees shape; how far its probabilities count; the share of even odds mixed in."""
OFF_SIZE = 16.0
"""Squared deviation in units of ``SPREAD`` beyond which a size counts no further against a class."""

KIND_WEIGHTS = np.array([[-2.52, -0.12], [-0.31, -0.49], [0.29, -0.55], [0.63, 1.36], [2.8, -1.07], [0.99, -0.01]])
"""(6, 2) weights of joined and of other over single, for the columns of ``kind_features``."""
USUAL_LOG_AREA = -3.1
USUAL_COPIES = np.array([2.0] * 22 + [1.4, 0.6])
"""(24,) copies of the classes in the cells a classifier was trained on, which its probabilities take for granted."""
CERTAIN = 1e-9


@dataclass(frozen=True, eq=False)
class CellObjects:
    """What is known of the n objects of a cell.

    ``probabilities`` (n, 24) of the classifier, rows summing to 1; ``areas`` (n,) in pixels, or None where sizes are not
    known; ``scores`` (n,) in 0..1, the confidence that the object is one whole chromosome; ``certain`` (n,) bool: a human
    has said so, the row of ``probabilities`` is final.
    """

    probabilities: np.ndarray
    areas: np.ndarray | None
    scores: np.ndarray
    certain: np.ndarray


def explain_objects(objects: CellObjects) -> Explanations:
    """Weights of each object being one chromosome of a class, two joined ones, or no whole chromosome."""
    sizes = log_sizes(objects)
    classes = class_probabilities(objects.probabilities, sizes)
    kinds = kind_probabilities(classes, sizes, objects.scores)
    kinds[objects.certain] = 1 - CERTAIN, CERTAIN / 2, CERTAIN / 2
    classes[objects.certain] = np.maximum(objects.probabilities[objects.certain], CERTAIN)
    return Explanations(kinds[:, :1] * classes / USUAL_COPIES, kinds[:, 1, None, None] * _pair_weights(sizes, len(classes)), kinds[:, 2])


def log_sizes(objects: CellObjects) -> np.ndarray | None:
    """(n,) logarithm of each object's area in units of the haploid autosomes of its cell; None without areas.

    The unit is the one in which the median object has the area that its probable classes would have.
    """
    if objects.areas is None or not len(objects.areas):
        return None
    sizes = np.log(np.maximum(objects.areas, 1.0))
    return sizes - np.median(sizes - objects.probabilities @ LOG_LENGTHS)


def class_probabilities(probabilities: np.ndarray, sizes: np.ndarray | None) -> np.ndarray:
    """(n, 24) probabilities of the classes of an object that is one chromosome, its size taken into account."""
    return softmax(class_evidence(probabilities, sizes), axis=1)


def class_evidence(probabilities: np.ndarray, sizes: np.ndarray | None) -> np.ndarray:
    """(n, 24) logarithms of what speaks for each class: its probability by the classifier, less for a size that does not fit it."""
    logs = log_softmax(PROBABILITY_POWER * np.log(probabilities + CERTAIN), axis=1)
    logs = np.log((1 - FLOOR) * np.exp(logs) + FLOOR / len(CLASS_NAMES))
    if sizes is not None:
        logs = logs - SIZE_WEIGHT / 2 * np.minimum(((sizes[:, None] - LOG_LENGTHS) / SPREAD) ** 2, OFF_SIZE)
    return np.asarray(logs)


def kind_probabilities(classes: np.ndarray, sizes: np.ndarray | None, scores: np.ndarray) -> np.ndarray:
    """(n, 3) probabilities that an object is one chromosome, two joined ones, or no whole chromosome."""
    logits = kind_features(classes, sizes, scores) @ KIND_WEIGHTS
    return softmax(np.column_stack([np.zeros(len(logits)), logits]), axis=1)


def kind_features(classes: np.ndarray, sizes: np.ndarray | None, scores: np.ndarray) -> np.ndarray:
    """(n, 6) what tells kinds apart: a constant, separation, entropy of the classes in nats and its logarithm, size and its square."""
    entropy = -(classes * np.log(classes)).sum(axis=1)
    offset = np.zeros(len(classes)) if sizes is None else sizes - USUAL_LOG_AREA
    return np.column_stack([np.ones(len(classes)), separation_evidence(scores), entropy, np.log(entropy), offset, offset**2])


def separation_evidence(scores: np.ndarray) -> np.ndarray:
    """(n,) log odds of ``Chromosome.score``, the one place where the score enters; kept within what a score can tell."""
    bounded = np.clip(scores, 0.02, 0.995)
    return np.log(bounded / (1 - bounded))


def _pair_weights(sizes: np.ndarray | None, count: int) -> np.ndarray:
    """(n, 24, 24) share of each pair of copies in what two joined chromosomes of this size may be.

    Classes have two copies, so that four pairs of copies go with two classes and one with a class alone, which the count
    of copies counts twice.
    """
    total = np.logaddexp(LOG_LENGTHS[:, None], LOG_LENGTHS[None])
    deviation = np.zeros((count, 1, 1)) if sizes is None else (sizes[:, None, None] - total) / SPREAD
    fits = np.exp(-np.minimum(deviation**2, OFF_SIZE) / 2) * (1 - 0.5 * np.eye(len(total)))
    return fits / (2 * fits.sum(axis=(1, 2)))[:, None, None]
