"""Figures with their confidence intervals, as JSON and as a table."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karyokit.files import write_text
from karyokit.metrics.bootstrap import Interval


@dataclass(frozen=True)
class Report:
    """Figures of one evaluation: what was evaluated, on which split, with which models, and one row per picture."""

    title: str
    split: str
    count: int
    command: str
    models: dict[str, str]
    figures: dict[str, Interval]
    rows: tuple[dict[str, Any], ...] = ()

    def table(self) -> str:
        """A Markdown table: figure, value, 95 % interval."""
        lines = [f"{self.title}, split `{self.split}`, {self.count} pictures", "", "| figure | value | 95 % interval |", "|---|---|---|"]
        lines += [f"| {name} | {_number(f.value)} | {_number(f.low)} to {_number(f.high)} |" for name, f in self.figures.items()]
        return "\n".join([*lines, "", f"`{self.command}`, {machine()}"])

    def write(self, path: Path) -> None:
        """The whole report as JSON, written aside and renamed."""
        figures = {name: {"value": f.value, "low": f.low, "high": f.high} for name, f in self.figures.items()}
        about = {"title": self.title, "split": self.split, "count": self.count, "command": self.command, "models": self.models}
        content = {**about, "machine": machine(), "figures": figures, "pictures": list(self.rows)}
        write_text(path, json.dumps(content, indent=1) + "\n")


def machine() -> str:
    """Processor cores and Python of this machine, in words."""
    return f"{os.cpu_count()} CPU cores, {platform.machine()}, Python {platform.python_version()}"


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def plain(values: Sequence[float]) -> Interval:
    """The median of repeated measurements with their range in place of an interval."""
    ordered = sorted(values)
    return Interval(ordered[len(ordered) // 2], ordered[0], ordered[-1])


def merged(*parts: Mapping[str, Interval]) -> dict[str, Interval]:
    """Several sets of figures as one, in order."""
    return {name: figure for part in parts for name, figure in part.items()}


def _number(value: float) -> str:
    return f"{value:.3f}"
