"""What a task gives the loop: batches, updates and a validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

Batch = Any
"""Any nest of tuples, lists and dicts of tensors; the loop brings the tensors to its device."""


@dataclass(frozen=True)
class Update:
    """One change of ``parameters`` against the scalar ``loss`` of a batch; the loop keeps an optimiser for each.

    The updates of a step are done in order, so that the loss of the second sees what the first has changed. ``name`` is
    the loss's column in the log.
    """

    parameters: Sequence[nn.Parameter]
    loss: Callable[[Batch], Tensor]
    name: str = "loss"


class Task(Protocol):
    """One kind of training.

    ``better`` names the validation figure that chooses the best weights, steers schedules and stops early: larger is
    better, or smaller where the name has a minus sign before it (``-val_loss``).
    """

    better: str

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """One step's batch, drawn with ``rng`` alone."""

    def updates(self, network: nn.Module) -> Sequence[Update]:
        """What a step changes; the last update's loss must be named ``loss``."""

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on the validation split; the network is in evaluation mode, without gradients."""


@runtime_checkable
class FiniteTask(Protocol):
    """A task over a fixed number of ``samples``: the loop shuffles them anew for every epoch and takes batches in that order."""

    samples: int

    def place(self, device: torch.device) -> None:
        """Bring the samples to the device, where that is worth it."""

    def take(self, indices: np.ndarray, rng: np.random.Generator) -> Batch:
        """The batch of the samples with these numbers; ``rng`` is for augmentation."""


def supervised(network: nn.Module, loss: Callable[..., Tensor]) -> tuple[Update]:
    """The one update of a network whose batches are (inputs, *targets): ``loss(output, *targets)``, in single precision."""

    def of_batch(batch: Batch) -> Tensor:
        inputs, *targets = batch
        output = network(inputs)
        with torch.autocast(output.device.type, enabled=False):
            return loss(output.float(), *targets)

    return (Update(list(network.parameters()), of_batch),)


def merit(figures: Mapping[str, float], better: str) -> float:
    """The figure that ``better`` names, turned so that larger is better.

    >>> merit({"val_loss": 0.2, "iou": 0.9}, "-val_loss"), merit({"iou": 0.9}, "iou")
    (-0.2, 0.9)
    """
    return -figures[better[1:]] if better.startswith("-") else figures[better]
