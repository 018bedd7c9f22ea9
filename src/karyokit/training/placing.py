"""Bringing a batch, whatever its form, to a device."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def placed(batch: Any, device: torch.device) -> Any:
    """A copy of a nest of tuples, lists and dicts with its tensors on ``device``; pictures (four axes) lie channels last.

    >>> placed({"a": [torch.zeros(2)]}, torch.device("cpu"))
    {'a': [tensor([0., 0.])]}
    """
    if isinstance(batch, Tensor):
        layout = torch.channels_last if batch.ndim == 4 else torch.preserve_format
        return batch.to(device, memory_format=layout, non_blocking=True)
    if isinstance(batch, dict):
        return {key: placed(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(placed(value, device) for value in batch)
    return batch
