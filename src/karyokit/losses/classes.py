"""Losses of one class per pixel that AMFL compares: cross-entropy and Dice, each plain and weighted by class.

Mei et al. 2021/22, figure 3 and Table V. The paper gives neither formulas nor weights: weights are inverse class frequencies here, with
mean 1 (systems specification 3.3), and Dice is the soft Dice of the softmax.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from karyokit.checks import problem


def inverse_frequency_weights(class_counts: Sequence[float]) -> tuple[float, ...]:
    """Weights in proportion to 1 / pixels of the class, with mean 1 over the classes that occur; a class without pixels gets 0.

    Raises ``ValueError`` where a count is negative or no class occurs.

    >>> inverse_frequency_weights([3, 1, 0])
    (0.5, 1.5, 0.0)
    """
    counts = [float(count) for count in class_counts]
    if min(counts, default=0) < 0 or not any(counts):
        raise ValueError(problem("class_counts", "be pixel counts, not all 0", counts, "Count the labels of the training part."))
    inverse = [1 / count if count else 0.0 for count in counts]
    scale = sum(count > 0 for count in counts) / sum(inverse)
    return tuple(value * scale for value in inverse)


def weighted_cross_entropy(logits: Tensor, labels: Tensor, *, class_counts: Sequence[float] = (), weights: Sequence[float] = ()) -> Tensor:
    """Cross-entropy in which a pixel counts by the weight of its true class; the sum is divided by the sum of these weights.

    ``logits`` (n, classes, rows, columns), ``labels`` (n, rows, columns) int64. ``weights`` gives one per class; without it they are
    :func:`inverse_frequency_weights` of ``class_counts``. Raises ``ValueError`` when neither is given, or of another length.
    """
    weight = _class_weights(logits, class_counts, weights)
    return functional.cross_entropy(logits.to(weight.dtype), labels, weight=weight)


def dice(logits: Tensor, labels: Tensor, *, smooth: float = 1.0) -> Tensor:
    """1 - mean soft Dice over all classes, background included; 0 for a perfect and sure answer, at most 1.

    Shapes as in :func:`weighted_cross_entropy`; overlap and sizes are summed over the batch, so that a class that is absent from one
    picture does no harm. ``smooth`` is added above and below the line: a class absent from truth and answer gives Dice 1.
    """
    return 1 - _dice_of_classes(logits, labels, smooth).mean()


def weighted_dice(
    logits: Tensor, labels: Tensor, *, class_counts: Sequence[float] = (), weights: Sequence[float] = (), smooth: float = 1.0
) -> Tensor:
    """1 - weighted mean of :func:`dice` per class; weights as in :func:`weighted_cross_entropy`. Equal weights give :func:`dice`."""
    weight = _class_weights(logits, class_counts, weights)
    return 1 - (weight * _dice_of_classes(logits, labels, smooth)).sum() / weight.sum()


def _dice_of_classes(logits: Tensor, labels: Tensor, smooth: float) -> Tensor:
    probabilities = torch.softmax(logits if logits.dtype == torch.float64 else logits.float(), dim=1)
    truth = functional.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(probabilities.dtype)
    together, total = (probabilities * truth).sum(dim=(0, 2, 3)), (probabilities + truth).sum(dim=(0, 2, 3))
    return (2 * together + smooth) / (total + smooth)


def _class_weights(logits: Tensor, class_counts: Sequence[float], weights: Sequence[float]) -> Tensor:
    if not len(weights) and not len(class_counts):
        raise ValueError(problem("weights", "be given where `class_counts` is not", "neither", "Pass one weight or count per class."))
    values = list(weights) if len(weights) else list(inverse_frequency_weights(class_counts))
    if len(values) != logits.shape[1]:
        raise ValueError(problem("weights", f"have one value for each of {logits.shape[1]} classes", values, "Pass one per class."))
    return torch.tensor(values, dtype=logits.dtype if logits.dtype == torch.float64 else torch.float32, device=logits.device)
