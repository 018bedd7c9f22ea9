"""Seconds and peak memory of the main job on one picture, files written.

    python benchmarks/main_job.py PICTURE [RUNS]

Prints the median and the quartiles of the runs after one warm-up, of all processors together as well, and the process's peak
memory. Each run writes to a folder of its own, as a batch does.
"""

from __future__ import annotations

import sys
import tempfile
import time

import numpy as np

import karyokit
from karyokit.evaluation.report import machine, peak_memory_mb


def main(picture: str, runs: int = 7) -> None:
    """Time analyse and save_cell together."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs + 1):
            start, worked = time.perf_counter(), time.process_time()
            cell = karyokit.analyse(picture)
            analysed = time.perf_counter()
            karyokit.save_cell(cell, f"{folder}/{run}")
            seconds.append((analysed - start, time.perf_counter() - start, time.process_time() - worked))
    for name, values in zip(("analyse", "analyse and save", "all processors"), np.array(seconds[1:]).T, strict=True):
        low, middle, high = np.percentile(values, (25, 50, 75))
        print(f"{name}: median {middle:.2f} s, quartiles {low:.2f} to {high:.2f} s")
    shape = "x".join(map(str, cell.shape[::-1]))
    print(f"{shape}, {len(cell.chromosomes)} chromosomes, peak memory {peak_memory_mb():.0f} MB, {machine()}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
