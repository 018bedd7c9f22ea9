"""Seconds and peak memory of the main job on one picture, files written.

    python benchmarks/main_job.py PICTURE [RUNS]

Prints the median and the quartiles of the runs after one warm-up, and the process's peak memory.
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
        for _ in range(runs + 1):
            start = time.perf_counter()
            cell = karyokit.analyse(picture)
            analysed = time.perf_counter()
            karyokit.save_cell(cell, folder)
            seconds.append((analysed - start, time.perf_counter() - start))
    for name, values in zip(("analyse", "analyse and save"), np.array(seconds[1:]).T, strict=True):
        low, middle, high = np.percentile(values, (25, 50, 75))
        print(f"{name}: median {middle:.2f} s, quartiles {low:.2f} to {high:.2f} s")
    shape = "x".join(map(str, cell.shape[::-1]))
    print(f"{shape}, {len(cell.chromosomes)} chromosomes, peak memory {peak_memory_mb():.0f} MB, {machine()}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
