"""Plain loss functions, and those of the four-class pair networks by name."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from karyokit.losses.arms import as_wbce, bce, wbce
from karyokit.losses.classes import dice, weighted_cross_entropy, weighted_dice
from karyokit.losses.focal import one_vs_rest_focal, softmax_focal
from karyokit.losses.lovasz import lovasz_softmax
from karyokit.losses.regression import squared_error

PAIR_LOSSES: dict[str, Callable[..., Tensor]] = {
    "cross_entropy": functional.cross_entropy,
    "weighted_cross_entropy": weighted_cross_entropy,
    "dice": dice,
    "weighted_dice": weighted_dice,
    "lovasz_softmax": lovasz_softmax,
    "focal": one_vs_rest_focal,
    "softmax_focal": softmax_focal,
    "bce": bce,
    "wbce": wbce,
    "as_wbce": as_wbce,
    "squared_error": squared_error,
}
"""Losses of (logits (n, 4, rows, columns), labels (n, rows, columns) int64 0..3, **options) -> scalar.

A loss with a keyword ``class_counts`` is given the pixels per class (4,) of the training part.
"""
