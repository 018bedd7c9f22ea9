"""Lovasz-Softmax: a smooth stand-in for 1 - IoU of every class. Source: Berman et al. 2018; AMFL (Mei et al. 2021/22), Eq. 3 and 4."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from karyokit.checks import lookup, problem


def all_classes(present: Tensor) -> Tensor:
    """Every class counts, also one without a true pixel: its loss is its largest probability (AMFL's code)."""
    return torch.ones_like(present)


def present_classes(present: Tensor) -> Tensor:
    """Only classes that have a true pixel (the default of Berman et al.)."""
    return present


CLASS_CHOICES: dict[str, Callable[[Tensor], Tensor]] = {"all": all_classes, "present": present_classes}
"""Which classes enter the mean, from (classes,) bool: has the class a true pixel?"""


def lovasz_softmax(logits: Tensor, labels: Tensor, *, classes: str = "all") -> Tensor:
    """Mean over classes of the Lovasz extension of 1 - IoU, 0 for a perfect and sure answer, at most 1.

    ``logits`` (n, classes, rows, columns), ``labels`` (n, rows, columns) int64 of 0..classes-1. All pixels of the batch form one
    set. For sure answers the value is 1 - IoU, IoU pooled over the batch, averaged over the classes that ``classes`` (a name of
    :data:`CLASS_CHOICES`) lets in: "all" includes the background, as AMFL does. Half precision is raised to float32; no pixel gives 0.
    Raises ``ValueError`` for shapes that do not match.
    """
    exact = logits if logits.dtype == torch.float64 else logits.float()
    return lovasz_of_probabilities(torch.softmax(exact, dim=1), labels, classes=classes)


def lovasz_of_probabilities(probabilities: Tensor, labels: Tensor, *, classes: str = "all") -> Tensor:
    """:func:`lovasz_softmax` of probabilities (n, classes, rows, columns) in 0..1."""
    choose = lookup(CLASS_CHOICES, classes, "classes")
    if labels.shape != probabilities.shape[:1] + probabilities.shape[2:]:
        shapes = f"{tuple(labels.shape)} for {tuple(probabilities.shape)}"
        raise ValueError(problem("labels", "have the shape (n, rows, columns) of the maps", shapes, "Pass class numbers, not maps."))
    if labels.numel() == 0:
        return probabilities.sum()
    flat = probabilities.movedim(1, 0).flatten(1)
    truth = labels.flatten() == torch.arange(len(flat), device=labels.device)[:, None]
    errors, order = (truth.to(flat.dtype) - flat).abs().sort(dim=1, descending=True)
    losses = (errors * jaccard_slope(truth.gather(1, order).to(flat.dtype))).sum(dim=1)
    counted = choose(truth.any(dim=1)).to(flat.dtype)
    return (losses * counted).sum() / counted.sum()


def jaccard_slope(truth: Tensor) -> Tensor:
    """How much 1 - IoU grows with each further wrong pixel; ``truth`` (classes, pixels) of 0 and 1, largest error first.

    >>> jaccard_slope(torch.tensor([[1.0, 0.0, 1.0]], dtype=torch.float64)).numpy().round(4).tolist()
    [[0.5, 0.1667, 0.3333]]
    """
    total = truth.sum(dim=1, keepdim=True)
    left = total - truth.cumsum(dim=1)
    union = total + (1 - truth).cumsum(dim=1)
    loss = 1 - left / union
    return torch.cat([loss[:, :1], loss.diff(dim=1)], dim=1)
