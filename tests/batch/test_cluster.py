"""The same batch on a local Ray of several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from stub_work import StubWork, text_jobs

from karyokit.batch.cluster import on_cluster
from karyokit.batch.jobs import Outcome, Runner
from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads

ray = pytest.importorskip("ray", reason="Ray is not installed; pip install 'karyokit[cluster]' to run this test")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

Do = Callable[..., Results]


@pytest.fixture(autouse=True)
def _stub_is_found_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of a local Ray inherit the environment; they must find ``stub_work``."""
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(Path(__file__).parent), known])))


def local(**options: float) -> Runner:
    return partial(on_cluster, address="local", **options)


def test_killed_workers_change_nothing(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", [f"text {number}" for number in range(24)] + ["die once", "die", "bad"])
    plain = replace(stub, unfinished=tmp_path / "plain" / ".karyokit" / "unfinished", log=tmp_path / "plain.log")
    do(Results(tmp_path / "plain").of(jobs[:24], "o"), plain, in_threads)
    with Results(tmp_path / "out").of(jobs, "o") as results:
        found = list(killing(local()(results.waiting(), replace(stub, seconds=0.3)), every=5))
        for outcome in found:
            (results.add if type(outcome).__name__ == "Finished" else results.fail)(outcome)
    assert set(results.failed) == {"25.txt", "26.txt"}
    assert "25.txt: its worker process was lost (WorkerCrashedError), twice" in results.failed["25.txt"]
    for job in jobs[:24]:
        for name in ("text.txt", "name.txt"):
            assert (tmp_path / "out" / job.folder / name).read_bytes() == (tmp_path / "plain" / job.folder / name).read_bytes()
    whole, there = (json.loads((tmp_path / name / "annotations.json").read_text()) for name in ("plain", "out"))
    assert there["images"][:24] == whole["images"]
    assert there["annotations"][:24] == whole["annotations"]


def test_hanging_pictures_are_stopped(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "hang", "b"])
    results = do(Results(tmp_path / "out").of(jobs, "o"), stub, local(limit_s=15.0))
    assert (results.finished_now, set(results.failed)) == (2, {"1.txt"})
    assert "took longer than 15 s and was stopped, twice" in results.failed["1.txt"]


def test_no_cluster_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise RuntimeError("nobody\nanswers")

    monkeypatch.setattr(ray, "init", refused)
    words = r"no Ray cluster could be joined at 'a:1' \(nobody answers\)\. .* `local` to use this machine"
    with pytest.raises(ConnectionError, match=words):
        list(on_cluster([], StubWork(Path("none"), Path("none")), address="a:1"))


def killing(outcomes: Iterator[Outcome], *, every: int) -> Iterator[Outcome]:
    """Kill a Ray worker that is at work after every few outcomes; never the same picture twice, since that would fail it."""
    for count, outcome in enumerate(outcomes, start=1):
        if count % every == 0 and count <= 15:
            time.sleep(0.15)
            for process in working()[:1]:
                os.kill(process, signal.SIGKILL)
        yield outcome


def working() -> list[int]:
    """Processes of Ray's workers that are in a task and descend from this process."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split(None, 2) for line in table]
    parents = {int(row[0]): int(row[1]) for row in rows}
    busy = [int(row[0]) for row in rows if row[2].startswith("ray::_do")]
    return [process for process in busy if os.getpid() in ancestors(process, parents)]


def ancestors(process: int, parents: dict[int, int]) -> list[int]:
    """Parent, grandparent ... of a process."""
    line = []
    while process := parents.get(process, 0):
        line.append(process)
    return line
