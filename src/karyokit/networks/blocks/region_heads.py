"""What looks at the pooled features of one box: the box head and the mask head of Mask R-CNN (He et al. 2017)."""

from __future__ import annotations

from torch import Tensor, nn


class BoxHead(nn.Module):
    """(n, channels, 7, 7) -> class logits (n, classes + 1), background first, and offsets (n, 1 or classes, 4).

    Two fully connected layers of ``width``, then one for each answer; ``agnostic`` gives one set of offsets for all classes.
    """

    def __init__(self, inward: int, *, width: int, classes: int, agnostic: bool) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Flatten(), nn.Linear(inward, width), nn.ReLU(inplace=True), nn.Linear(width, width), nn.ReLU(inplace=True)
        )
        self.classify = nn.Linear(width, classes + 1)
        self.regress = nn.Linear(width, 4 if agnostic else 4 * classes)
        for layer, spread in ((self.classify, 0.01), (self.regress, 0.001)):
            nn.init.normal_(layer.weight, std=spread)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        mixed = self.mix(features)
        return self.classify(mixed).float(), self.regress(mixed).float().unflatten(1, (-1, 4))


class MaskHead(nn.Module):
    """(n, channels, 14, 14) -> mask logits (n, classes, 28, 28): four 3x3 convolutions, one step up, one 1x1 convolution."""

    def __init__(self, channels: int, *, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(4):
            layers += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.ConvTranspose2d(channels, channels, 2, stride=2), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers)
        self.decide = nn.Conv2d(channels, classes, 1)
        self.layers.apply(_start)
        nn.init.normal_(self.decide.weight, std=0.001)
        nn.init.zeros_(self.decide.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        return self.decide(self.layers(features)).float()


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]
