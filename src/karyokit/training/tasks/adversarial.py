"""AMFL's alternating training: a discriminator of (picture, class map) pairs, and a generator that also minimises a pair loss.

Mei et al. 2021/22, section II; order of a step as in the authors' code (systems specification 3.3): the generator runs once on the
batch, the discriminator learns from the true maps and the detached predictions, then judges the same predictions anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from karyokit.losses.adversarial import lsgan_discriminator, lsgan_generator
from karyokit.networks.patch_discriminator import PatchDiscriminator
from karyokit.training.task import Batch, Update
from karyokit.training.tasks.pairs import PairSettings, PairTask, one_hot


class AdversarialSettings(PairSettings):
    """``weight`` is the paper's lambda, the factor of the pair loss; ``factor`` the discriminator's (0.5 in the code, 1 in the paper).

    ``pooling`` is a name of ``SCORE_POOLING``; ``discriminator`` holds options of ``PatchDiscriminator``.
    """

    weight: float = Field(default=10.0, ge=0)
    factor: float = Field(default=0.5, gt=0)
    pooling: Literal["picture", "patch"] = "picture"
    discriminator: dict[str, Any] = Field(default_factory=dict)


class AdversarialPair(nn.Module):
    """A generator and its discriminator in one; called, it is the generator."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.stride = int(generator.stride)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return self.generator(x)


class AdversarialTask(PairTask):
    """Pairs with two updates a step. The discriminator is used in training only; validation is that of the pairs task."""

    settings: AdversarialSettings

    def wrapped(self, generator: nn.Module) -> AdversarialPair:
        """The generator beside a fresh discriminator of the settings' options."""
        return AdversarialPair(generator, PatchDiscriminator(self.settings.inputs, **self.settings.discriminator))

    def updates(self, network: nn.Module) -> Sequence[Update]:
        assert isinstance(network, AdversarialPair)
        game = _Game(network, self)
        return (
            Update(list(network.discriminator.parameters()), game.discriminator_loss, "discriminator_loss"),
            Update(list(network.generator.parameters()), game.generator_loss),
        )


class _Game:
    """The predictions of one batch, kept from the discriminator's update for the generator's."""

    def __init__(self, network: AdversarialPair, task: AdversarialTask) -> None:
        self.network, self.task = network, task
        self.logits = self.fake = torch.zeros(0)

    def discriminator_loss(self, batch: Batch) -> Tensor:
        images, labels = batch
        self.logits = self.network.generator(images).float()
        self.fake = torch.softmax(self.logits, dim=1)
        real = one_hot(labels).to(images.dtype)
        scores = [self.network.discriminator(images, maps).float() for maps in (real, self.fake.detach())]
        return lsgan_discriminator(*scores, factor=self.task.settings.factor, pooling=self.task.settings.pooling)

    def generator_loss(self, batch: Batch) -> Tensor:
        images, labels = batch
        scores = self.network.discriminator(images, self.fake).float()
        with torch.autocast(images.device.type, enabled=False):
            fooled = lsgan_generator(scores, pooling=self.task.settings.pooling)
            return fooled + self.task.settings.weight * self.task.loss(self.logits, labels)
