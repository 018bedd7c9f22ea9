from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from stub_work import StubWork, text_jobs

from karyokit.batch.jobs import Finished, Job
from karyokit.batch.results import Results
from karyokit.batch.threads import in_threads
from karyokit.files import OutputError

Do = Callable[..., Results]


def names(folder: Path) -> list[str]:
    return [image["file_name"] for image in json.loads((folder / "annotations.json").read_text())["images"]]


def finished(stub: StubWork, job: Job) -> Finished:
    outcome = stub(job)
    assert isinstance(outcome, Finished)
    return outcome


def test_cells_annotations_and_failures_of_a_batch(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", ["aa", "bad", "b"])
    results = do(Results(tmp_path / "out").of(jobs, "o"), stub, in_threads)
    assert (results.finished_before, results.finished_now, len(results.failed)) == (0, 2, 1)
    document = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert [image["id"] for image in document["images"]] == [1, 2]
    assert [(one["id"], one["image_id"]) for one in document["annotations"]] == [(1, 1), (2, 2)]
    assert document["info"]["failed"] == [{"file_name": "1.txt", "reason": f"{jobs[1].path}: is bad."}]
    assert (tmp_path / "out" / "2" / "text.txt").read_text() == "b"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".karyokit", "0", "2", "annotations.json"]
    assert sorted(path.name for path in (tmp_path / "out" / ".karyokit").iterdir()) == [
        "journal.jsonl",
        "lock",
        "pictures.json",
        "unfinished",
    ]


def test_only_what_changed_is_done_again(tmp_path: Path, stub: StubWork, do: Do) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "b", "c", "d", "bad"])
    do(Results(tmp_path / "out").of(jobs, "o"), stub, in_threads)
    stub.log.unlink()
    jobs[1].path.write_text("other")
    shutil.rmtree(tmp_path / "out" / "2")
    jobs[3] = Job(3, jobs[3].path, "renamed.txt", "3")
    results = do(Results(tmp_path / "out").of(jobs, "o"), stub, in_threads)
    assert stub.attempts() == ["1.txt", "2.txt", "renamed.txt", "4.txt"]
    assert (results.finished_before, results.finished_now) == (1, 3)
    assert names(tmp_path / "out") == ["0.txt", "1.txt", "2.txt", "renamed.txt"]
    assert (tmp_path / "out" / "1" / "text.txt").read_text() == "other"


@pytest.mark.parametrize(("options", "resume", "again"), [("o", True, 0), ("other", True, 2), ("o", False, 2)])
def test_other_options_and_starting_anew_do_all(tmp_path: Path, stub: StubWork, do: Do, options: str, resume: bool, again: int) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "b"])
    do(Results(tmp_path / "out").of(jobs, "o"), stub, in_threads)
    assert do(Results(tmp_path / "out", resume=resume).of(jobs, options), stub, in_threads).finished_now == again


def test_order_is_that_of_the_pictures_then_of_earlier_calls(tmp_path: Path, stub: StubWork) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "b", "c"])
    with Results(tmp_path / "out").of(jobs, "o") as results:
        for job in reversed(jobs):
            results.add(finished(stub, job))
    assert names(tmp_path / "out") == ["0.txt", "1.txt", "2.txt"]
    with Results(tmp_path / "out").of([jobs[1]], "o") as results:
        assert list(results.waiting()) == []
    assert names(tmp_path / "out") == ["1.txt", "2.txt", "0.txt"]


@pytest.mark.parametrize(("number", "step"), [(0, "replace"), (1, "rename")])
def test_an_end_between_journal_and_renaming_loses_nothing(
    tmp_path: Path, stub: StubWork, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "b"])
    out = tmp_path / "out"
    with Results(out).of(jobs, "o") as results:
        results.add(finished(stub, jobs[0]))
    jobs[0].path.write_text("changed")

    def interrupted() -> None:
        with Results(out).of(jobs, "o") as results:
            cell = finished(stub, jobs[number])
            with monkeypatch.context() as broken:
                broken.setattr(Path, step, lambda *_: pytest.exit("killed"))
                results.add(cell)

    with pytest.raises(pytest.exit.Exception):
        interrupted()
    assert not (out / "1").exists()
    assert (out / "0" / "text.txt").read_text() == "a"
    with Results(out).of(jobs, "o") as results:
        assert [job.index for job in results.waiting()] == [1 - number]
    assert (out / str(number) / "text.txt").read_text() == ("changed", "b")[number]
    assert list((out / ".karyokit" / "unfinished").iterdir()) == []


def test_what_was_left_half_done_is_cleared(tmp_path: Path, stub: StubWork) -> None:
    jobs = text_jobs(tmp_path / "in", ["a"])
    stub.unfinished.mkdir(parents=True)
    left = finished(stub, jobs[0])
    with Results(tmp_path / "out").of(jobs, "o") as results:
        assert not (stub.unfinished / left.aside).exists()
        assert list(results.waiting()) == jobs


def test_a_replaced_cell_keeps_foreign_files_only(tmp_path: Path, stub: StubWork) -> None:
    jobs = text_jobs(tmp_path / "in", ["a"])
    with Results(tmp_path / "out").of(jobs, "o") as results:
        results.add(finished(stub, jobs[0]))
    (tmp_path / "out" / "0" / "mine.txt").write_text("mine")
    with Results(tmp_path / "out", resume=False).of(jobs, "o") as results:
        cell = finished(stub, jobs[0])
        (stub.unfinished / cell.aside / "name.txt").unlink()
        results.add(Finished(cell.job, cell.aside, cell.picture, ("text.txt",), cell.coco))
    assert sorted(path.name for path in (tmp_path / "out" / "0").iterdir()) == ["mine.txt", "text.txt"]


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        Results(tmp_path / "out").of([], "o"),
        pytest.raises(OutputError, match="another run is writing to this folder"),
        Results(tmp_path / "out").of([], "o"),
    ):
        pass
    with Results(tmp_path / "out").of([], "o"):
        pass


def test_a_folder_that_went_away_stops_the_batch(tmp_path: Path, stub: StubWork) -> None:
    jobs = text_jobs(tmp_path / "in", ["a", "b"])

    def run() -> None:
        with Results(tmp_path / "out").of(jobs, "o") as results:
            cell = finished(stub, jobs[0])
            shutil.rmtree(tmp_path / "out")
            results.add(cell)

    with pytest.raises(OutputError, match=r"cannot be written .* run again"):
        run()
    assert not (tmp_path / "out").exists()


def test_annotations_are_written_ever_less_often(tmp_path: Path, stub: StubWork, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    plain = Results.compose
    monkeypatch.setattr(Results, "compose", lambda self: (written.append(self.finished_now), plain(self)))
    jobs = text_jobs(tmp_path / "in", ["a"] * 105)
    with Results(tmp_path / "out").of(jobs, "o") as results:
        for job in jobs:
            results.add(finished(stub, job))
    assert written[:10] == list(range(10))
    assert written[-1] == 105
    assert len(written) < 40
    assert len(names(tmp_path / "out")) == 105
