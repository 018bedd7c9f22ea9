"""Running the tables of a system: every row and fold is made once, kept, and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from karyokit.checks import lookup, problem
from karyokit.data.sources import data_folder
from karyokit.files import make_folder
from karyokit.reproduction.honest import all_tables
from karyokit.reproduction.making import Job, made
from karyokit.reproduction.page import write_page
from karyokit.reproduction.protocol import Row, System, Table
from karyokit.reproduction.recipes import Variant, digest, recipe_of
from karyokit.reproduction.results import Run, TableResult, write_table
from karyokit.reproduction.scoring import FinishedRun
from karyokit.reproduction.tables import read_system


@dataclass(frozen=True)
class Request:
    """What to run: a system, some of its tables (all where none is named), some rows, a scale, a split, where and with what.

    ``workers`` runs are made at once, in processes of their own; those of one worker in this process.
    """

    system: str
    out: Path
    tables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    variant: Variant = field(default_factory=Variant)
    device: str = "cpu"
    data: str = ""
    command: str = ""
    workers: int = 1


@dataclass(frozen=True)
class _Place:
    """Where the figures of a run belong: a row of a table, and a fold."""

    result: TableResult
    row: Row
    fold: int

    def fill(self, name: str, kept: Mapping[str, Any]) -> None:
        """Show the figures of the run of that name."""
        self.result.add(self.row, Run(self.fold, name, kept["figures"], kept["about"]))

    def __str__(self) -> str:
        return f"table {self.result.table.number}: {self.row.label}, fold {self.fold}"


def reproduce(request: Request, say: Callable[[str], None] = lambda _: None) -> Path:
    """Run the tables of a request; returns the folder OUT/SYSTEM with index.html and the tables in three forms.

    Finished runs of an earlier call are kept and shown, also of rows that are not wanted now; a killed one is gone on with, and the
    page is written anew after every run. Raises ``ValueError`` for an unknown system, table, row, scale or split before anything
    is trained.
    """
    system = read_system(request.system)
    results = [TableResult(system, table, request.variant, request.command) for table in _tables(system, request)]
    wanted = {result.table.number: {row.label for row in _rows(result.table, request)} for result in results}
    awaited: dict[str, list[_Place]] = {}
    jobs: dict[str, Job] = {}
    for place, job in _places(system, results, request):
        name = job.run.folder.name
        if place.row.label in wanted[place.result.table.number]:
            awaited.setdefault(name, []).append(place)
            jobs[name] = replace(job, metrics=job.metrics | jobs.get(name, job).metrics)
        elif kept := job.kept():
            place.fill(name, kept)
    folder = make_folder(Path(request.out) / system.name)
    say(f"Runs to make: {len(jobs)}.")
    for number, (name, kept) in enumerate(made(jobs, request.workers), start=1):
        for place in awaited[name]:
            place.fill(name, kept)
            write_table(place.result, folder)
        write_page(system, results, folder)
        say(f"[{number}/{len(jobs)}] made: {'; '.join(map(str, awaited[name]))}")
    return folder


def _places(system: System, results: Sequence[TableResult], request: Request) -> list[tuple[_Place, Job]]:
    """Every row that has a network and every fold, with the run that it needs."""
    found = []
    data = data_folder(request.data)
    for result in results:
        metrics = frozenset(column.metric for column in result.table.columns.values())
        for row in (row for row in result.table.rows if row.network):
            for fold in _folds(result, row, request):
                recipe = recipe_of(system, result.table, row, fold=fold, variant=request.variant)
                folder = Path(request.out) / system.name / "runs" / f"{recipe.network.name}-{digest(recipe)}"
                run = FinishedRun(recipe, folder, data, request.device)
                found.append((_Place(result, row, fold), Job(system.kind, run, metrics)))
    return found


def _tables(system: System, request: Request) -> list[Table]:
    known = {table.number: table for table in all_tables(system)}
    return [lookup(known, number, "table") for number in request.tables] or list(known.values())


def _rows(table: Table, request: Request) -> list[Row]:
    """The rows to run: those with a network, and of these the wanted ones."""
    known = {row.label: row for row in table.rows if row.network}
    if not request.rows:
        return list(known.values())
    wanted = [label for value in request.rows for label in ([value] if value in known else value.split(","))]
    if len(request.tables) == 1:
        return [lookup(known, label, "row") for label in wanted]
    return [row for label, row in known.items() if label in wanted]


def _folds(result: TableResult, row: Row, request: Request) -> tuple[int, ...]:
    """The table's folds, as many as the scale takes; one where another split is used, which has one."""
    reduction = request.variant.reduction(result.system)
    other = request.variant.split != "paper" or "split" in row.settings
    if request.variant.split != "paper" and result.system.kind != "pairs":
        raise ValueError(problem("split", "be 'paper' for this system", repr(request.variant.split), "Leave --split out."))
    count = 1 if other else reduction.folds
    return result.table.folds[: count or None]
