"""Running a batch of pictures: where it runs, its progress bar, what is printed of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from karyokit.cli.errors import Stopped
from karyokit.cli.progress import progress_bar, report
from karyokit.files import OutputError

if TYPE_CHECKING:
    from karyokit.batch.jobs import Outcome, Runner, Work
    from karyokit.batch.results import Results

MOST_WORKERS = 8
"""Processes used unasked: each takes up to a gigabyte."""
PICTURES_EACH = 2
"""Pictures that make up for starting a process."""


@dataclass(frozen=True)
class Place:
    """Where work is done: in this process, in ``workers`` processes, or on the ``cluster``; ``ValueError`` for both of these."""

    workers: int | None
    cluster: str | None
    threads: int | None

    def __post_init__(self) -> None:
        if self.workers and self.cluster:
            raise ValueError("`--workers` and `--cluster` exclude one another: a cluster uses all of its cores. Leave one out.")

    def for_pictures(self, count: int) -> Place:
        """This place; where nothing was asked for, with a process for each core that ``count`` pictures keep busy."""
        workers = min(_cores(), count // PICTURES_EACH, MOST_WORKERS)
        asked = self.workers or self.cluster or self.threads
        return self if asked or workers < 2 else replace(self, workers=workers)

    @property
    def threads_each(self) -> int | None:
        """Cores for one picture: those asked for, else one where several pictures are worked on at once."""
        return self.threads or (1 if self.workers or self.cluster else None)

    def runner(self) -> Runner:
        """What runs the work there."""
        from karyokit.batch.cluster import on_cluster
        from karyokit.batch.processes import in_processes
        from karyokit.batch.threads import in_threads

        if self.cluster:
            return partial(on_cluster, address=self.cluster)
        return partial(in_processes, workers=self.workers) if self.workers else in_threads


def _cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_batch(results: Results, work: Work, runner: Runner, *, debug: bool) -> None:
    """Do what is waiting in ``results``; failures are named at once, one line for each cell that was finished at the end.

    Raises ``OutputError`` where results cannot be written, since that would befall every picture. Ctrl-C raises ``Stopped``
    with the number of cells finished and where they lie.
    """
    summaries: dict[int, str] = {}
    try:
        with progress_bar("Pictures", len(results.jobs)) as (bar, task), closing(runner(results.waiting(), work)) as outcomes:
            for outcome in outcomes:
                _settle(outcome, results, summaries, partial(report, bar.console, debug=debug))
                bar.update(task, completed=results.finished_before + results.finished_now + len(results.failed))
            bar.update(task, completed=len(results.jobs))
    except KeyboardInterrupt:
        count = f"{results.finished_before + len(summaries)} of {len(results.jobs)}"
        raise Stopped(f"Stopped. {count} finished; what is finished is kept in {results.folder}.") from None
    finally:
        for place in sorted(summaries):
            typer.echo(summaries[place])


def _settle(outcome: Outcome, results: Results, summaries: dict[int, str], named: Callable[[str, str, str], None]) -> None:
    from karyokit.batch.jobs import Failed, Finished

    job = outcome.job
    if isinstance(outcome, Finished):
        results.add(outcome)
        summaries[job.index] = f"{job.path}: {outcome.summary} -> {results.folder / job.folder}"
    elif isinstance(outcome, Failed):
        results.fail(outcome)
        named(str(job.path), outcome.reason, outcome.trace)
    else:
        raise OutputError(outcome.reason)
