"""BiSeNet (version 1) on a ResNet-18: a spatial path of three convolutions beside a deep context path; one of AMFL's baselines.

Yu et al. 2018 (ECCV), figures 2 and 3. Widths follow the reading whose parameters come to AMFL's 12.43M: 1x1 convolutions in the
attention modules and a fusion straight to the class maps. 513,000 of the 12.43M are ResNet-18's unused layer for
1,000 classes, which public code keeps; it is not built here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.normed_convolution import normed_convolution
from karyokit.networks.blocks.residual_stages import WIDTHS, ResidualStages
from karyokit.networks.blocks.widths import scaled_widths


class BiSeNetV1(nn.Module):
    """(n, inputs, rows, columns) grey 0..1 -> (n, outputs, rows, columns) logits; rows and columns multiples of ``stride``.

    Training needs two pictures or more in a batch: the attention modules normalise one value per channel and picture.
    """

    def __init__(self, inputs: int = 1, outputs: int = 4, *, width_mult: float = 1.0, backbone: str = "resnet18") -> None:
        super().__init__()
        self.stride = 32
        a, b, c = scaled_widths((64, 128, 256), width_mult)
        self.spatial = nn.Sequential(*(normed_convolution(x, y, stride=2) for x, y in ((inputs, a), (a, b), (b, c))))
        self.context = ResidualStages(backbone, inputs, widths=scaled_widths(WIDTHS, width_mult))
        deep = self.context.channels[2:]
        self.refine = nn.ModuleList(AttentionRefinement(width) for width in deep)
        self.fuse = FeatureFusion(c + sum(deep), outputs)
        self.head = nn.Conv2d(outputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        detail = self.spatial(x)
        middle, last = self.context(x)[2:]
        whole = last.mean(dim=(2, 3), keepdim=True)
        refined = (self.refine[0](middle), self.refine[1](last) * whole)
        wide = [functional.interpolate(part, size=detail.shape[2:], mode="bilinear", align_corners=False) for part in refined]
        logits = self.head(self.fuse(torch.cat([detail, *wide], dim=1)))
        return functional.interpolate(logits, size=x.shape[2:], mode="bilinear", align_corners=False)


class AttentionRefinement(nn.Module):
    """Scales every channel by sigmoid(BN(1x1(mean over the picture)))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Sequential(nn.Conv2d(width, width, 1), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.weigh(x.mean(dim=(2, 3), keepdim=True)))


class FeatureFusion(nn.Module):
    """3x3 convolution of the joined paths, plus itself times a weight per channel from its mean over the picture."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.mix = normed_convolution(inward, outward)
        self.weigh = nn.Sequential(nn.Conv2d(outward, outward, 1), nn.ReLU(), nn.Conv2d(outward, outward, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        x = self.mix(x)
        return x + x * self.weigh(x.mean(dim=(2, 3), keepdim=True))
