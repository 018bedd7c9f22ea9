"""A batch in several processes, each of which may die or hang without harm to the rest."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from karyokit.batch.jobs import Job, Outcome, Retries, Work

LIMIT_S = 900.0
"""Seconds after which a picture counts as hanging: many times what the largest ones take."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None
    since: float = 0.0

    def give(self, job: Job) -> None:
        """Send it a job; that it may be dead already shows when it is listened to."""
        self.job, self.since = job, time.monotonic()
        try:
            self.pipe.send(job)
        except OSError:
            self.process.kill()

    def end(self) -> None:
        """Stop it at once, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def in_processes(jobs: Iterable[Job], work: Work, *, workers: int, limit_s: float = LIMIT_S) -> Generator[Outcome]:
    """Outcomes of the jobs as they come, from ``workers`` processes with one picture each. A ``Runner`` once ``workers`` is set.

    A worker that dies, or needs longer than ``limit_s`` seconds for a picture, is replaced; its picture is tried once more, then
    reported as failed. Workers end with this process, however it ends, and on leaving.
    """
    remaining, retries = iter(jobs), Retries()
    crew: list[_Worker] = []
    try:
        while True:
            _hand_out(crew, remaining, retries, work=work, workers=workers)
            if not crew:
                return
            for worker in _heard(crew, limit_s):
                outcome = _outcome(worker, retries, limit_s)
                if worker.job is not None:
                    worker.end()
                    crew.remove(worker)
                if outcome is not None:
                    yield outcome
    finally:
        for worker in crew:
            worker.end()


def _hand_out(crew: list[_Worker], jobs: Iterator[Job], retries: Retries, *, work: Work, workers: int) -> None:
    """Give each idle worker a job; start workers that are missing, end those for which there is nothing left."""
    for worker in [worker for worker in crew if worker.job is None]:
        job = retries.next_of(jobs)
        if job is None:
            worker.end()
            crew.remove(worker)
        else:
            worker.give(job)
    while len(crew) < workers and (job := retries.next_of(jobs)):
        crew.append(_started(work))
        crew[-1].give(job)


def _heard(crew: list[_Worker], limit_s: float) -> list[_Worker]:
    """Workers that answered or died, or all that hang; waits for one of them."""
    soonest = min(worker.since for worker in crew) + limit_s - time.monotonic()
    ready = wait([source for worker in crew for source in (worker.pipe, worker.process.sentinel)], max(0.0, soonest))
    heard = [worker for worker in crew if worker.pipe in ready or worker.process.sentinel in ready]
    return heard or [worker for worker in crew if time.monotonic() - worker.since >= limit_s]


def _outcome(worker: _Worker, retries: Retries, limit_s: float) -> Outcome | None:
    """What a worker answered, after which it is idle; of one that is lost, what to report of its job, if anything."""
    job = worker.job
    assert job is not None
    try:
        if worker.pipe.poll():
            outcome: Outcome = worker.pipe.recv()
            worker.job = None
            return outcome
    except (EOFError, OSError):
        pass
    if worker.process.is_alive() and time.monotonic() - worker.since >= limit_s:
        return retries.lost(job, f"took longer than {limit_s:.0f} s and was stopped")
    worker.process.join(1)
    return retries.lost(job, f"its worker process died ({_cause(worker.process.exitcode)})")


def _cause(code: int | None) -> str:
    """Exit code in words.

    >>> _cause(-9), _cause(3)
    ('signal SIGKILL, perhaps for want of memory', 'exit code 3')
    """
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}" + (", perhaps for want of memory" if code == -9 else "")
    return f"exit code {code}"


def _started(work: Work) -> _Worker:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()
    worker = _Worker(process, here)
    here.send(work)
    return worker


def _serve(pipe: Connection) -> None:
    """A worker's life: the work, then job after job until the pipe closes. Ctrl-C is the first process's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        work: Work = pipe.recv()
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, OSError):
        sys.exit(0)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
