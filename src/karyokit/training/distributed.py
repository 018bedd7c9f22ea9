"""Training by several processes, as `torchrun` starts them: each takes its share of every batch, all hold the same weights.

    torchrun --standalone --nproc-per-node 2 --no-python karyokit train RECIPE

Seeds: every process starts from the same weights (``recipe.seed``) and draws the same whole batch from (seed, step), of which it
takes its share, so the pictures of a step do not depend on the number of processes. Random layers are seeded with (seed, step) in
the first process and (seed, step, rank) in the others. A loss that is a mean over samples then gives the gradients of one
process, up to rounding; losses over a whole batch (Lovász, counts of positives) and batch normalisation see one share at a time.

Gradients are summed here, not by torch's DistributedDataParallel: it follows one forward pass of one module, whereas tasks call
their networks as they need (a generator and its discriminator, several passes a step).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

Value = TypeVar("Value")


@contextmanager
def joined(device: str) -> Iterator[str]:
    """Join the other processes where `torchrun` started this one, by gloo on the CPU and NCCL on CUDA; gives this process's device."""
    if not distributed.is_torchelastic_launched():
        yield device
        return
    cuda = torch.device(device).type == "cuda"
    own = f"cuda:{os.environ['LOCAL_RANK']}" if cuda else device
    if cuda:
        torch.cuda.set_device(own)
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield own
    finally:
        distributed.destroy_process_group()


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together: ``rank`` of ``count``; one alone by default."""

    rank: int = 0
    count: int = 1

    @classmethod
    def current(cls) -> Ranks:
        """Those joined, or this process alone."""
        if distributed.is_available() and distributed.is_initialized():
            return cls(distributed.get_rank(), distributed.get_world_size())
        return cls()

    @property
    def first(self) -> bool:
        """Whether this is the process that validates and writes."""
        return self.rank == 0

    def seed(self, seed: int, step: int) -> int:
        """Seed of the random layers of a step."""
        return hash((seed, step) if self.first else (seed, step, self.rank)) % 2**31

    def share(self, batch: Any) -> tuple[Any, float]:
        """This process's samples of a nest of tensors and lists, and the part of all samples that they are.

        Where there are fewer samples than processes, some get the first sample with the weight 0.

        >>> Ranks(1, 2).share((torch.arange(5), ["a", "b", "c", "d", "e"]))
        ((tensor([2, 3, 4]), ['c', 'd', 'e']), 0.6)
        """
        if self.count == 1:
            return batch, 1.0
        samples = _samples(batch)
        start, stop = (place * samples // self.count for place in (self.rank, self.rank + 1))
        return _part(batch, slice(start, max(stop, start + 1)) if stop > start else slice(0, 1), samples), (stop - start) / samples

    def sum_gradients(self, parameters: Sequence[nn.Parameter], loss: Tensor, weight: float) -> Tensor:
        """Replace each gradient by the weighted sum over all processes; returns the same sum of the losses.

        A parameter that no process has a gradient of keeps none.
        """
        if self.count == 1:
            return loss
        held = loss.new_tensor([parameter.grad is not None for parameter in parameters], dtype=torch.float32)
        gradients = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
        pieces = [*(gradient.float().reshape(-1) for gradient in gradients), loss.reshape(1).float()]
        flat = torch.cat([torch.cat(pieces) * weight, held])
        distributed.all_reduce(flat)
        *sums, mean, held = flat.split([piece.numel() for piece in pieces] + [len(parameters)])
        for parameter, total, holders in zip(parameters, sums, held.tolist(), strict=True):
            parameter.grad = total.view(parameter.shape).to(parameter.dtype) if holders else None
        return mean[0]

    def from_first(self, value: Value) -> Value:
        """The first process's value, in every process."""
        if self.count == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box, src=0)
        return box[0]


def _samples(batch: Any) -> int:
    """Length of the first tensor or list in the nest."""
    if isinstance(batch, Tensor | list):
        return len(batch)
    return _samples(next(iter(batch.values())) if isinstance(batch, dict) else batch[0])


def _part(batch: Any, window: slice, samples: int) -> Any:
    if isinstance(batch, dict):
        return {key: _part(value, window, samples) for key, value in batch.items()}
    if isinstance(batch, tuple):
        return tuple(_part(value, window, samples) for value in batch)
    whole = isinstance(batch, Tensor | list) and not (isinstance(batch, Tensor) and batch.ndim == 0) and len(batch) == samples
    return batch[window] if whole else batch
