"""A batch on a Ray cluster. All machines must see the pictures and the output folder under the same paths."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from karyokit.batch.jobs import Job, Outcome, Retries, Work
from karyokit.batch.processes import LIMIT_S


def on_cluster(jobs: Iterable[Job], work: Work, *, address: str, limit_s: float = LIMIT_S) -> Generator[Outcome]:
    """Outcomes of the jobs as they come, one task per picture and processor core. A ``Runner`` once ``address`` is set.

    ``address`` is that of a running cluster (``auto`` finds the one this machine belongs to), or ``local`` for one that is started
    on this machine and ends with the batch. A picture whose worker dies, or which needs longer than ``limit_s`` seconds, is tried
    once more, then reported as failed. Raises ``ConnectionError`` where there is no cluster at the address.
    """
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        _join(ray, address)
        yield from _outcomes(ray, iter(jobs), work, limit_s=limit_s)
    finally:
        ray.shutdown()


def _join(ray: Any, address: str) -> None:
    try:
        ray.init(address, include_dashboard=False if address == "local" else None, logging_level=logging.CRITICAL, log_to_driver=False)
    except Exception as error:  # Ray's errors share no class here: a bad address, a cluster of another version, a start that failed
        why = " ".join(str(error).split()) or type(error).__name__
        do = "Check that it runs (`ray status`), or give `local` to use this machine alone."
        raise ConnectionError(f"no Ray cluster could be joined at {address!r} ({why}). {do}") from error


def _outcomes(ray: Any, jobs: Iterator[Job], work: Work, *, limit_s: float) -> Generator[Outcome]:
    task = ray.remote(num_cpus=1, max_retries=0)(_do)
    shared, most, retries = ray.put(work), max(1, int(ray.cluster_resources().get("CPU", 1))), Retries()
    running: dict[Any, tuple[Job, float]] = {}
    while True:
        while len(running) < most and (job := retries.next_of(jobs)):
            running[task.remote(shared, job)] = job, time.monotonic()
        if not running:
            return
        late = min(since for _, since in running.values()) + limit_s - time.monotonic()
        done, _ = ray.wait(list(running), num_returns=1, timeout=max(0.0, late))
        for reference in done or [one for one, (_, since) in running.items() if time.monotonic() - since >= limit_s]:
            job, _ = running.pop(reference)
            outcome = _outcome(ray, reference, job, retries, finished=bool(done), limit_s=limit_s)
            if outcome is not None:
                yield outcome


def _outcome(ray: Any, reference: Any, job: Job, retries: Retries, *, finished: bool, limit_s: float) -> Outcome | None:
    if not finished:
        ray.cancel(reference, force=True)
        return retries.lost(job, f"took longer than {limit_s:.0f} s and was stopped")
    try:
        outcome: Outcome = ray.get(reference)
        return outcome
    except ray.exceptions.RayError as error:
        return retries.lost(job, f"its worker process was lost ({type(error).__name__})")


def _do(work: Work, job: Job) -> Outcome:
    return work(job)
