"""Boxes as offsets from other boxes, and which true box a proposed one belongs to.

Boxes are (n, 4) float: left, top, right, bottom in pixels of the picture. Offsets: Girshick et al. 2014, divided by the
standard deviations that a stage of the cascade expects (Cai and Vasconcelos 2019). Systems specification 6.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.ops import box_iou

LARGEST_GROWTH = math.log(1000 / 16)
"""Bound of the decoded logarithm of a side's growth, so that no box overflows."""


def encode_boxes(boxes: Tensor, proposals: Tensor, deviations: Sequence[float]) -> Tensor:
    """(n, 4) offsets (centre x, centre y, log width, log height) that turn ``proposals`` into ``boxes``; sides must be positive.

    >>> square = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    >>> encode_boxes(torch.tensor([[1.0, 0.0, 11.0, 10.0]]), square, (0.1, 0.1, 0.2, 0.2)).tolist()
    [[1.0, 0.0, 0.0, 0.0]]
    """
    sides, truth = proposals[:, 2:] - proposals[:, :2], boxes[:, 2:] - boxes[:, :2]
    moved = (boxes[:, :2] + boxes[:, 2:] - proposals[:, :2] - proposals[:, 2:]) / 2 / sides
    return torch.cat([moved, (truth / sides).log()], dim=1) / moved.new_tensor(deviations)


def decode_boxes(offsets: Tensor, proposals: Tensor, deviations: Sequence[float]) -> Tensor:
    """(n, 4) boxes from offsets: the inverse of `encode_boxes`, growth bounded by `LARGEST_GROWTH`."""
    offsets = offsets.float() * offsets.new_tensor(deviations).float()
    sides = proposals[:, 2:] - proposals[:, :2]
    centres = (proposals[:, :2] + proposals[:, 2:]) / 2 + offsets[:, :2] * sides
    half = sides * offsets[:, 2:].clamp(max=LARGEST_GROWTH).exp() / 2
    return torch.cat([centres - half, centres + half], dim=1)


def assign_boxes(proposals: Tensor, truth: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """For each of n proposals the index (n,) int64 of the true box it overlaps most, and whether IoU reaches ``threshold``.

    Without a true box all indices are 0 and nothing is positive.
    """
    if len(truth) == 0:
        return torch.zeros(len(proposals), dtype=torch.int64, device=proposals.device), torch.zeros_like(proposals[:, 0], dtype=torch.bool)
    best, index = box_iou(truth, proposals).max(dim=0)
    return index, best >= threshold


def sample_balanced(positive: Tensor, count: int, share: float) -> Tensor:
    """Indices of up to ``count`` elements drawn at random, at most ``share`` of ``count`` of them positive, negatives last.

    Draws from torch's global generator. ``positive`` is (n,) bool.
    """
    found, rest = torch.nonzero(positive)[:, 0], torch.nonzero(~positive)[:, 0]
    found = found[torch.randperm(len(found), device=found.device)[: int(count * share)]]
    rest = rest[torch.randperm(len(rest), device=rest.device)[: count - len(found)]]
    return torch.cat([found, rest])
