"""How long a network takes, and on what hardware."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

WARM_UP = 20
"""Runs before the clock starts."""
RUNS = 100
"""Runs that are timed."""


@torch.no_grad()
def milliseconds(network: nn.Module, shape: tuple[int, ...], *, limit_s: float = 30.0) -> float:
    """Median time in ms of one forward pass for an input of ``shape`` (n, channels, rows, columns), with random values.

    The device is synchronised around every run and loading is not counted. After 20 runs of warm-up 100 are
    measured, or as many as fit into ``limit_s`` seconds, warm-up included; always one. Source: systems specification 8.7.
    """
    device = next(network.parameters()).device
    picture = torch.rand(shape, device=device).to(memory_format=torch.channels_last)
    began = time.perf_counter()
    times: list[float] = []
    for run in range(WARM_UP + RUNS):
        start = time.perf_counter()
        network(picture)
        synchronise(device)
        if run >= WARM_UP or time.perf_counter() - began > limit_s / 2:
            times.append(1e3 * (time.perf_counter() - start))
        if times and time.perf_counter() - began > limit_s:
            break
    return float(np.median(times))


def pictures_per_second(step: Callable[[], object], batch: int, device: torch.device, *, steps: int = 10, warm_up: int = 3) -> float:
    """Pictures a second of a training ``step`` over ``batch`` pictures: the median of ``steps`` after the warm-up."""
    times = []
    for number in range(warm_up + steps):
        start = time.perf_counter()
        step()
        synchronise(device)
        if number >= warm_up:
            times.append(time.perf_counter() - start)
    return batch / float(np.median(times))


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def hardware(device: str = "cpu") -> str:
    """The device in words: the accelerator's name, or the processor's with the threads in use."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.processor() or platform.machine())}, {torch.get_num_threads()} threads of {os.cpu_count()}"
