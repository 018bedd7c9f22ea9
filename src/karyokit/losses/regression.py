"""Squared error of the maps themselves. Source: Hu et al. 2017 (arXiv 1712.07639) and its public script; systems specification 7.1."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from karyokit.checks import problem


def squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean over maps and pixels of (output - y)^2, y one map of 0 and 1 per class.

    ``outputs`` (n, classes, rows, columns) are the network's bare outputs, which are meant to be 0 or 1 and not logits: a prediction
    is decided by rounding them (``activation = "none"``, ``decision = "sigmoid_round"`` of the task of pairs). ``labels``
    (n, rows, columns) int64. Half precision is raised to float32; no pixel gives NaN. Raises ``ValueError`` for shapes that do not
    belong together.
    """
    if outputs.ndim != 4 or labels.shape != outputs[:, 0].shape:
        got = f"{tuple(labels.shape)} for outputs {tuple(outputs.shape)}"
        raise ValueError(problem("labels", "be (n, rows, columns) of the outputs", got, "Pass class numbers, not one map per class."))
    wide = outputs if outputs.dtype == torch.float64 else outputs.float()
    return functional.mse_loss(wide, functional.one_hot(labels, outputs.shape[1]).movedim(-1, 1).to(wide.dtype))
