from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_work import StubWork, text_jobs

from karyokit.batch.jobs import Finished, Job, Unwritable
from karyokit.batch.threads import in_threads


class Stages:
    """Work of the given stages."""

    def __init__(self, *stages: Callable[[Any], Any]) -> None:
        self._stages = stages

    def __call__(self, job: Job) -> Any:
        raise NotImplementedError

    def stages(self) -> tuple[Callable[[Any], Any], ...]:
        return self._stages


def jobs(count: int) -> list[Job]:
    return [Job(number, Path(f"{number}"), f"{number}", f"{number}") for number in range(count)]


def test_outcomes_come_in_order_whatever_they_are(tmp_path: Path, stub: StubWork) -> None:
    stub.unfinished.mkdir(parents=True)
    given = text_jobs(tmp_path / "in", ["a", "bad", "full", "b"])
    found = list(in_threads(given, stub))
    assert [outcome.job for outcome in found] == given
    assert [type(outcome).__name__ for outcome in found] == ["Finished", "Failed", "Unwritable", "Finished"]
    assert isinstance(found[2], Unwritable)
    assert list(in_threads([], stub)) == []


def test_stages_of_different_pictures_run_at_the_same_time() -> None:
    meet = threading.Barrier(2, timeout=5)

    def early(job: Job) -> Job:
        if job.index == 1:
            meet.wait()
        return job

    def late(job: Job) -> Finished:
        if job.index == 0:
            meet.wait()
        return Finished(job, "", "", (), {})

    assert len(list(in_threads(jobs(3), Stages(early, late)))) == 3


def test_few_pictures_are_taken_in_advance() -> None:
    taken = []

    def source() -> Any:
        for job in jobs(100):
            taken.append(job)
            yield job

    run = in_threads(source(), Stages(lambda job: job, lambda job: Finished(job, "", "", (), {})))
    next(run)
    time.sleep(0.3)
    assert len(taken) < 15
    run.close()


@pytest.mark.parametrize("where", ["source", "stage"])
def test_an_interrupt_comes_through_and_ends_the_threads(where: str) -> None:
    before = threading.active_count()

    def source() -> Any:
        yield jobs(1)[0]
        if where == "source":
            raise KeyboardInterrupt
        yield jobs(2)[1]

    def stage(job: Job) -> Finished:
        if job.index == 1:
            raise KeyboardInterrupt
        return Finished(job, "", "", (), {})

    run = in_threads(source(), Stages(stage))
    assert next(run).job.index == 0
    with pytest.raises(KeyboardInterrupt):
        next(run)
    assert threading.active_count() == before
