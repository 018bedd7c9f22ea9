"""Losses of ARMS Net: binary cross-entropy of the four maps, its positives weighted by one number or by how rare a class is.

Source: Wang et al. 2021, 3.4, Eq. 1 and 2; systems specification 2.6. All are means over maps and pixels and take logits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from karyokit.checks import lookup, problem

Factors = tuple[Tensor, Tensor]
"""What the positive and the negative term of each class are multiplied by, (classes,) each."""


def bce(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean binary cross-entropy of every class against the rest.

    ``logits`` (n, classes, rows, columns), ``labels`` (n, rows, columns) int64 of 0..classes-1. Half precision is raised to float32.
    No pixel gives NaN. Raises ``ValueError`` for shapes that do not belong together; the same holds for the other losses here.
    """
    return wbce(logits, labels, weight=1.0)


def wbce(logits: Tensor, labels: Tensor, *, weight: float) -> Tensor:
    """Eq. 1: :func:`bce` whose positive terms count ``weight`` times; 1.1 to 3.0 in Table 4, and 1 is :func:`bce` itself.

    Raises ``ValueError`` for a weight that is not positive.
    """
    if not weight > 0:
        raise ValueError(problem("weight", "be positive", weight, "Pass 1 for plain cross-entropy."))
    target = _targets(logits, labels)
    ones = torch.ones(target.shape[1], dtype=target.dtype, device=target.device)
    return _weighted(logits, target, (weight * ones, ones))


def as_wbce(
    logits: Tensor,
    labels: Tensor,
    *,
    class_counts: Sequence[float] = (),
    mode: str = "author",
    scope: str = "dataset",
    decimals: int | None = None,
) -> Tensor:
    """Adaptive smooth weighted cross-entropy: :func:`bce` with factors from l_t = log_1000(Neg_t / Pos_t) of each class t.

    Eq. 2 is printed with an exponent that cannot be read; ``mode``, a name of :data:`MODES`, is the reading. ``scope`` = ``dataset``
    takes the pixels per class of the training part, ``class_counts``; ``batch`` counts anew in every batch. Counts below 1 pixel are
    taken as 1. ``decimals`` rounds Neg / Pos beforehand; the authors' script rounds to 2, the paper does not say so. Raises
    ``ValueError`` for unknown names and where ``dataset`` has no count for every class.
    """
    target = _targets(logits, labels)
    if lookup({"dataset": True, "batch": False}, scope, "scope"):
        counts = torch.as_tensor(_counts_of(class_counts, target.shape[1]), dtype=target.dtype, device=target.device)
    else:
        counts = target.sum(dim=(0, 2, 3))
    return _weighted(logits, target, lookup(MODES, mode, "mode")(log_ratios(counts, decimals)))


def log_ratios(counts: Tensor, decimals: int | None = None) -> Tensor:
    """l_t = log_1000(Neg_t / Pos_t) of (classes,) pixel counts, both parts at least 1 pixel; above 0 where the class is the rarer side."""
    ratio = (counts.sum() - counts).clamp(min=1) / counts.clamp(min=1)
    return (ratio if decimals is None else ratio.round(decimals=decimals)).log() / math.log(1000)


def author_factors(ratios: Tensor) -> Factors:
    """1 + |l| on the positives of a rare class, 1 / (1 + |l|) on those of a common one, the background; negatives count once.

    What the authors' script computes; the exponent is +1 or -1 by which side is rarer. Eq. 1 multiplies positives only.
    """
    smooth = 1 + ratios.abs()
    return torch.where(ratios >= 0, smooth, 1 / smooth), torch.ones_like(ratios)


def printed_factors(ratios: Tensor) -> Factors:
    """The exponent as a function of the pixel's own label: 1 + |l| on positives, 1 / (1 + |l|) on negatives, of all classes."""
    smooth = 1 + ratios.abs()
    return smooth, 1 / smooth


def symmetric_factors(ratios: Tensor) -> Factors:
    """The authors' factor on positives and its inverse on negatives."""
    positives, _ = author_factors(ratios)
    return positives, 1 / positives


MODES: dict[str, Callable[[Tensor], Factors]] = {"author": author_factors, "printed_y": printed_factors, "symmetric": symmetric_factors}
"""Readings of Eq. 2."""


def adaptive_weights(class_counts: Sequence[float], *, decimals: int | None = None) -> tuple[float, ...]:
    """The weight of each class's positives in mode ``author``, from pixels per class.

    >>> [round(weight, 3) for weight in adaptive_weights([950, 10, 30, 10])]
    [0.701, 1.665, 1.503, 1.665]
    """
    counts = torch.tensor(_counts_of(class_counts, len(class_counts)), dtype=torch.float64)
    return tuple(author_factors(log_ratios(counts, decimals))[0].tolist())


def _weighted(logits: Tensor, target: Tensor, factors: Factors) -> Tensor:
    """Mean of factor * y * -log p + factor * (1 - y) * -log(1 - p), with -log p = softplus(-logit)."""
    positive, negative = (factor.view(1, -1, 1, 1) for factor in factors)
    z = logits.to(target.dtype)
    return (positive * target * functional.softplus(-z) + negative * (1 - target) * functional.softplus(z)).mean()


def _targets(logits: Tensor, labels: Tensor) -> Tensor:
    """(n, classes, rows, columns) of 0 and 1, float32 or float64."""
    if logits.ndim != 4 or labels.shape != logits[:, 0].shape:
        got = f"{tuple(labels.shape)} for logits {tuple(logits.shape)}"
        raise ValueError(problem("labels", "be (n, rows, columns) of the logits", got, "Pass class numbers, not one map per class."))
    dtype = torch.float64 if logits.dtype == torch.float64 else torch.float32
    return functional.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(dtype)


def _counts_of(class_counts: Sequence[float], classes: int) -> list[float]:
    counts = [float(count) for count in class_counts]
    if len(counts) != classes or not counts or min(counts) < 0 or not any(counts):
        do = "Count the labels of the training part, or use scope='batch'."
        raise ValueError(problem("class_counts", f"hold the pixels of each of {classes} classes, not all 0", counts, do))
    return counts
