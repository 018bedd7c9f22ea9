"""What a batch does with one picture: read, separate, name, write."""

from __future__ import annotations

import hashlib
import json
import shutil
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karyokit.batch.jobs import OUTCOMES, Failed, Finished, Job, Outcome, Unwritable
from karyokit.batch.journal import writing
from karyokit.files import OutputError, sha256_of

if TYPE_CHECKING:
    from karyokit.inference.registry import Task


@dataclass(frozen=True)
class CellWork:
    """The main job on one picture with these choices, written to a new folder in ``unfinished``.

    Choices are those of ``pipeline.analyse``; ``classify=False`` stops before the naming. ``describe`` words an error for
    people. Nothing heavy is loaded before the first picture.
    """

    unfinished: Path
    describe: Callable[[Exception], str]
    classify: bool = True
    stain: str = "auto"
    mode: str = "graph"
    model: str | None = None
    classifier: str | None = None
    threads: int | None = None

    def __call__(self, job: Job) -> Outcome:
        """All stages in turn."""
        found: Any = job
        for stage in self.stages():
            found = found if isinstance(found, OUTCOMES) else stage(found)
        outcome: Outcome = found
        return outcome

    def stages(self) -> tuple[Callable[[Any], Any], ...]:
        """Reading, separation (network and reconstruction), naming, writing."""
        steps: tuple[Callable[[Any], Any], ...] = (self._read, self._separate, *([self._name] if self.classify else []), self._write)
        return tuple(partial(_guarded, self.describe, step) for step in steps)

    def options(self) -> str:
        """A digest of all that decides about a result beside the picture: choices, models, version of the package."""
        from karyokit.staining import STAIN_NAMES

        chosen = {"stain": STAIN_NAMES.get(self.stain.lower()), "mode": self.mode, "classify": self.classify, "version": _version()}
        models = self._digests("separation", self.model) + (self._digests("classification", self.classifier) if self.classify else [])
        return hashlib.sha256(json.dumps([chosen, models], sort_keys=True).encode()).hexdigest()

    def _digests(self, task: Task, name: str | None) -> list[str]:
        """SHA-256 of the models that may be used."""
        from karyokit.pipeline.models import models_for
        from karyokit.staining import STAIN_NAMES

        stain = STAIN_NAMES.get(self.stain.lower(), "auto")
        found = []
        for kind in ("brightfield", "fluorescence") if stain == "auto" else (stain,):
            with suppress(ValueError):  # no model is shipped for a stain: pictures that have it will say so
                found += [model.card.sha256.get("onnx", "") for model in models_for(task, kind, name, self.threads)]
        return found

    def _read(self, job: Job) -> _UnderWay:
        from karyokit.pictures import read_picture

        picture = read_picture(job.path)
        return _UnderWay(job, sha256_of(job.path), replace(picture, name=str(job.path)))

    def _separate(self, item: _UnderWay) -> _UnderWay:
        from karyokit import pipeline

        cell = pipeline.separate(item.value, stain=self.stain, mode=self.mode, model=self.model, threads=self.threads)
        return replace(item, value=replace(cell, name=item.job.name))

    def _name(self, item: _UnderWay) -> _UnderWay:
        from karyokit import pipeline
        from karyokit.pipeline.models import model_for

        classifier = model_for("classification", item.value.stain, self.classifier, self.threads)
        return replace(item, value=pipeline.name_chromosomes(item.value, classifier))

    def _write(self, item: _UnderWay) -> Finished:
        from karyokit.exchange.coco import cells_to_coco
        from karyokit.pipeline import save_cell

        with new_folder(self.unfinished) as aside:
            save_cell(item.value, aside)
            files = tuple(sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file()))
        document = cells_to_coco([item.value])
        coco = {key: document[key] for key in ("images", "annotations")}
        return Finished(item.job, aside.name, item.picture, files, coco, item.value.summary())


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A picture between two stages: the SHA-256 of its bytes, and what the last stage made of it."""

    job: Job
    picture: str
    value: Any


@contextmanager
def new_folder(unfinished: Path) -> Iterator[Path]:
    """A new folder in ``unfinished``, removed again where its block fails; ``OutputError`` where it cannot be made."""
    aside = unfinished / uuid.uuid4().hex
    with writing(aside):
        aside.mkdir()
    try:
        yield aside
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _guarded(describe: Callable[[Exception], str], step: Callable[[Any], Any], item: Any) -> Any:
    """What the step makes of the item; what goes wrong becomes an outcome."""
    job = item if isinstance(item, Job) else item.job
    try:
        return step(item)
    except OutputError as error:
        return Unwritable(job, describe(error))
    except Exception as error:  # a broken picture of any kind must not end the batch
        return Failed(job, describe(error), "".join(traceback.format_exception(error)))


def _version() -> str:
    try:
        return version("karyokit")
    except PackageNotFoundError:
        return "source"
