"""A damaged journal of a batch never stops the next run, and what it still says is complete."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from stub_work import StubWork, text_jobs

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mangling import Damage, damages

from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, phases=[Phase.generate])
@given(damage=damages)
def test_a_run_after_damage_does_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory, do: Callable[..., Results], damage: Damage
) -> None:
    place = tmp_path_factory.mktemp("batch")
    jobs, work = text_jobs(place / "in", ["a", "b", "c"]), StubWork(place / "out" / ".karyokit" / "unfinished", place / "log", 0.0)
    do(Results(place / "out").of(jobs, "o"), work, in_threads)
    journal = place / "out" / ".karyokit" / "journal.jsonl"
    journal.write_bytes(damage(journal.read_bytes()))
    results = do(Results(place / "out").of(jobs, "o"), work, in_threads)
    assert results.finished_before + results.finished_now == 3
    assert len(json.loads((place / "out" / "annotations.json").read_text())["images"]) >= 3
    assert all((place / "out" / job.folder / "text.txt").read_text() == job.path.read_text() for job in jobs)
