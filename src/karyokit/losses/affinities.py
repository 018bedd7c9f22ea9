"""Affinities: do a pixel and the one a fixed step away lie on the same chromosome?

The idea of learning affinities over long steps is that of mutex watersheds (Wolf et al., ECCV 2018); a pixel of an
overlap zone here has several owners, so that it is one with either chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from karyokit.steps import Step, paired_windows


def affinity_targets(owners: Tensor, step: Step) -> tuple[Tensor, Tensor]:
    """(n, rows - |dr|, columns - |dc|) bool "one chromosome" and "both known" of each pixel and the one ``step`` away.

    ``owners`` (n, planes, rows, columns) integer numbers of the chromosomes a pixel lies on, 0 for none or not known;
    the first plane is set wherever any is. The result begins at the first pixel that has a partner.
    """
    here, there = (owners[..., rows, columns] for rows, columns in paired_windows(owners.shape[-2:], step))
    same = torch.zeros_like(here[:, 0], dtype=torch.bool)
    for one in here.unbind(1):
        for two in there.unbind(1):
            same |= (one == two) & (one > 0)
    return same, (here[:, 0] > 0) & (there[:, 0] > 0)


def affinity_loss(logits: Tensor, owners: Tensor, steps: Sequence[Step], *, grid: int = 2) -> Tensor:
    """Mean binary cross-entropy of (n, steps, rows, columns) logits over pairs of known pixels; 0 where there are none.

    Only every ``grid``-th pixel of every ``grid``-th row counts; all steps must be multiples of it.
    """
    logits, owners = logits[..., ::grid, ::grid], owners[..., ::grid, ::grid]
    losses = []
    for channel, (down, right) in enumerate(steps):
        step = down // grid, right // grid
        same, known = affinity_targets(owners, step)
        rows, columns = paired_windows(owners.shape[-2:], step)[0]
        chosen = logits[:, channel, rows, columns][known]
        losses.append(functional.binary_cross_entropy_with_logits(chosen, same[known].to(logits), reduction="none"))
    together = torch.cat(losses)
    return together.mean() if together.numel() else logits.sum() * 0
