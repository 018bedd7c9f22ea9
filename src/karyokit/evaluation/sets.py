"""The data sets that can be evaluated, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from karyokit.chromosomes import Cell
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.cells import evaluate_gband, evaluate_mfish
from karyokit.evaluation.classifier import evaluate_classifier
from karyokit.evaluation.report import Report
from karyokit.inference import default_model, load_model
from karyokit.pipeline import analyse


@dataclass(frozen=True)
class EvaluationOptions:
    """Which split, with which reconstruction and model (the shipped one when None), how many pictures (all when None), and a folder
    for a gallery of the worst cells (none when None, or where single chromosomes are evaluated)."""

    split: str = "val"
    mode: str = "graph"
    model: str | None = None
    limit: int | None = None
    gallery: Path | None = None


def _main_job(options: EvaluationOptions) -> Callable[[AnnotatedCell], Cell]:
    """The main job as a user runs it, with the stain found by itself."""
    return lambda cell: analyse(cell.image, mode=options.mode, model=options.model, name=cell.name)


def _mfish(data: Path, options: EvaluationOptions) -> Report:
    command = _command("mfish", options)
    return evaluate_mfish(data / "mfish", options.split, _main_job(options), command=command, limit=options.limit, gallery=options.gallery)


def _gband(data: Path, options: EvaluationOptions) -> Report:
    command = _command("gband_cells", options)
    return evaluate_gband(
        data / "gband_cells", options.split, _main_job(options), command=command, limit=options.limit, gallery=options.gallery
    )


def _singles(name: str, stain: str, data: Path, options: EvaluationOptions) -> Report:
    model = load_model(options.model) if options.model else default_model("classification", stain)
    path = data / "singles" / f"{name}.npz"
    return evaluate_classifier(path, options.split, model, command=_command(name, options), limit=options.limit)


def _command(name: str, options: EvaluationOptions) -> str:
    given = {"--split": options.split, "--mode": options.mode, "--model": options.model, "--limit": options.limit}
    usual = EvaluationOptions()
    plain = {"--mode": usual.mode, "--model": None, "--limit": None}
    words = [f"{key} {value}" for key, value in given.items() if key not in plain or value != plain[key]]
    return " ".join(["karyokit evaluate", name, *words])


EVALUATIONS: dict[str, Callable[[Path, EvaluationOptions], Report]] = {
    "mfish": _mfish,
    "gband_cells": _gband,
    "gband_singles": partial(_singles, "gband_singles", "brightfield"),
    "qband_singles": partial(_singles, "qband_singles", "fluorescence"),
}
