"""What instance networks learn from and what they answer, one record per picture."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Target:
    """The true objects of a picture.

    ``boxes`` (n, 4) float: left, top, right, bottom in pixels, sides positive; ``labels`` (n,) int64 from 1; ``masks`` (n, rows,
    columns) bool or uint8 of the picture's size, each of which may share pixels with others; ``has_mask`` (n,) bool says which of
    them are known: objects with a box alone take no part in the mask loss. n may be 0.
    """

    boxes: Tensor
    labels: Tensor
    masks: Tensor
    has_mask: Tensor


@dataclass(frozen=True, eq=False)
class Detections:
    """The objects found in a picture, best first.

    ``boxes`` (n, 4) float as in `Target`, inside the picture; ``scores`` (n,) in 0..1; ``labels`` (n,) int64; ``masks`` (n, size,
    size) float, the probability over each box (see ``region_pooling.paste_masks``). n may be 0.
    """

    boxes: Tensor
    scores: Tensor
    labels: Tensor
    masks: Tensor

    def only(self, keep: Tensor) -> Detections:
        """The detections at these indices or where this (n,) bool is true."""
        return Detections(self.boxes[keep], self.scores[keep], self.labels[keep], self.masks[keep])
