"""Fitting a line, by this process or by all that `torchrun` starts: FOLDER, batch size; weights go to FOLDER/rank_N.pt."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from karyokit.training.distributed import Ranks, joined
from karyokit.training.loop import Trainer
from karyokit.training.recipe import NetworkChoice, Recipe
from karyokit.training.task import Update, supervised


class Line:
    """Fit y = 2x; validation is minus the error."""

    better = "fit"

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, ...]:
        x = torch.from_numpy(rng.normal(size=(size, 3)).astype(np.float32))
        return x, 2 * x.sum(1, keepdim=True)

    def updates(self, network: nn.Module) -> Sequence[Update]:
        return supervised(network, nn.functional.mse_loss)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        return {"fit": -float(nn.functional.mse_loss(network(torch.ones(4, 3)), torch.full((4, 1), 6.0)))}


def main(folder: Path, batch: int) -> None:
    """Train for 12 steps with validation, plateau schedule and clipping; store this process's weights and gradients."""
    values = {"name": "line", "task": "line", "network": NetworkChoice(name="line"), "steps": 12, "batch": batch, "learning_rate": 0.02}
    values |= {"validate_every": 4, "checkpoint_every": 6, "warmup": 2, "schedule": "plateau", "plateau_patience": 1}
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 8), nn.GELU(), nn.Linear(8, 1))
    with joined("cpu"):
        ranks = Ranks.current()
        trainer = Trainer(Recipe.model_validate(values), network, Line(), folder, "cpu")
        trainer.run()
        gradients = [parameter.grad for parameter in network.parameters()]
        rows = [{key: value for key, value in row.items() if key != "seconds_per_step"} for row in trainer.history.rows]
        torch.save({"weights": network.state_dict(), "gradients": gradients, "rows": rows}, folder / f"rank_{ranks.rank}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
