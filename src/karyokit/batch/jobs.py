"""One picture of a batch, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """A picture to do: its place in the batch, its file, its name in the annotations and the name of its folder in the results."""

    index: int
    path: Path
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A picture that is done: its files lie in the folder ``aside``, whose name is unique, until they are put in place.

    ``picture`` is the SHA-256 of the picture's bytes, ``files`` the names in the folder, ``coco`` the cell's annotations as a
    document of its own, ``summary`` one line for people.
    """

    job: Job
    aside: str
    picture: str
    files: tuple[str, ...]
    coco: dict[str, Any]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A picture that could not be done, the reason in one line, and the traceback for ``--debug``."""

    job: Job
    reason: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Unwritable:
    """Results cannot be written, which would befall every picture: the batch must stop."""

    job: Job
    reason: str


Outcome = Finished | Failed | Unwritable
OUTCOMES = (Finished, Failed, Unwritable)


class Work(Protocol):
    """What is done with a picture: one after another by calling it, or stage by stage, so that the stages of pictures overlap.

    It travels to other processes by pickle. It never raises: what goes wrong is an outcome. The first of ``stages`` takes a job,
    each further one what the one before gave (outcomes pass through them untouched), the last gives an outcome.
    """

    def __call__(self, job: Job) -> Outcome:
        """All stages in turn."""

    def stages(self) -> tuple[Callable[[Any], Any], ...]:
        """The stages in their order."""


Runner = Callable[[Iterable[Job], Work], Generator[Outcome]]
"""Does jobs, of which it takes few in advance, and gives each outcome as soon as it is there, in any order."""


@dataclass
class Retries:
    """Jobs whose worker was lost: each is given out once more, then it counts as failed."""

    waiting: list[Job] = field(default_factory=list)
    tried: set[int] = field(default_factory=set)

    def lost(self, job: Job, reason: str) -> Failed | None:
        """What to report of a job whose worker was lost; None where it will be tried once more."""
        if job.index in self.tried:
            return Failed(job, f"{job.path}: {reason}, twice. The rest goes on; look at this picture by itself.")
        self.tried.add(job.index)
        self.waiting.append(job)
        return None

    def next_of(self, jobs: Iterator[Job]) -> Job | None:
        """The next job to give out, None where there is none left."""
        return self.waiting.pop() if self.waiting else next(jobs, None)
