"""Reliability diagram of the confidences on cells of a split, and its numbers.

    python benchmarks/reliability.py DATA mfish|gband_cells SPLIT OUT [LIMIT]

Runs the main job and writes OUT.png and OUT.csv; the shares caught and flagged are figures of `karyokit evaluate`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from karyokit.data import gband_cells, mfish
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.cells import run_over
from karyokit.evaluation.reliability import draw_reliability, judged_objects, write_reliability
from karyokit.pictures import write_png
from karyokit.pipeline import analyse
from karyokit.reconstruction.confidence import doubtful_below


def cells_of(data: Path, name: str, split: str) -> Iterator[AnnotatedCell]:
    """Cells of a split of one of the two sets."""
    return {"mfish": mfish.cells, "gband_cells": gband_cells.cells}[name](data / name, split)


def main(data: str, name: str, split: str, out: str, limit: str | None = None) -> None:
    """Analyse, hold against the truth, draw."""
    cells = islice(cells_of(Path(data), name, split), int(limit) if limit else None)
    judged = [judged_objects(one.truth, one.cell) for one in run_over(cells, lambda cell: analyse(cell.image, name=cell.name))]
    title = f"{name}, split {split}, {len(judged)} cells"
    write_png(Path(f"{out}.png"), draw_reliability(judged, below=doubtful_below(), title=title))
    write_reliability(Path(f"{out}.csv"), judged)


if __name__ == "__main__":
    main(*sys.argv[1:6])
