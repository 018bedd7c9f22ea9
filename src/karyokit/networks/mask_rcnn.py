"""Mask R-CNN, the baseline of KEMR-Net's table: the same pyramid and proposals with one stage of heads.

He et al. 2017. torchvision's own class cannot leave the masks of box-only chromosomes out of its loss and keeps unused outputs for
the background, so its parts are put together here; a test holds that the heads answer like torchvision's `RoIHeads`.
"""

from __future__ import annotations

from typing import Any

from karyokit.networks.blocks.cascade_heads import ONE_STAGE
from karyokit.networks.cascade_mask_rcnn import InstanceNetwork, assemble


def mask_rcnn(
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
    """The one-stage network with boxes per class; 62,963,286 trained values as it stands. Options as in `cascade_mask_rcnn`."""
    picture = {"backbone": backbone, "width_mult": width_mult, "norm": norm, "inputs": inputs, "weights": weights}
    return assemble(picture, stages=ONE_STAGE, agnostic=False, classes=classes, anchors=anchors or {}, heads=heads or {})
