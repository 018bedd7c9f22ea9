"""What a task gives the loop: batches, a loss and a validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from torch import Tensor, nn


class Task(Protocol):
    """One kind of training. ``better`` names the validation figure that chooses the best weights (larger is better)."""

    better: str

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, ...]:
        """Input and targets of one step, drawn with ``rng`` alone."""

    def loss(self, output: Tensor, *targets: Tensor) -> Tensor:
        """Scalar loss of the network's output."""

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on the validation split; the network is in evaluation mode, without gradients."""
