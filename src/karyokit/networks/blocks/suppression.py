"""Which of many overlapping detections stay: hard, soft and mask-based suppression.

Hard suppression at box IoU 0.5 deletes one of two chromosomes that cross in an X, since their boxes nearly agree; soft
suppression (Bodla et al. 2017) lowers its score instead, and mask IoU sees that the two share little. Systems
specification 6.1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.ops import batched_nms, box_iou

Suppression = Callable[..., tuple[Tensor, Tensor]]


def hard(boxes: Tensor, scores: Tensor, labels: Tensor, *, iou: float, least: float, limit: int) -> tuple[Tensor, Tensor]:
    """Indices of the boxes that no better box of the same label overlaps by more than ``iou``, best first, and their scores.

    At most ``limit``, none below ``least``; the same holds for every rule of this file. ``boxes`` (n, 4), ``scores`` and
    ``labels`` (n,); no box gives two empty tensors.
    """
    keep = batched_nms(boxes, scores, labels, iou)
    keep = keep[scores[keep] >= least][:limit]
    return keep, scores[keep]


def soft_linear(boxes: Tensor, scores: Tensor, labels: Tensor, *, iou: float, least: float, limit: int) -> tuple[Tensor, Tensor]:
    """Scores of boxes that overlap a better one by more than ``iou`` are multiplied by 1 - IoU."""
    return _soft(boxes, scores, labels, lambda shared: torch.where(shared > iou, 1 - shared, 1.0), least, limit)


def soft_gaussian(boxes: Tensor, scores: Tensor, labels: Tensor, *, iou: float, least: float, limit: int) -> tuple[Tensor, Tensor]:
    """Scores are multiplied by exp(-IoU^2 / ``iou``) for every better box."""
    return _soft(boxes, scores, labels, lambda shared: torch.exp(-(shared**2) / iou), least, limit)


def _soft(
    boxes: Tensor, scores: Tensor, labels: Tensor, decay: Callable[[Tensor], Tensor], least: float, limit: int
) -> tuple[Tensor, Tensor]:
    """Take the best, lower the others of its label, repeat: what is taken is final, so ``limit`` rounds are enough."""
    left = scores.clone()
    taken, kept = [], []
    for _ in range(min(limit, len(boxes))):
        best = int(left.argmax())
        if left[best] < least:
            break
        taken.append(best)
        kept.append(left[best].clone())
        factor = decay(box_iou(boxes[best : best + 1], boxes)[0])
        left = torch.where(labels == labels[best], left * factor, left)
        left[best] = -1.0
    return torch.tensor(taken, dtype=torch.int64, device=boxes.device), torch.stack(kept) if kept else scores[:0]


def mask_overlap(masks: Tensor) -> Tensor:
    """(n, n) IoU of (n, rows, columns) bool masks; 0 where both are empty."""
    flat = masks.flatten(1).float()
    shared = flat @ flat.T
    areas = flat.sum(dim=1)
    return shared / (areas[:, None] + areas[None, :] - shared).clamp(min=1)


def by_masks(masks: Tensor, scores: Tensor, labels: Tensor, *, iou: float, limit: int) -> Tensor:
    """Indices of the (n, rows, columns) bool masks that no better one of the same label overlaps by more than ``iou``, best first."""
    shared = (mask_overlap(masks) > iou) & (labels[:, None] == labels[None, :])
    alive = torch.ones_like(scores, dtype=torch.bool)
    keep: list[int] = []
    for index in scores.argsort(descending=True, stable=True).tolist():
        if alive[index] and len(keep) < limit:
            keep.append(index)
            alive &= ~shared[index]
    return torch.tensor(keep, dtype=torch.int64, device=scores.device)


SUPPRESSIONS: dict[str, Suppression] = {"hard": hard, "soft": soft_linear, "soft_gaussian": soft_gaussian, "masks": hard}
"""Rules on boxes by name. ``masks`` removes near copies only, by boxes; the network then calls `by_masks`."""
