"""What was measured, beside what the paper says: as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from karyokit.files import write_text
from karyokit.metrics.bootstrap import fold_mean
from karyokit.reproduction.protocol import Column, PaperFigure, Row, System, Table
from karyokit.reproduction.recipes import Variant

ABSENT = "-"


@dataclass(frozen=True)
class Run:
    """One trained and scored run: its fold, the name of its folder under runs/, figures by metric, and what it was run with."""

    fold: int
    folder: str
    figures: Mapping[str, float]
    about: Mapping[str, Any]


@dataclass
class TableResult:
    """A table with the runs made so far, by the label of their row."""

    system: System
    table: Table
    variant: Variant
    command: str
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def add(self, row: Row, run: Run) -> None:
        """Keep one more run of a row, in the order of folds."""
        self.runs[row.label] = sorted([*self.runs.get(row.label, []), run], key=lambda one: one.fold)

    def ours(self, label: str, column: Column) -> tuple[float, float] | None:
        """Mean over folds and their standard deviation (NaN for one fold), in the column's unit; None where nothing was run."""
        found = [run.figures[column.metric] * column.factor for run in self.runs.get(label, []) if column.metric in run.figures]
        return fold_mean(found) if found else None

    @property
    def split(self) -> str:
        """The split in words."""
        return self.table.split if self.variant.split == "paper" else self.variant.split


def write_table(result: TableResult, folder: Path) -> None:
    """Write table_NUMBER.md, .csv and .json into ``folder``."""
    stem = folder / f"table_{result.table.number}"
    write_text(stem.with_suffix(".md"), as_markdown(result))
    write_text(stem.with_suffix(".csv"), as_csv(result))
    write_text(stem.with_suffix(".json"), json.dumps(as_record(result), indent=1, default=list) + "\n")


def cells(result: TableResult, row: Row) -> list[tuple[str, str]]:
    """For each column our figure and the paper's, as text."""
    return [
        (ours_text(result.ours(row.label, column), column.digits), paper_text(row.paper.get(name), column.digits))
        for name, column in result.table.columns.items()
    ]


def ours_text(figure: tuple[float, float] | None, digits: int) -> str:
    """The mean, with the spread over folds where there are several.

    >>> ours_text((99.123, math.nan), 2), ours_text((99.123, 0.25), 1), ours_text(None, 2)
    ('99.12', '99.1 ± 0.2', '-')
    """
    if figure is None:
        return ABSENT
    mean, spread = figure
    return f"{mean:.{digits}f}" if math.isnan(spread) else f"{mean:.{digits}f} ± {spread:.{digits}f}"


def paper_text(figure: PaperFigure | None, digits: int) -> str:
    """The paper's figure in brackets, so that it is never taken for ours.

    >>> paper_text(99.4, 2), paper_text((99.29, 0.27), 2), paper_text(None, 2)
    ('[99.40]', '[99.29 (0.27)]', '')
    """
    if figure is None:
        return ""
    if isinstance(figure, tuple):
        return f"[{figure[0]:.{digits}f} ({figure[1]:.{digits}f})]"
    return f"[{figure:.{digits}f}]"


def caption(result: TableResult) -> str:
    """What must be known to read the figures."""
    reduction = result.variant.reduction(result.system)
    hardware = sorted({str(run.about.get("hardware", "")) for runs in result.runs.values() for run in runs})
    words = [
        f"Ours without brackets; [the paper's own figures in brackets] ({result.system.reference}).",
        f"Scale {result.variant.scale}: {reduction.about}. Split {result.split}, seed {result.table.seed}.",
        f"Hardware: {'; '.join(hardware) or 'nothing run yet'}.",
    ]
    return " ".join([*words, f"Command: `{result.command}`." if result.command else "", result.table.note]).strip()


def as_markdown(result: TableResult) -> str:
    """A title, the table, and what must be known to read it."""
    heads = ["", *result.table.columns]
    lines = [f"# {result.system.title}, table {result.table.number}: {result.table.title}", "", _line(heads), _line(["---"] * len(heads))]
    lines += [_line([row.label, *(f"{ours} {paper}".strip() for ours, paper in cells(result, row))]) for row in result.table.rows]
    notes = [f"- {row.label}: {row.note}" for row in result.table.rows if row.note]
    return "\n".join([*lines, "", caption(result), *(["", *notes] if notes else [])]) + "\n"


def as_csv(result: TableResult) -> str:
    """One line per row: label, then for each column our mean, our spread and the paper's figure."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["row", *(f"{name} {what}" for name in result.table.columns for what in ("ours", "spread", "paper"))])
    for row in result.table.rows:
        values: list[Any] = [row.label]
        for name, column in result.table.columns.items():
            paper = row.paper.get(name, "")
            values += [*(result.ours(row.label, column) or ("", "")), paper[0] if isinstance(paper, tuple) else paper]
        writer.writerow(["" if isinstance(value, float) and math.isnan(value) else value for value in values])
    return stream.getvalue()


def as_record(result: TableResult) -> dict[str, Any]:
    """Everything as plain values; figures that do not exist are null."""
    return {
        "system": result.system.name,
        "reference": result.system.reference,
        "table": result.table.number,
        "title": result.table.title,
        "scale": result.variant.scale,
        "scale_in_words": result.variant.reduction(result.system).about,
        "split": result.split,
        "seed": result.table.seed,
        "command": result.command,
        "columns": {name: {"metric": column.metric, "factor": column.factor} for name, column in result.table.columns.items()},
        "rows": [_row_record(result, row) for row in result.table.rows],
    }


def _row_record(result: TableResult, row: Row) -> dict[str, Any]:
    ours = {name: result.ours(row.label, column) for name, column in result.table.columns.items()}
    runs = [{"fold": run.fold, "folder": f"runs/{run.folder}", **run.about} for run in result.runs.get(row.label, [])]
    return {
        "label": row.label,
        "ours": {name: figure and _number(figure[0]) for name, figure in ours.items()},
        "spread": {name: figure and _number(figure[1]) for name, figure in ours.items()},
        "paper": dict(row.paper),
        "note": row.note,
        "runs": runs,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"
