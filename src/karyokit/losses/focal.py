"""Focal losses: cross-entropy that counts pixels less the surer they are right. Source: Lin et al. 2017.

Used by RSE-UNet (2023), Eq. 6-8, on the four classes of pairs and, as the mixed-weight focal loss, by ChromSeg (2021) on its two maps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from karyokit.checks import problem, require_range

CHROMSEG_CLAMP = 1e-5
"""ChromSeg keeps its probabilities this far from 0 and 1."""


def focal(logits: Tensor, target: Tensor, *, alpha: float | Sequence[float] = 0.25, gamma: float = 2.0, clamp: float = 0.0) -> Tensor:
    """Mean binary focal loss of independent maps: -alpha (1-p)^gamma log p where y = 1, -(1-alpha) p^gamma log(1-p) where y = 0.

    ``logits`` and ``target`` are (n, channels, rows, columns), target in 0..1, p = sigmoid(logits); ``alpha`` is one weight of the
    positives or one per channel, in 0..1. ``clamp`` holds p in clamp..1-clamp; outside, the gradient is 0. gamma = 0 and alpha = 0.5
    give half the binary cross-entropy. Half precision is raised to float32. No pixel gives NaN. Raises ``ValueError`` for shapes that
    differ, a wrong number of alphas, alpha outside 0..1, clamp outside 0..0.5 or a negative gamma.
    """
    _require_shapes(logits, target)
    require_range("gamma", gamma, 0.0, math.inf)
    weight = _per_channel(alpha, logits)
    z = _clamped(_at_least_float32(logits), clamp)
    log_p, log_rest = functional.logsigmoid(z), functional.logsigmoid(-z)  # rest = 1 - p
    positives = weight * target * torch.exp(gamma * log_rest) * log_p
    negatives = (1 - weight) * (1 - target) * torch.exp(gamma * log_p) * log_rest
    return -(positives + negatives).mean()


def one_vs_rest_focal(logits: Tensor, labels: Tensor, *, alpha: float | Sequence[float] = 0.25, gamma: float = 2.0) -> Tensor:
    """RSE-UNet's loss: :func:`focal` of every class against the rest, mean over pixels and classes.

    ``logits`` (n, classes, rows, columns), ``labels`` (n, rows, columns) int64 of 0..classes-1. The paper gives 0.25 as the alpha
    "of the overlap region": one number is used for all classes, a list gives each its own. Eq. 6 misprints p_t; Eq. 7 gives negatives
    1 - alpha. With 0.25 the rare positives count *less*; ChromSeg's search found 0.75 best and 0.25 worst.
    """
    target = functional.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(logits.dtype)
    return focal(logits, target, alpha=alpha, gamma=gamma)


def softmax_focal(logits: Tensor, labels: Tensor, *, alpha: float | Sequence[float] = 1.0, gamma: float = 2.0) -> Tensor:
    """The other reading of RSE-UNet's loss: -alpha_y (1-p_y)^gamma log p_y, p the softmax, y the true class; mean over pixels.

    Shapes as in :func:`one_vs_rest_focal`; ``alpha`` is one factor or one per class. gamma = 0 and alpha = 1 give the cross-entropy.
    """
    require_range("gamma", gamma, 0.0, math.inf)
    weight = _per_channel(alpha, logits).expand(1, logits.shape[1], 1, 1).flatten()
    entropy = functional.cross_entropy(_at_least_float32(logits), labels, reduction="none")  # -log p_y
    unsure = (-torch.expm1(-entropy)).clamp(min=1e-12)  # 1 - p_y; the power of 0 has no slope for gamma < 1
    return (weight[labels] * unsure**gamma * entropy).mean()


def mixed_weight_focal(
    logits: Tensor, target: Tensor, *, balance: float = 0.7, alpha: float = 0.75, gamma: float = 1.0, clamp: float = CHROMSEG_CLAMP
) -> Tensor:
    """ChromSeg's loss: balance * focal(crossing) + (1 - balance) * focal(foreground).

    ``logits`` and ``target`` are (n, 2, rows, columns), channel 0 foreground, 1 crossing. ``balance`` is the paper's lambda: 0.7 is
    best in its Table IV, its text says 0.75, its code trains with 0.5. The term phi, an unspecified L2 penalty of the weights, is the
    optimiser's weight decay (0 in the released code). The released code applies the sigmoid twice; here ``logits`` go through one.
    Raises ``ValueError`` for another number of channels or ``balance`` outside 0..1, and as :func:`focal`.
    """
    _require_shapes(logits, target)
    require_range("balance", balance, 0.0, 1.0)
    if logits.shape[1] != 2:
        raise ValueError(problem("logits", "have 2 channels, foreground and crossing", logits.shape[1], "Build it with outputs=2."))
    foreground, crossing = (
        focal(logits[:, channel : channel + 1], target[:, channel : channel + 1], alpha=alpha, gamma=gamma, clamp=clamp)
        for channel in (0, 1)
    )
    return balance * crossing + (1 - balance) * foreground


def _require_shapes(logits: Tensor, target: Tensor) -> None:
    if logits.shape != target.shape:
        shapes = f"{tuple(target.shape)} for {tuple(logits.shape)}"
        raise ValueError(problem("target", "have the shape of `logits`", shapes, "Pass one map of 0 and 1 per channel."))


def _per_channel(alpha: float | Sequence[float], logits: Tensor) -> Tensor:
    values = list(alpha) if isinstance(alpha, Sequence) else [alpha]
    if len(values) not in (1, logits.shape[1]):
        raise ValueError(problem("alpha", f"be one number or {logits.shape[1]}", values, "Give each channel one."))
    for value in values:
        require_range("alpha", value, 0.0, 1.0)
    return torch.tensor(values, dtype=_at_least_float32(logits).dtype, device=logits.device).view(1, -1, 1, 1)


def _clamped(logits: Tensor, clamp: float) -> Tensor:
    require_range("clamp", clamp, 0.0, 0.5)
    return logits if clamp == 0 else logits.clamp(-_logit(1 - clamp), _logit(1 - clamp))


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _at_least_float32(logits: Tensor) -> Tensor:
    return logits if logits.dtype == torch.float64 else logits.float()
