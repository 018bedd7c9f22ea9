"""The log of a run: one row per validation, as CSV, JSON and curves."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

DRAW_EVERY = 20.0
"""Seconds between two drawings of the curves."""


class History:
    """Rows of figures kept in ``folder`` as log.csv, log.json and, redrawn now and then, curves.png."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.rows: list[dict[str, Any]] = []
        self._drawn = time.monotonic()

    def add(self, **row: float) -> None:
        """Append a row and rewrite the files."""
        self.rows.append({key: round(float(value), 6) for key, value in row.items()})
        self._write()

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take the rows of a checkpoint."""
        self.rows = list(rows)

    def _write(self) -> None:
        with (self.folder / "log.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[-1]))
            writer.writeheader()
            writer.writerows(self.rows)
        (self.folder / "log.json").write_text(json.dumps(self.rows, indent=1) + "\n")
        if time.monotonic() - self._drawn > DRAW_EVERY:
            self.draw()

    def draw(self) -> None:
        """Draw the curves of the rows so far; nothing where there are none."""
        if not self.rows:
            return
        self._drawn = time.monotonic()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 4))
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        steps = [row["step"] for row in self.rows]
        for key in self.rows[-1]:
            if key not in ("step", "seconds_per_step"):
                (left if key.endswith("loss") else right).plot(steps, [row[key] for row in self.rows], label=key)
        for axes, title in ((left, "losses"), (right, "validation")):
            axes.set(xlabel="step", title=title)
            if axes.lines:
                axes.legend(fontsize=7)
        figure.tight_layout()
        figure.savefig(self.folder / "curves.png", dpi=90)
