"""Running the tables of a system: every row and fold is trained, scored, kept, and shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from karyokit.checks import lookup, problem
from karyokit.files import make_folder, write_text
from karyokit.reproduction.honest import all_tables
from karyokit.reproduction.page import write_case_pictures, write_page
from karyokit.reproduction.protocol import Row, System, Table
from karyokit.reproduction.recipes import Variant, digest, recipe_of
from karyokit.reproduction.results import Run, TableResult, write_table
from karyokit.reproduction.scoring import FinishedRun, score_of
from karyokit.reproduction.tables import read_system

SCORES = "scores.json"


@dataclass(frozen=True)
class Request:
    """What to run: a system, some of its tables (all where none is named), some rows, a scale, a split, where and with what."""

    system: str
    out: Path
    tables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    variant: Variant = field(default_factory=Variant)
    device: str = "cpu"
    data: str = ""
    command: str = ""


def reproduce(request: Request, say: Callable[[str], None] = lambda _: None) -> Path:
    """Run the tables of a request; returns the folder OUT/SYSTEM with index.html and the tables in three forms.

    Finished runs of an earlier call are kept, a killed one is gone on with, and the page is written anew after every run. Raises
    ``ValueError`` for an unknown system, table, row, scale or split before anything is trained.
    """
    system = read_system(request.system)
    results = [TableResult(system, table, request.variant, request.command) for table in _tables(system, request)]
    plans = [(result, row, fold) for result in results for row in _rows(result.table, request) for fold in _folds(result, row, request)]
    for result, row, fold in plans:
        recipe_of(system, result.table, row, fold=fold, variant=request.variant)
    folder = make_folder(Path(request.out) / system.name)
    for number, (result, row, fold) in enumerate(plans, start=1):
        say(f"[{number}/{len(plans)}] table {result.table.number}: {row.label}, fold {fold}")
        result.add(row, _one_run(system, result.table, row, fold, request))
        write_table(result, folder)
        write_page(system, results, folder)
    return folder


def _one_run(system: System, table: Table, row: Row, fold: int, request: Request) -> Run:
    from karyokit.data.sources import data_folder

    recipe = recipe_of(system, table, row, fold=fold, variant=request.variant)
    folder = make_folder(Path(request.out) / system.name / "runs" / f"{recipe.network.name}-{digest(recipe)}")
    metrics = {column.metric for column in table.columns.values()}
    kept = _kept(folder, metrics)
    if kept is None:
        run = FinishedRun(recipe, folder, data_folder(request.data), request.device)
        kept = _trained_and_scored(system, run, metrics)
    return Run(fold, folder.name, kept["figures"], kept["about"])


def _trained_and_scored(system: System, run: FinishedRun, metrics: Collection[str]) -> dict[str, Any]:
    from karyokit.training.run import train
    from karyokit.training.timing import hardware

    began = time.perf_counter()
    trainer = train(run.recipe, run.folder, data=run.data, device=run.device)
    scored = score_of(system.kind)(run, metrics)
    seconds = sum(row["seconds_per_step"] * steps for row, steps in _spans(trainer.history.rows))
    figures = {**scored.figures, "seconds": seconds, **_size_and_time(run, metrics)}
    if missing := sorted(set(metrics) - set(figures)):
        raise ValueError(problem("metric", f"be one of {sorted(figures)}", missing, "Correct the table's columns."))
    about = {
        "hardware": hardware(run.device),
        "seconds_of_training": round(seconds, 1),
        "seconds_of_last_call": round(time.perf_counter() - began, 1),
        "steps": trainer.step,
        "seed": run.recipe.seed,
        "settings": run.recipe.settings,
        "network": run.recipe.network.model_dump(),
    }
    write_case_pictures(scored.cases, run.folder)
    kept = {"figures": figures, "about": about}
    write_text(run.folder / SCORES, json.dumps(kept, indent=1, default=list) + "\n")
    return kept


def _size_and_time(run: FinishedRun, metrics: Collection[str]) -> Mapping[str, float]:
    """Parameters, and milliseconds for one picture where they are wanted."""
    from karyokit.networks import parameter_count
    from karyokit.training.run import best_network
    from karyokit.training.timing import milliseconds

    network, _ = best_network(run.recipe, run.folder, run.device)
    sized = {"parameters": float(parameter_count(network))}
    if "ms" not in metrics:
        return sized
    side = 88 if run.recipe.settings.get("padding") == "crop_88" else 128
    return {**sized, "ms": milliseconds(network, (1, int(run.recipe.settings.get("inputs", 1)), side, side))}


def _spans(rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """Every row of the log with the number of steps it stands for."""
    ends = [0, *(int(row["step"]) for row in rows)]
    return [(row, end - start) for row, start, end in zip(rows, ends, ends[1:], strict=False)]


def _kept(folder: Path, metrics: Collection[str]) -> dict[str, Any] | None:
    """Scores of an earlier call, where they hold all the metrics."""
    path = folder / SCORES
    kept: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    return kept if kept is not None and set(metrics) <= set(kept["figures"]) else None


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
