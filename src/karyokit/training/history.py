"""The log of a run: one row per validation, as CSV, JSON and curves."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


class History:
    """Rows of figures kept in ``folder`` as log.csv, log.json and curves.png."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.rows: list[dict[str, Any]] = []

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
        self._draw()

    def _draw(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 4))
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        steps = [row["step"] for row in self.rows]
        left.plot(steps, [row["loss"] for row in self.rows])
        left.set(xlabel="step", ylabel="training loss")
        for key in self.rows[-1]:
            if key not in ("step", "loss", "seconds_per_step"):
                right.plot(steps, [row[key] for row in self.rows], label=key)
        right.set(xlabel="step", title="validation")
        right.legend(fontsize=7)
        figure.tight_layout()
        figure.savefig(self.folder / "curves.png", dpi=90)
