"""COCO's run lengths, checked before they are decoded (pycocotools gives uninitialised memory where they do not add up)."""

from __future__ import annotations

from typing import Any

import numpy as np

from karyokit.checks import problem


def columns_of(rle: dict[str, Any]) -> tuple[int, np.ndarray]:
    """First used column, and the (rows, used columns) bool mask from there on; ``rle`` has ``size`` (rows, columns) and ``counts``.

    ``counts`` is COCO's compressed string or a list of runs, background first, down the columns. Only the columns in use are laid out;
    an empty mask gives (0, a mask without columns). Raises ``ValueError`` for runs that do not add up to the size.
    """
    rows, columns = (int(side) for side in rle["size"])
    counts = rle["counts"]
    runs = np.asarray(_decoded(counts) if isinstance(counts, str) else [int(one) for one in counts], np.int64)
    if runs.ndim != 1 or (runs < 0).any() or runs.sum() != rows * columns:
        got = f"{runs.size} runs of {int(runs.sum()) if runs.ndim == 1 else '?'} pixels"
        raise ValueError(problem("counts", f"add up to {columns} x {rows} pixels", got, "Export it again."))
    ends = np.cumsum(runs)
    starts, stops = (ends - runs)[1::2], ends[1::2]
    used = stops > starts
    if not used.any():
        return 0, np.zeros((rows, 0), bool)
    starts, stops = starts[used], stops[used]
    first, last = starts[0] // rows, (stops[-1] - 1) // rows
    change = np.zeros((last - first + 1) * rows + 1, np.int8)
    np.add.at(change, starts - first * rows, 1)
    np.add.at(change, stops - first * rows, -1)
    return int(first), np.cumsum(change[:-1], dtype=np.int8).reshape(-1, rows).T.astype(bool)


def _decoded(text: str) -> list[int]:
    """Run lengths of COCO's string: 6 bits a character from "0" on, 5 of them value, differences to the run before last."""
    runs: list[int] = []
    value = place = 0
    for code in text.encode("ascii"):
        bits = code - 48
        if not 0 <= bits < 64 or place > 30:
            raise ValueError(problem("counts", "be COCO's compressed run lengths", repr(text[:40]), "Export it again."))
        value |= (bits & 31) << place
        place += 5
        if not bits & 32:
            runs.append(value - (1 << place if bits & 16 else 0) + (runs[-2] if len(runs) > 2 else 0))
            value = place = 0
    if place:
        raise ValueError(problem("counts", "end with a whole number", repr(text[-40:]), "The file is cut off; export it again."))
    return runs
