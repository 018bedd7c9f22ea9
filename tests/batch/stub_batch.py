"""A batch of the stub work as a process of its own: FOLDER with texts, OUT, WORKERS (0: in this process), seconds a text."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from stub_work import StubWork

from karyokit.batch.jobs import Finished, Job
from karyokit.batch.processes import in_processes
from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads


def main(folder: Path, out: Path, workers: int, seconds: float) -> None:
    """Do all texts; print the resident memory in kB after every hundredth one."""
    paths = sorted(folder.iterdir())
    work = StubWork(out / ".karyokit" / "unfinished", out.with_suffix(".log"), seconds)
    jobs = [Job(number, path, path.name, path.stem) for number, path in enumerate(paths)]
    runner = partial(in_processes, workers=workers) if workers else in_threads
    with Results(out).of(jobs, "options") as results:
        for outcome in runner(results.waiting(), work):
            assert isinstance(outcome, Finished)
            results.add(outcome)
            if results.finished_now % 100 == 0:
                print(resident_kb(), flush=True)


def resident_kb() -> int:
    """Resident memory of this process (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
