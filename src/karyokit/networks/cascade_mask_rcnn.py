"""Cascade Mask R-CNN: pyramid of a ResNet, region proposals, three stages of boxes and masks. The detector of KEMR-Net.

Cai and Vasconcelos 2019, as used by KEMR-Net ("Cascade Mask R-CNN", Figure 3); systems specification 6.1. The paper names the
backbone, three heads, their IoU and the average of their masks; everything else is the standard recipe and an option here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead

from karyokit.networks.blocks.cascade_heads import THREE_STAGES, CascadeHeads, HeadOptions, Stage
from karyokit.networks.blocks.instance_records import Detections, Target
from karyokit.networks.blocks.residual_pyramid import PYRAMID_STRIDES, residual_pyramid

RATIOS = (0.5, 1.0, 2.0)


class InstanceNetwork(nn.Module):
    """Pictures (n, 1 or ``inputs``, rows, columns) -> one `Detections` per picture; `losses` for training.

    Pictures are densities (background 0, chromosome about 1); they are shifted by ``mean`` and divided by ``deviation`` here, one
    plane is repeated to ``inputs``, and any size is padded at the right and bottom to a multiple of ``stride``. ``anchor_scale``
    times the stride of a map is the side of its square anchor; ``ratios`` are height over width.
    """

    stride = PYRAMID_STRIDES[-1]

    def __init__(
        self,
        pyramid: nn.Module,
        heads: CascadeHeads,
        *,
        channels: int,
        inputs: int = 3,
        anchor_scale: float = 8.0,
        ratios: Sequence[float] = RATIOS,
        proposals: tuple[int, int] = (2000, 1000),
    ) -> None:
        super().__init__()
        self.inputs, self.mean, self.deviation = inputs, 0.25, 0.45
        self.pyramid, self.heads = pyramid, heads
        anchors = AnchorGenerator(tuple((anchor_scale * stride,) for stride in PYRAMID_STRIDES), (tuple(ratios),) * len(PYRAMID_STRIDES))
        before, after = ({"training": count, "testing": count} for count in proposals)
        self.proposer = RegionProposalNetwork(anchors, RPNHead(channels, len(ratios)), 0.7, 0.3, 256, 0.5, before, after, 0.7)

    def forward(self, pictures: Tensor) -> list[Detections]:
        shape = (int(pictures.shape[2]), int(pictures.shape[3]))
        maps, boxes, _ = self._propose(pictures, None)
        return self.heads(maps, boxes, shape)

    def losses(self, pictures: Tensor, targets: Sequence[Target]) -> dict[str, Tensor]:
        """Weighted losses by name, to be added up; the network must be in training mode. Pictures without objects are fine."""
        maps, boxes, found = self._propose(pictures, targets)
        return {**found, **self.heads.losses(maps, boxes, targets)}

    def _propose(self, pictures: Tensor, targets: Sequence[Target] | None) -> tuple[list[Tensor], list[Tensor], dict[str, Tensor]]:
        """Maps P2 to P5 as float32, proposals per picture and the losses of the proposals."""
        shape = (int(pictures.shape[2]), int(pictures.shape[3]))
        padded = self._prepared(pictures)
        maps = {name: value.float() for name, value in self.pyramid(padded).items()}
        known = None if targets is None else [{"boxes": target.boxes} for target in targets]
        with torch.autocast(pictures.device.type, enabled=False):
            boxes, found = self.proposer(ImageList(padded, [shape] * len(pictures)), maps, known)
        losses = {"objectness": found["loss_objectness"], "proposal_box": found["loss_rpn_box_reg"]} if found else {}
        return list(maps.values())[:4], [group.detach() for group in boxes], losses

    def _prepared(self, pictures: Tensor) -> Tensor:
        rows, columns = pictures.shape[2:]
        plain = ((pictures - self.mean) / self.deviation).expand(-1, self.inputs, -1, -1)
        return functional.pad(plain, (0, -columns % self.stride, 0, -rows % self.stride))


def cascade_mask_rcnn(
    *,
    backbone: str = "resnet101",
    width_mult: float = 1.0,
    norm: str = "batch",
    inputs: int = 3,
    weights: str = "",
    classes: int = 1,
    anchors: dict[str, Any] | None = None,
    heads: dict[str, Any] | None = None,
) -> InstanceNetwork:
    """The three-stage network with class-agnostic boxes; 96,012,900 trained values as it stands, 77,020,772 with ResNet-50.

    ``backbone`` is a name of ``RESNETS``, ``norm`` of ``NORMS``; ``weights`` a local state dictionary of torchvision's ResNet;
    ``width_mult`` scales every width. ``anchors`` are options of `InstanceNetwork` (``anchor_scale``, ``ratios``, ``proposals``),
    ``heads`` those of `HeadOptions`.
    """
    picture = {"backbone": backbone, "width_mult": width_mult, "norm": norm, "inputs": inputs, "weights": weights}
    return assemble(picture, stages=THREE_STAGES, agnostic=True, classes=classes, anchors=anchors or {}, heads=heads or {})


def assemble(
    picture: dict[str, Any], *, stages: Sequence[Stage], agnostic: bool, classes: int, anchors: dict[str, Any], heads: dict[str, Any]
) -> InstanceNetwork:
    """Pyramid, proposals and heads put together; ``picture`` holds ``backbone`` and the options of `residual_pyramid`."""
    options = dict(picture)
    pyramid = residual_pyramid(options.pop("backbone"), **options)
    width = max(16, round(1024 * options["width_mult"]))
    head = CascadeHeads(pyramid.out_channels, classes=classes, stages=stages, agnostic=agnostic, width=width, options=HeadOptions(**heads))
    return InstanceNetwork(pyramid, head, channels=pyramid.out_channels, inputs=options["inputs"], **anchors)
