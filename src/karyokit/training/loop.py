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

from karyokit.checks import problem
from karyokit.training.distributed import Ranks
from karyokit.training.history import History
from karyokit.training.placing import placed
from karyokit.training.recipe import Recipe, in_steps
from karyokit.training.schedules import has_stalled, learning_rate
from karyokit.training.task import Batch, FiniteTask, Task, Update, merit

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


class Trainer:
    """State of one run in ``folder``; ``run`` goes on from the last checkpoint if there is one.

    A step draws its batch from (seed, step) alone and every random layer is reseeded with them, so a run that was
    killed and resumed gives the same weights as one that was not. Several processes that joined (``training.distributed``) share
    each batch; the first of them validates and writes. A step does the task's updates one after another, each
    with an optimiser of its own: one for supervised tasks, two for a generator and its discriminator.
    """

    def __init__(self, recipe: Recipe, network: nn.Module, task: Task, folder: Path, device: str = "cpu") -> None:
        if recipe.threads:
            torch.set_num_threads(recipe.threads)
        self.recipe, self.ranks = in_steps(recipe, _samples(task)), Ranks.current()
        self.task, self.folder, self.device = task, Path(folder), torch.device(device)
        if isinstance(task, FiniteTask):
            task.place(self.device)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.network).eval().requires_grad_(False)
        if recipe.compile:
            self.network.compile()
        self.updates = tuple(task.updates(self.network))
        self.optimizers = [_optimizer(recipe, update) for update in self.updates]
        self.history = History(self.folder)
        self.step, self.best, self.merits = 0, -math.inf, list[float]()
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def finished(self) -> bool:
        """Whether the recipe's steps are done or the run has stopped gaining."""
        return self.step >= self.recipe.steps or has_stalled(self.recipe, self.merits)

    def run(self, until: int | None = None) -> nn.Module:
        """Train up to step ``until`` (default: the recipe's steps) and return the averaged network."""
        self._resume()
        last = min(until or self.recipe.steps, self.recipe.steps)
        losses: list[list[Tensor]] = []
        start = time.perf_counter()
        while self.step < last and not self.finished:
            losses.append(self._one_step())
            if self.step % self.recipe.validate_every == 0 or self.step == self.recipe.steps:
                self._validate(_means(self.updates, losses), start, len(losses))
                losses, start = [], time.perf_counter()
            if self.step % self.recipe.checkpoint_every == 0 or self.step == last or self.finished:
                self._save()
        self._copy_average()
        if self.ranks.first:
            self.history.draw()
        return self.averaged

    def _one_step(self) -> list[Tensor]:
        recipe = self.recipe
        torch.manual_seed(self.ranks.seed(recipe.seed, self.step))
        share, weight = self.ranks.share(self._batch())
        batch = placed(share, self.device)
        rate = learning_rate(recipe, self.step, self.merits)
        self.network.train()
        losses = [self._update(*pair, batch, rate, weight=weight) for pair in zip(self.updates, self.optimizers, strict=True)]
        self.step += 1
        self._average()
        return losses

    def _batch(self) -> Batch:
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, self.step])
        if not isinstance(self.task, FiniteTask):
            return self.task.batch(rng, recipe.batch)
        epoch, place = divmod(self.step, -(-self.task.samples // recipe.batch))
        order = np.random.default_rng([recipe.seed, epoch]).permutation(self.task.samples)
        return self.task.take(order[place * recipe.batch : (place + 1) * recipe.batch], rng)

    def _update(self, update: Update, optimizer: torch.optim.Optimizer, batch: Batch, rate: float, *, weight: float) -> Tensor:
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
            loss = update.loss(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        total = self.ranks.sum_gradients(update.parameters, loss.detach(), weight)
        if self.recipe.gradient_clip:
            nn.utils.clip_grad_norm_(update.parameters, self.recipe.gradient_clip)
        optimizer.step()
        return total

    def _average(self) -> None:
        if self.recipe.average:
            self._blend(min(self.recipe.average, (1 + self.step) / (10 + self.step)))

    def _copy_average(self) -> None:
        """Without averaging the averaged network is a copy, made only when someone looks at it."""
        if not self.recipe.average:
            self._blend(0.0)

    @torch.no_grad()
    def _blend(self, keep: float) -> None:
        for mean, value in zip(self.averaged.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point and keep:
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)

    @torch.no_grad()
    def _validate(self, losses: dict[str, float], start: float, steps: int) -> None:
        if not math.isfinite(losses["loss"]):
            do = "Lower `learning_rate`, set `gradient_clip`, or use precision float32."
            raise FloatingPointError(problem("loss", "be finite", f"{losses['loss']} at step {self.step}", do))
        self._copy_average()
        seconds = (time.perf_counter() - start) / steps
        figures = self.ranks.from_first(self._figures() if self.ranks.first else {})
        if self.ranks.first:
            self.history.add(step=self.step, **losses, seconds_per_step=seconds, **figures)
        self.merits.append(merit(figures, self.task.better))
        if self.merits[-1] > self.best:
            self.best = self.merits[-1]
            if self.ranks.first:
                _write({"network": self.averaged.state_dict(), "step": self.step, "figures": figures}, self.folder / BEST)

    def _figures(self) -> dict[str, float]:
        return {name: float(value) for name, value in self.task.validate(self.averaged).items()}

    def _save(self) -> None:
        if not self.ranks.first:
            return
        averaged = self.averaged.state_dict() if self.recipe.average else {}
        state = {"network": self.network.state_dict(), "averaged": averaged, "optimizers": [each.state_dict() for each in self.optimizers]}
        figures = {"step": self.step, "best": self.best, "merits": self.merits, "history": self.history.rows}
        _write({**state, **figures}, self.folder / CHECKPOINT)

    def _resume(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.is_file():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        if state["averaged"]:
            self.averaged.load_state_dict(state["averaged"])
        for optimizer, stored in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
        self.step, self.best, self.merits = state["step"], state["best"], list(state["merits"])
        self.history.restore(state["history"])


def _samples(task: Task) -> int:
    return task.samples if isinstance(task, FiniteTask) else 0


def _optimizer(recipe: Recipe, update: Update) -> torch.optim.Optimizer:
    groups = _groups(update.parameters, recipe.weight_decay)
    fused = True if update.parameters[0].is_cuda else None
    return OPTIMIZERS[recipe.optimizer](groups, lr=recipe.learning_rate, betas=recipe.betas, fused=fused)  # type: ignore[call-arg]


def _groups(parameters: Any, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels, none for biases and normalisation."""
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _means(updates: tuple[Update, ...], losses: list[list[Tensor]]) -> dict[str, float]:
    """Mean of each update's loss since the last validation, by name."""
    means = torch.tensor([[float(loss) for loss in step] for step in losses]).mean(dim=0)
    return {update.name: float(mean) for update, mean in zip(updates, means, strict=True)}


def _write(state: dict[str, Any], path: Path) -> None:
    aside = path.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(path)
