"""Where the stand-in for the work lies."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from stub_work import StubWork

from karyokit.batch.jobs import Failed, Finished, Runner
from karyokit.batch.results import Results


@pytest.fixture
def stub(tmp_path: Path) -> StubWork:
    """Stub work for results in tmp_path/out."""
    return StubWork(tmp_path / "out" / ".karyokit" / "unfinished", tmp_path / "log")


@pytest.fixture
def do() -> Callable[..., Results]:
    """Run jobs to their end and keep what comes."""

    def run(results: Results, work: StubWork, runner: Runner) -> Results:
        with results:
            for outcome in runner(results.waiting(), work):
                if isinstance(outcome, Finished):
                    results.add(outcome)
                else:
                    assert isinstance(outcome, Failed)
                    results.fail(outcome)
        return results

    return run
