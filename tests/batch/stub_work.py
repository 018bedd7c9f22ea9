"""Work on text files in place of pictures: what a file says decides what becomes of it; every attempt is logged."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karyokit.batch.cell_work import new_folder
from karyokit.batch.jobs import OUTCOMES, Failed, Finished, Job, Outcome, Unwritable


@dataclass(frozen=True)
class StubWork:
    """``bad`` fails, ``full`` cannot be written, ``die`` kills its process, ``die once`` the first time only, ``hang`` never ends.

    Anything else is finished after ``seconds`` with two small files.
    """

    unfinished: Path
    log: Path
    seconds: float = 0.0

    def __call__(self, job: Job) -> Outcome:
        found: Any = job
        for stage in self.stages():
            found = found if isinstance(found, OUTCOMES) else stage(found)
        return found

    def stages(self) -> tuple[Callable[[Any], Any], ...]:
        return self._read, self._write

    def attempts(self) -> list[str]:
        """Names of the jobs that were begun, in order."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    def _read(self, job: Job) -> Any:
        before = self.attempts().count(job.name) if job.path.read_text().startswith("die once") else 0
        with self.log.open("a") as stream:
            stream.write(f"{job.name}\n")
        text = job.path.read_text()
        if text == "die" or (text == "die once" and not before):
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "hang":
            time.sleep(3600)
        if text == "bad":
            return Failed(job, f"{job.path}: is bad.", "trace")
        return Unwritable(job, "the disk is full") if text == "full" else (job, text)

    def _write(self, item: tuple[Job, str]) -> Outcome:
        job, text = item
        time.sleep(self.seconds)
        with new_folder(self.unfinished) as aside:
            (aside / "text.txt").write_text(text)
            (aside / "name.txt").write_text(job.name)
        image = {"id": 1, "file_name": job.name, "notes": [text]}
        coco = {"images": [image], "annotations": [{"id": 1, "image_id": 1, "bbox": [0, 0, 1, 1]}]}
        return Finished(job, aside.name, hashlib.sha256(text.encode()).hexdigest(), ("name.txt", "text.txt"), coco, f"{len(text)} letters")


def text_jobs(folder: Path, texts: Sequence[str]) -> list[Job]:
    """A file and a job for each text."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text)
    return [Job(number, folder / f"{number}.txt", f"{number}.txt", str(number)) for number in range(len(texts))]
