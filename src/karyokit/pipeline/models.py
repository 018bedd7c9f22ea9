"""The networks that the stages use: named ones and the shipped ones, kept open for the next picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from karyokit.checks import lookup
from karyokit.inference import Model, load_model
from karyokit.inference.registry import Task, names_for
from karyokit.reconstruction.reconstruct import MODES
from karyokit.staining import STAIN_NAMES


def check_choices(stain: str, mode: str, *, models: Sequence[str | Path | None] = (), threads: int | None = None) -> None:
    """Raise ``ValueError`` for an unknown stain, mode or model before any picture is read."""
    lookup(STAIN_NAMES, stain.lower(), "stain")
    lookup(MODES, mode, "mode")
    for name in filter(None, models):
        _named_model(name, threads)


@lru_cache(maxsize=8)
def _named_model(name: str | Path, threads: int | None) -> Model:
    return load_model(name, threads=threads)


@lru_cache(maxsize=8)
def _names(task: Task, stain: str) -> tuple[str, ...]:
    return names_for(task, stain)


def model_for(task: Task, stain: str, name: str | Path | None, threads: int | None) -> Model:
    """The model asked for, or the shipped one for the stain; kept open for the next picture."""
    return next(models_for(task, stain, name, threads))


def models_for(task: Task, stain: str, name: str | Path | None, threads: int | None) -> Iterator[Model]:
    """The model of ``model_for``, then, where none was asked for, the other shipped ones that know the stain; each is read in its turn."""
    return (_named_model(one, threads) for one in ([name] if name else _names(task, stain)))
