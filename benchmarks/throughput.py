"""Pictures a second of `karyokit karyotype`, how it scales with workers, where the time goes, and what many cells cost.

    python benchmarks/throughput.py FOLDER [-n PICTURES] [--workers 1 2] [-o docs/throughput.md]

Stages are timed in this process with one thread, batches as commands of their own, start and loading of the models included.
Processor seconds hardly depend on what else the machine does, wall time does; the page says how busy the machine was.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from karyokit import pipeline
from karyokit.evaluation.report import machine
from karyokit.files import write_text
from karyokit.inference import separation_maps
from karyokit.pictures import list_pictures, read_picture
from karyokit.pipeline.models import model_for
from karyokit.staining import chromosome_width, resolve_stain, to_density

STAGES = ("decoding", "density", "network", "reconstruction", "naming", "writing")
MANY = (1_000, 1_000_000)


def main() -> None:
    """Measure, print the page and write it where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("folder", type=Path)
    options.add_argument("-n", "--pictures", type=int, default=8)
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("-o", "--output", type=Path)
    given = options.parse_args()
    every = list_pictures([given.folder])
    paths = every[:: max(1, len(every) // given.pictures)][: given.pictures]
    load = os.getloadavg()[0]
    stages = stage_seconds(paths)
    batches = [batch(paths, workers) for workers in (0, *given.workers)]
    command = f"python benchmarks/throughput.py {' '.join(sys.argv[1:])}"
    page = "\n".join([*_opening(paths, load, command), *_stage_table(stages), *_batch_table(batches), *_cost_table(batches[1])]) + "\n"
    print(page)
    if given.output:
        write_text(given.output, page)


def stage_seconds(paths: Sequence[Path]) -> np.ndarray:
    """(pictures, stages, 2) processor and wall seconds of each stage, after one picture to warm up."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate((paths[0], *paths)):
            rows.append(_stages_of(path, f"{folder}/{number}"))
    return np.array(rows[1:])


def _stages_of(path: Path, folder: str) -> list[np.ndarray]:
    clock = _Clock()
    picture = clock("decoding", read_picture, path)
    stain = resolve_stain("auto", picture.pixels)
    density = clock("density", to_density, picture.pixels, stain)
    width = clock("width", chromosome_width, density)
    clock("network", separation_maps, model_for("separation", stain, None, 1), density, width)
    cell = clock("separate", pipeline.separate, picture, stain=stain, threads=1)
    cell = clock("naming", pipeline.name_chromosomes, cell, model_for("classification", stain, None, 1))
    clock("writing", pipeline.save_cell, cell, folder)
    taken = clock.seconds
    taken["density"] = taken["density"] + taken["width"]
    taken["reconstruction"] = np.maximum(taken["separate"] - taken["density"] - taken["network"], 0)
    return [taken[stage] for stage in STAGES]


class _Clock:
    """Calls functions and keeps the processor and wall seconds they took, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, np.ndarray] = {}

    def __call__(self, name: str, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        start = np.array([time.process_time(), time.perf_counter()])
        result = function(*arguments, **options)
        self.seconds[name] = np.array([time.process_time(), time.perf_counter()]) - start
        return result


@dataclass(frozen=True)
class Batch:
    """One command over all pictures; ``workers`` 0 is the command's own process. Memory of the largest process, disk of all cells."""

    workers: int
    pictures: int
    wall_s: float
    processor_s: float
    memory_mb: float
    disk_mb: float

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / self.wall_s


def batch(paths: Sequence[Path], workers: int) -> Batch:
    """Run `karyokit karyotype` with one thread a process."""
    start = "from karyokit.cli import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", start, "karyotype", *map(str, paths), "-o", folder, "--threads", "1"]
        before, began = _children(), time.perf_counter()
        done = subprocess.run(command + (["--workers", str(workers)] if workers else []), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"A batch did not end well: {done.stderr}")
        wall, used = time.perf_counter() - began, _children() - before
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2 ** (20 if sys.platform == "darwin" else 10)
    return Batch(workers, len(paths), wall, used, memory, disk / 2**20)


def _children() -> float:
    """Processor seconds of all commands run so far, their own workers included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _opening(paths: Sequence[Path], load: float, command: str) -> list[str]:
    about = f"{len(paths)} pictures of `{paths[0].parent.name}`, {machine()}; load average {load:.1f} before."
    busy = "Other work kept the machine busy: processor seconds hold, wall times, pictures a second and efficiency do not."
    return ["# Throughput of the main job", "", about, *([busy] if load > 0.5 else []), "", f"`{command}`", ""]


def _stage_table(stages: np.ndarray) -> list[str]:
    processor, wall = stages.mean(axis=0).T
    rows = zip(STAGES, processor, processor / processor.sum(), wall, strict=True)
    lines = [f"| {name} | {seconds:.2f} | {share:.0%} | {real:.2f} |" for name, seconds, share, real in rows]
    head = ["## Where the time goes", "", "| stage | processor s a picture | share | wall s a picture |", "|---|---|---|---|"]
    return [*head, *lines, f"| all | {processor.sum():.2f} | 100% | {wall.sum():.2f} |", ""]


def _batch_table(batches: Sequence[Batch]) -> list[str]:
    one = batches[1]
    head = ["## Whole batches", "", "Efficiency: pictures a second over those of one worker times the number of workers.", ""]
    head += ["| workers | pictures/s | efficiency | processor s a picture | largest process, MB |", "|---|---|---|---|---|"]
    lines = []
    for each in batches:
        efficiency = f"{each.rate / (each.workers * one.rate):.0%}" if each.workers else "-"
        name = each.workers or "none (stages in threads)"
        lines.append(f"| {name} | {each.rate:.3f} | {efficiency} | {each.processor_s / each.pictures:.2f} | {each.memory_mb:.0f} |")
    return [*head, *lines, ""]


def _cost_table(one: Batch) -> list[str]:
    seconds, disk = one.processor_s / one.pictures, one.disk_mb / one.pictures
    head = [
        "## What many cells cost",
        "",
        f"From one worker's {seconds:.2f} processor s and {disk:.2f} MB a cell, start included.",
        "",
    ]
    head += ["| cells | core hours | days on 2 cores | hours on 64 cores | results, GB |", "|---|---|---|---|---|"]
    lines = []
    for cells in MANY:
        hours = cells * seconds / 3600
        lines.append(f"| {cells:,} | {hours:,.1f} | {hours / 48:,.1f} | {hours / 64:,.1f} | {cells * disk / 1024:,.1f} |")
    return [*head, *lines, "", "Cores are taken to be fully used; the efficiency above says what sharing a machine costs."]


if __name__ == "__main__":
    main()
