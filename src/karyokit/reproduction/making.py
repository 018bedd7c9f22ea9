"""Making runs: trained, scored, their figures kept; one after another or several at once."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

from karyokit.checks import problem
from karyokit.files import make_folder, write_text
from karyokit.reproduction.page import write_case_pictures
from karyokit.reproduction.protocol import Kind
from karyokit.reproduction.scoring import FinishedRun, score_of

SCORES = "scores.json"


@dataclass(frozen=True)
class Job:
    """A run to make, and the metrics that are wanted of it; equal runs of several tables are one job."""

    kind: Kind
    run: FinishedRun
    metrics: frozenset[str]

    def kept(self) -> dict[str, Any] | None:
        """Figures of an earlier call, and what it was run with, where they hold all the metrics."""
        path = self.run.folder / SCORES
        kept: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
        return kept if kept is not None and self.metrics <= set(kept["figures"]) else None


def made(jobs: Mapping[str, Job], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and kept figures of each job as it is finished."""
    if workers == 1:
        yield from ((name, _finished(job)) for name, job in jobs.items())
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        names = {pool.submit(_finished, _on_one_core(job)): name for name, job in jobs.items()}
        try:
            yield from ((names[done], done.result()) for done in as_completed(names))
        finally:
            pool.shutdown(cancel_futures=True)


def _on_one_core(job: Job) -> Job:
    """Runs side by side share the cores."""
    return replace(job, run=replace(job.run, recipe=job.run.recipe.model_copy(update={"threads": 1})))


def _finished(job: Job) -> dict[str, Any]:
    """Figures of a run of now or of an earlier call, and what it was run with."""
    make_folder(job.run.folder)
    return job.kept() or _trained_and_scored(job)


def _trained_and_scored(job: Job) -> dict[str, Any]:
    from karyokit.training.run import train
    from karyokit.training.timing import hardware

    began = time.perf_counter()
    run = job.run
    trainer = train(run.recipe, run.folder, data=run.data, device=run.device)
    scored = score_of(job.kind)(run, job.metrics)
    seconds = sum(row["seconds_per_step"] * steps for row, steps in _spans(trainer.history.rows))
    figures = {**scored.figures, "seconds": seconds, **_size_and_time(run, job.metrics)}
    if missing := sorted(job.metrics - set(figures)):
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
