"""A folder of results says which picture each cell was made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stub_work import StubWork, text_jobs

from karyokit.batch.noted_pictures import NOTED, NotedPicture, note_pictures, noted_pictures
from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads
from karyokit.files import sha256_of


def test_a_batch_notes_the_pictures_of_its_finished_cells(tmp_path: Path, stub: StubWork, do: Callable[..., Results]) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "bad", "c"])
    do(Results(tmp_path / "out").of(jobs[:1], "o"), stub, in_threads)
    do(Results(tmp_path / "out").of(jobs[1:], "o"), stub, in_threads)
    expected = {job.name: NotedPicture(str(job.path.resolve()), sha256_of(job.path)) for job in (jobs[0], jobs[2])}
    assert noted_pictures(tmp_path / "out") == expected


def test_pictures_that_moved_before_another_run_are_noted_where_they_are(
    tmp_path: Path, stub: StubWork, do: Callable[..., Results]
) -> None:
    jobs = text_jobs(tmp_path / "in", ["a"])
    do(Results(tmp_path / "out").of(jobs, "o"), stub, in_threads)
    moved = text_jobs(tmp_path / "there", ["a"])
    assert do(Results(tmp_path / "out").of(moved, "o"), stub, in_threads).finished_now == 0
    assert noted_pictures(tmp_path / "out")[jobs[0].name].path == str(moved[0].path.resolve())


@given(content=st.one_of(st.binary(max_size=60), st.sampled_from([b"[]", b'{"a": 3}', b'{"a": {"path": 1}}', b"[" * 5000])))
@settings(max_examples=60, deadline=None)
def test_damaged_notes_are_as_none(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("noted")
    (folder / NOTED).parent.mkdir()
    (folder / NOTED).write_bytes(content)
    assert noted_pictures(folder) == {}
    note_pictures(folder, {"b": NotedPicture("/b", "00")})
    assert noted_pictures(folder) == {"b": NotedPicture("/b", "00")}
