"""The heads of Mask R-CNN (one stage) and Cascade Mask R-CNN (three): boxes refined stage by stage, and a mask head per stage.

Heads: He et al. 2017; cascade: Cai and Vasconcelos 2019; KEMR-Net names three stages at IoU 0.5, 0.6 and 0.7 and an average of the
three mask branches, all else is the standard recipe. Systems specification 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import clip_boxes_to_image

from karyokit.checks import lookup, problem
from karyokit.networks.blocks.box_coding import assign_boxes, decode_boxes, encode_boxes, sample_balanced
from karyokit.networks.blocks.instance_records import Detections, Target
from karyokit.networks.blocks.region_heads import BoxHead, MaskHead
from karyokit.networks.blocks.region_pooling import crop_masks, paste_masks, pool_regions
from karyokit.networks.blocks.residual_pyramid import PYRAMID_STRIDES
from karyokit.networks.blocks.suppression import SUPPRESSIONS, by_masks

BOX_CELLS, MASK_CELLS, MASK_SIDE = 7, 14, 28
LEAST_SIDE = 1.0
"""Smallest side in pixels of a box that is kept or refined."""
NEAR_COPY = 0.9
"""Box IoU above which ``suppression = "masks"`` takes two boxes for one object before it looks at masks."""


@dataclass(frozen=True)
class Stage:
    """``threshold`` is the IoU from which a box counts as a hit, ``deviations`` the scale of its offsets, ``weight`` that of its losses."""

    threshold: float
    deviations: tuple[float, float, float, float]
    weight: float


ONE_STAGE = (Stage(0.5, (0.1, 0.1, 0.2, 0.2), 1.0),)
THREE_STAGES = (*ONE_STAGE, Stage(0.6, (0.05, 0.05, 0.1, 0.1), 0.5), Stage(0.7, (0.033, 0.033, 0.067, 0.067), 0.25))


@dataclass(frozen=True)
class HeadOptions:
    """How regions are learnt and read.

    ``samples`` boxes per picture and stage are learnt from, ``positive`` of them hits at most; ``beta`` is where the box loss turns
    from quadratic to linear. ``scores_on`` says which boxes the stages judge when their scores are averaged: ``"last"`` (all stages
    look at the boxes that enter the last one, as specified) or ``"own"`` (each at its own). ``suppression`` is a name of
    ``SUPPRESSIONS``: ``hard`` at 0.5 is the paper's recipe, ``soft`` and ``masks`` keep both chromosomes of an X.
    """

    samples: int = 512
    positive: float = 0.25
    beta: float = 1.0
    scores_on: str = "last"
    suppression: str = "hard"
    suppression_iou: float = 0.5
    least_score: float = 0.05
    detections: int = 100

    def __post_init__(self) -> None:
        """Check the names."""
        lookup(SUPPRESSIONS, self.suppression, "suppression")
        if self.scores_on not in ("last", "own"):
            raise ValueError(problem("scores_on", "be 'last' or 'own'", repr(self.scores_on), "Pick one of the names."))


class CascadeHeads(nn.Module):
    """Boxes and masks of proposals from pyramid maps P2 to P5, each (n, ``channels``, rows, columns)."""

    def __init__(
        self,
        channels: int,
        *,
        classes: int = 1,
        stages: Sequence[Stage] = THREE_STAGES,
        agnostic: bool = True,
        width: int = 1024,
        options: HeadOptions | None = None,
    ) -> None:
        super().__init__()
        self.stages = tuple(stages)
        self.options = options or HeadOptions()
        self.box_heads = nn.ModuleList(
            BoxHead(channels * BOX_CELLS**2, width=width, classes=classes, agnostic=agnostic) for _ in self.stages
        )
        self.mask_heads = nn.ModuleList(MaskHead(channels, classes=classes) for _ in self.stages)

    def losses(self, maps: Sequence[Tensor], proposals: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Weighted losses ``class_k``, ``box_k`` and ``mask_k`` of every stage k; ``proposals`` are (k, 4), one per picture.

        A stage learns from the boxes of the stage before and the true boxes. No gradient flows from one stage's boxes to the next.
        """
        found: dict[str, Tensor] = {}
        boxes = list(proposals)
        for number, stage in enumerate(self.stages):
            drawn = [self._draw(group, target, stage.threshold) for group, target in zip(boxes, targets, strict=True)]
            logits, offsets = self.box_heads[number](pool_regions(maps, [d.boxes for d in drawn], BOX_CELLS, PYRAMID_STRIDES[:4]))
            parts = self._box_losses(logits, offsets, drawn, stage) | {"mask": self._mask_loss(number, maps, drawn, targets)}
            found |= {f"{name}_{number + 1}": stage.weight * value for name, value in parts.items()}
            boxes = self._next_boxes(logits.detach(), offsets.detach(), drawn, number)
        return found

    def _draw(self, boxes: Tensor, target: Target, threshold: float) -> _Drawn:
        """Sampled boxes with the truth appended; from the second stage on ``boxes`` hold no true box of the stage before."""
        everything = torch.cat([boxes, target.boxes])
        index, positive = assign_boxes(everything, target.boxes, threshold)
        chosen = sample_balanced(positive, self.options.samples, self.options.positive)
        appended = chosen >= len(boxes)
        index, positive = index[chosen], positive[chosen]
        labels = torch.zeros_like(index)
        labels[positive] = target.labels[index[positive]]
        goal = everything[chosen].clone()
        goal[positive] = target.boxes[index[positive]]
        return _Drawn(everything[chosen], labels, index, goal, appended)

    def _box_losses(self, logits: Tensor, offsets: Tensor, drawn: Sequence[_Drawn], stage: Stage) -> dict[str, Tensor]:
        """Cross entropy over all drawn boxes, and smooth L1 summed over hits and shared among all drawn boxes."""
        labels, boxes, goals = (torch.cat([getattr(d, name) for d in drawn]) for name in ("labels", "boxes", "goals"))
        hit = labels > 0
        wanted = encode_boxes(goals[hit], boxes[hit], stage.deviations)
        given = _of_label(offsets[hit], labels[hit])
        box = functional.smooth_l1_loss(given, wanted, beta=self.options.beta, reduction="sum") / max(len(labels), 1)
        return {"class": functional.cross_entropy(logits, labels) if len(labels) else logits.sum(), "box": box}

    def _mask_loss(self, number: int, maps: Sequence[Tensor], drawn: Sequence[_Drawn], targets: Sequence[Target]) -> Tensor:
        """Mean binary cross entropy of the masks of hits whose true mask is known; 0 where there is none."""
        known = [_with_known_mask(d, target) for d, target in zip(drawn, targets, strict=True)]
        boxes = [d.boxes[keep] for d, keep in zip(drawn, known, strict=True)]
        labels = torch.cat([d.labels[keep] for d, keep in zip(drawn, known, strict=True)])
        logits = self.mask_heads[number](pool_regions(maps, boxes, MASK_CELLS, PYRAMID_STRIDES[:4]))
        if len(labels) == 0:
            return logits.sum()
        wanted = [
            crop_masks(target.masks[d.index[keep]], group, MASK_SIDE)
            for d, keep, group, target in zip(drawn, known, boxes, targets, strict=True)
        ]
        return functional.binary_cross_entropy_with_logits(_of_class(logits, labels), torch.cat(wanted))

    def _next_boxes(self, logits: Tensor, offsets: Tensor, drawn: Sequence[_Drawn], number: int) -> list[Tensor]:
        """Drawn boxes moved by this stage, without the true boxes that were appended and without those that became too thin."""
        moved = self._moved(logits, offsets, torch.cat([d.boxes for d in drawn]), number)
        groups = moved.split([len(d.boxes) for d in drawn])
        return [group[~d.appended & _thick(group)] for group, d in zip(groups, drawn, strict=True)]

    def _moved(self, logits: Tensor, offsets: Tensor, boxes: Tensor, number: int) -> Tensor:
        best = logits[:, 1:].argmax(dim=1) + 1
        return decode_boxes(_of_label(offsets, best), boxes, self.stages[number].deviations)

    def forward(self, maps: Sequence[Tensor], proposals: Sequence[Tensor], shape: tuple[int, int]) -> list[Detections]:
        """Detections of every picture of ``shape`` (rows, columns)."""
        return [self._detect([m[i : i + 1] for m in maps], boxes, shape) for i, boxes in enumerate(proposals)]

    def _detect(self, maps: Sequence[Tensor], boxes: Tensor, shape: tuple[int, int]) -> Detections:
        boxes, scores = self.refine(maps, boxes, shape)[-1]
        boxes, scores, labels = _candidates(boxes, scores, self.options.least_score)
        options, masked = self.options, self.options.suppression == "masks"
        iou, limit = (NEAR_COPY, 3 * options.detections) if masked else (options.suppression_iou, options.detections)
        rule = SUPPRESSIONS[options.suppression]
        keep, scores = rule(boxes, scores, labels, iou=iou, least=options.least_score, limit=limit)
        boxes, labels = boxes[keep], labels[keep]
        found = Detections(boxes, scores, labels, self.mask_probabilities(maps, boxes, labels))
        return self._without_copies(found, shape) if masked else found

    def refine(self, maps: Sequence[Tensor], boxes: Tensor, shape: tuple[int, int]) -> list[tuple[Tensor, Tensor]]:
        """For each stage its boxes (n, 4), clipped to the picture, and scores (n, classes + 1); scores of the last are the average.

        Proposal i stays row i throughout. Maps are those of one picture.
        """
        done: list[tuple[Tensor, Tensor]] = []
        features = maps[0]
        for number, head in enumerate(self.box_heads):
            features = pool_regions(maps, [boxes], BOX_CELLS, PYRAMID_STRIDES[:4])
            logits, offsets = head(features)
            boxes = clip_boxes_to_image(self._moved(logits, offsets, boxes, number), shape)
            done.append((boxes, logits.softmax(dim=1)))
        judged = [score for _, score in done]
        if self.options.scores_on == "last":
            judged = [head(features)[0].softmax(dim=1) for head in self.box_heads]
        return [*done[:-1], (boxes, torch.stack(judged).mean(dim=0))]

    def mask_probabilities(self, maps: Sequence[Tensor], boxes: Tensor, labels: Tensor) -> Tensor:
        """(n, 28, 28) mean of the stages' mask probabilities over (n, 4) boxes of one picture (KEMR: ensemble of three branches)."""
        features = pool_regions(maps, [boxes], MASK_CELLS, PYRAMID_STRIDES[:4])
        return torch.stack([_of_class(head(features), labels).sigmoid() for head in self.mask_heads]).mean(dim=0)

    def _without_copies(self, found: Detections, shape: tuple[int, int]) -> Detections:
        """Suppression by the IoU of masks, drawn at half the picture's resolution."""
        half = ((shape[0] + 1) // 2, (shape[1] + 1) // 2)
        drawn = paste_masks(found.masks, found.boxes / 2, half) > 0.5
        options = self.options
        return found.only(by_masks(drawn, found.scores, found.labels, iou=options.suppression_iou, limit=options.detections))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Sampled boxes (n, 4), their labels (n,) with 0 for background, index of the true object, its box, and whether appended."""

    boxes: Tensor
    labels: Tensor
    index: Tensor
    goals: Tensor
    appended: Tensor


def _with_known_mask(drawn: _Drawn, target: Target) -> Tensor:
    known = drawn.labels > 0
    known[known.clone()] = target.has_mask[drawn.index[known]].bool()
    return known


def _of_label(offsets: Tensor, labels: Tensor) -> Tensor:
    """(n, 4) offsets of each box's label from (n, 1 or classes, 4); with one set the label does not matter."""
    if offsets.shape[1] == 1:
        return offsets[:, 0]
    return offsets[torch.arange(len(labels), device=labels.device), labels - 1]


def _of_class(logits: Tensor, labels: Tensor) -> Tensor:
    """(n, side, side) maps of each box's label from (n, classes, side, side)."""
    return logits[torch.arange(len(labels), device=labels.device), labels - 1]


def _thick(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2] >= LEAST_SIDE).all(dim=1)


def _candidates(boxes: Tensor, scores: Tensor, least: float) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes, scores and labels of every (box, class) with at least that score whose box is not too thin."""
    row, column = torch.nonzero((scores[:, 1:] >= least) & _thick(boxes)[:, None], as_tuple=True)
    return boxes[row], scores[row, column + 1], column + 1
