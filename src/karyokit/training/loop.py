"""The one training loop: steps, averaged weights, validation, checkpoints, and resume to the same result."""

from __future__ import annotations

import copy
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from karyokit.training.history import History
from karyokit.training.recipe import Recipe
from karyokit.training.task import Task

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"


class Trainer:
    """State of one run in ``folder``; ``run`` goes on from the last checkpoint if there is one.

    A step draws its batch from (seed, step) alone and every random layer is reseeded with them, so a run that was
    killed and resumed gives the same weights as one that was not.
    """

    def __init__(self, recipe: Recipe, network: nn.Module, task: Task, folder: Path, device: str = "cpu") -> None:
        if recipe.threads:
            torch.set_num_threads(recipe.threads)
        self.recipe, self.task, self.folder, self.device = recipe, task, Path(folder), torch.device(device)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(_groups(self.network, recipe.weight_decay), lr=recipe.learning_rate)
        self.history = History(self.folder)
        self.step, self.best = 0, -math.inf
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, until: int | None = None) -> nn.Module:
        """Train up to step ``until`` (default: the recipe's steps) and return the averaged network."""
        self._resume()
        last = min(until or self.recipe.steps, self.recipe.steps)
        losses: list[float] = []
        start = time.perf_counter()
        while self.step < last:
            losses.append(self._one_step())
            if self.step % self.recipe.validate_every == 0 or self.step == self.recipe.steps:
                self._validate(float(np.mean(losses)), (time.perf_counter() - start) / len(losses))
                losses, start = [], time.perf_counter()
            if self.step % self.recipe.checkpoint_every == 0 or self.step == last:
                self._save()
        return self.averaged

    def _one_step(self) -> float:
        recipe = self.recipe
        torch.manual_seed(hash((recipe.seed, self.step)) % 2**31)
        batch = self.task.batch(np.random.default_rng([recipe.seed, self.step]), recipe.batch)
        inputs, *targets = (_place(tensor, self.device) for tensor in batch)
        self._set_rate()
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            output = self.network(inputs)
        loss = self.task.loss(output.float(), *targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.gradient_clip)
        self.optimizer.step()
        self.step += 1
        self._average()
        return float(loss.detach())

    def _set_rate(self) -> None:
        """Linear warm-up, then half a cosine down to a hundredth."""
        recipe = self.recipe
        warm = min(1.0, (self.step + 1) / max(recipe.warmup, 1))
        share = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.step / recipe.steps))
        for group in self.optimizer.param_groups:
            group["lr"] = recipe.learning_rate * warm * share

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        for mean, value in zip(self.averaged.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)

    @torch.no_grad()
    def _validate(self, loss: float, seconds: float) -> None:
        figures = {name: float(value) for name, value in self.task.validate(self.averaged).items()}
        self.history.add(step=self.step, loss=loss, seconds_per_step=seconds, **figures)
        if figures[self.task.better] > self.best:
            self.best = figures[self.task.better]
            _write({"network": self.averaged.state_dict(), "step": self.step, "figures": figures}, self.folder / BEST)

    def _save(self) -> None:
        state = {"network": self.network.state_dict(), "averaged": self.averaged.state_dict(), "optimizer": self.optimizer.state_dict()}
        _write({**state, "step": self.step, "best": self.best, "history": self.history.rows}, self.folder / CHECKPOINT)

    def _resume(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.is_file():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best = state["step"], state["best"]
        self.history.restore(state["history"])


def _groups(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels, none for biases and normalisation."""
    parameters = list(network.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _place(tensor: Tensor, device: torch.device) -> Tensor:
    layout = torch.channels_last if tensor.ndim == 4 else torch.preserve_format
    return tensor.to(device, memory_format=layout)


def _write(state: dict[str, Any], path: Path) -> None:
    aside = path.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(path)
