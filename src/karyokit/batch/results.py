"""The folder of a batch's results: finished cells, their annotations, and the journal that says what is finished.

A cell's files are written to a folder of their own under ``.karyokit/unfinished``. To finish it, one line goes to the journal and
then the folder is renamed to its place; a line whose folder was not renamed yet is completed when the results are opened again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from karyokit.batch.jobs import Failed, Finished, Job
from karyokit.batch.journal import Journal, writing
from karyokit.batch.noted_pictures import NotedPicture, note_pictures
from karyokit.exchange.coco import join_coco
from karyokit.files import OutputError, make_folder, sha256_of

ANNOTATIONS = "annotations.json"
STATE = ".karyokit"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of a finished cell without reading its line again; ``identity``: picture, options and name together."""

    place: int
    identity: tuple[str, str, str]
    aside: str


class Results:
    """Results in ``folder``; ``with results.of(jobs, options)`` opens them, for one process at a time.

    ``options`` is a digest of all that decides about a result beside the picture. A picture is finished when a cell of the same
    bytes, options and name lies in its folder; ``resume=False`` takes none for finished. ``annotations.json`` holds the finished
    cells of ``jobs`` in their order, then those of earlier calls. It is composed anew whenever a tenth more is finished, and on
    leaving, an error or an interrupt included. Raises ``OutputError`` where the folder cannot be written or is in use.
    """

    def __init__(self, folder: str | Path, *, resume: bool = True) -> None:
        self.folder, self.resume = Path(folder), resume
        self.jobs: Sequence[Job] = ()
        self.options = ""
        self.finished_before = self.finished_now = 0
        self.failed: dict[str, str] = {}
        self._entries: dict[str, _Entry] = {}
        self._pending = 0
        self._placing = ""

    @property
    def unfinished(self) -> Path:
        """Where cells are written before they are put in place."""
        return self.folder / STATE / "unfinished"

    def of(self, jobs: Sequence[Job], options: str) -> Self:
        """The same, for these jobs with these options."""
        self.jobs, self.options = jobs, options
        return self

    def __enter__(self) -> Self:
        make_folder(self.unfinished)
        self._lock = FileLock(self.folder / STATE / "lock")
        with writing(self.folder):
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                do = "Wait for it, or choose another output folder."
                raise OutputError(f"{self.folder}: another run is writing to this folder. {do}") from None
        self._journal = Journal(self.folder / STATE / "journal.jsonl")
        self._read_journal()
        if not (self.folder / ANNOTATIONS).exists():
            self.compose()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            with suppress(*([OutputError] if error else [])):  # the first message is the one that counts
                self.compose()
        finally:
            self._journal.close()
            self._clear()
            self._lock.release()

    def waiting(self) -> Iterator[Job]:
        """Jobs that are not finished, in their order; pictures with a finished cell are read to see whether they are the same."""
        for job in self.jobs:
            if self._is_finished(job):
                self.finished_before += 1
            else:
                yield job

    def add(self, cell: Finished) -> None:
        """Put a finished cell in its place; files of an earlier cell there that were not written again are removed, others stay."""
        job = cell.job
        earlier = self._entries.get(job.folder)
        stale = sorted(set(self._journal.read(earlier.place)["files"]) - set(cell.files)) if earlier else []
        record = {"aside": cell.aside, "coco": cell.coco, "files": cell.files, "folder": job.folder, "name": job.name}
        record |= {"options": self.options, "picture": cell.picture, "stale": stale, "summary": cell.summary}
        self._placing = cell.aside
        place = self._journal.append(record)
        self._put_in_place(record)
        self._placing = ""
        self._entries[job.folder] = _entry(place, record)
        self.finished_now += 1
        self._pending += 1
        if self._pending > len(self._entries) // 10:
            self.compose()

    def fail(self, failure: Failed) -> None:
        """Note a picture that could not be done; it appears in the annotations under ``info.failed`` only."""
        self.failed[failure.job.name] = failure.reason

    def compose(self) -> None:
        """Write ``annotations.json`` from the journal, one cell in memory at a time, and note where the pictures are."""
        places = list(self._places())
        aside, target = self.unfinished / ANNOTATIONS, self.folder / ANNOTATIONS
        join_coco(aside, lambda: (self._journal.read(place)["coco"] for place in places), failed=self.failed)
        with writing(target):
            aside.replace(target)
        done = [job for job in self.jobs if job.folder in self._entries and self._entries[job.folder].identity[2] == job.name]
        pictures = {job.name: NotedPicture(str(job.path.resolve()), self._entries[job.folder].identity[0]) for job in done}
        note_pictures(self.folder, pictures)
        self._pending = 0

    def _places(self) -> Iterator[int]:
        mine = {job.folder for job in self.jobs}
        for job in self.jobs:
            if job.folder in self._entries and job.name not in self.failed:
                yield self._entries[job.folder].place
        yield from (entry.place for folder, entry in self._entries.items() if folder not in mine)

    def _is_finished(self, job: Job) -> bool:
        entry = self._entries.get(job.folder)
        if not self.resume or entry is None or entry.identity[1:] != (self.options, job.name):
            return False
        with suppress(OSError):
            return sha256_of(job.path) == entry.identity[0]
        return False

    def _read_journal(self) -> None:
        """Take up what is finished, complete what was written but not put in place, and clear what was left half done."""
        left = {path.name for path in self.unfinished.iterdir()}
        for place, record in self._journal.records():
            if not _whole(record):
                continue
            entry = _entry(place, record)
            if entry.aside in left:
                self._put_in_place(record)
            self._entries.pop(record["folder"], None)
            self._entries[record["folder"]] = entry
        for folder in [folder for folder in self._entries if not (self.folder / folder).is_dir()]:
            del self._entries[folder]
        self._clear()

    def _clear(self) -> None:
        """Remove what was left half done, but not a cell that the journal may hold and that an interrupt kept from its place."""
        for path in self.unfinished.glob("*"):
            if path.is_file():
                path.unlink(missing_ok=True)
            elif path.name != self._placing:
                shutil.rmtree(path, ignore_errors=True)

    def _put_in_place(self, record: dict[str, Any]) -> None:
        aside, target = self.unfinished / record["aside"], self.folder / record["folder"]
        with writing(target):
            if not target.exists():
                aside.rename(target)
                return
            for path in sorted(path for path in aside.rglob("*") if path.is_file()):
                place = target / path.relative_to(aside)
                place.parent.mkdir(exist_ok=True)
                path.replace(place)
            for name in record["stale"]:
                (target / name).unlink(missing_ok=True)
            shutil.rmtree(aside)


def _whole(record: dict[str, Any]) -> bool:
    """Whether a line says all that is needed; one that a damaged disk has changed counts as not written."""
    texts = all(isinstance(record.get(name), str) for name in ("aside", "folder", "name", "options", "picture", "summary"))
    lists = all(isinstance(record.get(name), list) for name in ("files", "stale"))
    coco = record.get("coco")
    return texts and lists and isinstance(coco, dict) and all(isinstance(coco.get(name), list) for name in ("images", "annotations"))


def _entry(place: int, record: dict[str, Any]) -> _Entry:
    return _Entry(place, (record["picture"], record["options"], record["name"]), record["aside"])
