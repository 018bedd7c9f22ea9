"""Losses of maps that may overlap: every channel is its own yes-or-no question."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def weighted_bce_dice(logits: Tensor, target: Tensor, weight: Tensor, *, positive: Sequence[float], dice: float = 0.5) -> Tensor:
    """Binary cross-entropy plus ``dice`` times the soft Dice loss, both over pixels of weight 1.

    ``logits``, ``target`` and ``weight`` are (n, channels, rows, columns), target and weight in 0..1; ``positive``
    has one factor per channel for the rare positive pixels. Pixels of weight 0 do not count; where all are 0 the loss is 0.
    Dice is pooled over the batch per channel, so that an empty channel of one picture does no harm.
    """
    factor = torch.as_tensor(positive, dtype=logits.dtype, device=logits.device).view(1, -1, 1, 1)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, weight=weight, pos_weight=factor, reduction="sum")
    return entropy / weight.sum().clamp(min=1.0) + dice * soft_dice(torch.sigmoid(logits), target, weight)


def soft_dice(probability: Tensor, target: Tensor, weight: Tensor, smooth: float = 1.0) -> Tensor:
    """1 - Dice per channel, pooled over batch and pixels, then the mean over channels; 0 for a perfect map."""
    axes = (0, 2, 3)
    together = (probability * target * weight).sum(axes)
    total = ((probability + target) * weight).sum(axes)
    return (1 - (2 * together + smooth) / (total + smooth)).mean()
