from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from stub_work import StubWork, text_jobs

from karyokit.batch.jobs import Failed
from karyokit.batch.processes import in_processes
from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads

Do = Callable[..., Results]


def test_two_processes_give_the_files_of_none(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", [f"text {number}" for number in range(9)] + ["bad"])
    do(Results(tmp_path / "out").of(jobs, "o"), stub, partial(in_processes, workers=2))
    other = replace(stub, unfinished=tmp_path / "plain" / ".karyokit" / "unfinished")
    do(Results(tmp_path / "plain").of(jobs, "o"), other, in_threads)
    files = sorted(path.relative_to(tmp_path / "plain") for path in (tmp_path / "plain").rglob("*.*") if ".karyokit" not in path.parts)
    assert len(files) == 19
    for path in files:
        assert (tmp_path / "plain" / path).read_bytes() == (tmp_path / "out" / path).read_bytes()
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_worker_that_dies_or_hangs_costs_its_picture_one_retry(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "die", "die once", "hang", "b", "c"])
    runner = partial(in_processes, workers=2, limit_s=8.0)
    results = do(Results(tmp_path / "out").of(jobs, "o"), stub, runner)
    assert [stub.attempts().count(job.name) for job in jobs] == [1, 2, 2, 2, 1, 1]
    assert set(results.failed) == {"1.txt", "3.txt"}
    assert "its worker process died (signal SIGKILL, perhaps for want of memory), twice" in results.failed["1.txt"]
    assert "took longer than 8 s and was stopped, twice" in results.failed["3.txt"]
    images = json.loads((tmp_path / "out" / "annotations.json").read_text())["images"]
    assert [image["file_name"] for image in images] == ["0.txt", "2.txt", "4.txt", "5.txt"]


def test_leaving_early_ends_the_workers(tmp_path: Path, stub: StubWork) -> None:
    stub.unfinished.mkdir(parents=True)
    run = in_processes(text_jobs(tmp_path / "in", ["bad", "hang"]), stub, workers=2)
    assert isinstance(next(run), Failed)
    run.close()
    assert multiprocessing.active_children() == []
