"""Instances: density -> boxes and overlapping masks of chromosomes. The task of Mask R-CNN and of KEMR-Net's detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.chromosomes import stack_masks
from karyokit.data.instance_crops import InstanceCropOptions, crop_instances
from karyokit.data.instance_samples import INSTANCE_SOURCES, InstanceSample
from karyokit.metrics.instance_report import PictureScore, instance_report, score_picture
from karyokit.networks.blocks.instance_records import Target
from karyokit.training.recipe import Strict
from karyokit.training.task import Batch, Update
from karyokit.training.tasks.instance_prediction import find_instances
from karyokit.training.tasks.separation import SourceChoice


class RefineChoice(Strict):
    """Refinement of masks by a CRF whose parameters are learnt on ``examples`` detections in the training pictures of ``learn_on``.

    ``coarse`` and ``rounds`` are those of ``SearchSpace``; scales are in pixels of the picture, not of the network.
    """

    learn_on: SourceChoice
    examples: int = Field(default=100, gt=0)
    coarse: dict[str, tuple[float, ...]] = Field(
        default_factory=lambda: {"w1": (1.0, 3.0, 10.0), "s_a": (5.0, 15.0), "s_b": (5.0, 15.0, 45.0)}
    )
    rounds: int = 2


class InstanceSettings(Strict):
    """Where pictures come from and how they are cut.

    ``train``, ``validate_on`` and ``test_on`` name ``INSTANCE_SOURCES``; ``crop`` holds options of ``InstanceCropOptions``, whose
    ``magnify`` is used for whole pictures, too. ``counted_from`` is the score from which a detection counts for IA, ``level`` the
    probability from which a pixel belongs to its mask. ``test_on`` and ``refine`` are for scoring and change no weight.
    """

    train: tuple[SourceChoice, ...]
    validate_on: SourceChoice
    test_on: SourceChoice | None = None
    refine: RefineChoice | None = None
    crop: dict[str, Any] = Field(default_factory=dict)
    counted_from: float = 0.5
    level: float = 0.5


class InstanceTask:
    """Random crops with boxes and masks; validated on whole pictures by COCO's mask AP."""

    better = "mask_ap"

    def __init__(self, settings: InstanceSettings, data: str) -> None:
        self.settings = settings
        self.crop = crop_options(settings)
        self.train = [read_source(source, data, "train") for source in settings.train]
        shares = np.array([source.share for source in settings.train])
        self.shares = shares / shares.sum()
        self.held_out = read_source(settings.validate_on, data, "val")

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """``pictures`` (n, 1, side, side); lists with one tensor per picture: ``boxes``, ``masks`` (uint8) and ``has_mask``."""
        crops = []
        for _ in range(size):
            samples = self.train[rng.choice(len(self.train), p=self.shares)]
            crops.append(crop_instances(samples[int(rng.integers(len(samples)))], rng, self.crop))
        return {
            "pictures": torch.from_numpy(np.stack([crop.density for crop in crops])),
            "boxes": [torch.from_numpy(crop.boxes) for crop in crops],
            "masks": [torch.from_numpy(crop.masks.astype(np.uint8)) for crop in crops],
            "has_mask": [torch.from_numpy(crop.has_mask) for crop in crops],
        }

    def updates(self, network: nn.Module) -> Sequence[Update]:
        """One: the sum of the network's own losses."""
        return (Update(list(network.parameters()), lambda batch: instance_loss(network, batch)),)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """The figures of `instance_report` on the validation pictures."""
        return instance_report([self.score(network, sample) for sample in self.held_out])

    def score(self, network: nn.Module, sample: InstanceSample) -> PictureScore:
        """Score of the network's answer for one picture."""
        found = find_instances(network, sample.density, magnify=self.crop.magnify)
        truth = stack_masks(sample.known_regions(), sample.shape)
        masks = found.masks(self.settings.level)
        return score_picture(truth, masks, boxes=found.boxes, scores=found.scores, counted_from=self.settings.counted_from)


def read_source(source: SourceChoice, data: str, split: str) -> Sequence[InstanceSample]:
    """The samples of a split; an unknown source lists the known ones."""
    return lookup(INSTANCE_SOURCES, source.name, "source")(data, split, **source.options)


def crop_options(settings: InstanceSettings) -> InstanceCropOptions:
    """The crop's options; ``ValueError`` names an unknown one."""
    known = {field.name: field for field in fields(InstanceCropOptions)}
    for name in settings.crop:
        lookup(known, name, "crop option")
    return InstanceCropOptions(**settings.crop)


def instance_loss(network: nn.Module, batch: Batch) -> Tensor:
    """Scalar: all losses of an instance network added up."""
    losses: dict[str, Tensor] = network.losses(batch["pictures"], targets_of(batch))  # type: ignore[operator]
    return torch.stack(list(losses.values())).sum()


def targets_of(batch: Batch) -> list[Target]:
    """The `Target` of every picture of a batch; all chromosomes have label 1."""
    return [
        Target(boxes, torch.ones(len(boxes), dtype=torch.int64, device=boxes.device), masks, has_mask)
        for boxes, masks, has_mask in zip(batch["boxes"], batch["masks"], batch["has_mask"], strict=True)
    ]
