"""The model folder: each model is NAME.onnx to run, NAME.safetensors to train on, and NAME.json, its card.

The shipped models lie in the package folder ``karyokit/models``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from karyokit.checks import lookup, problem
from karyokit.files import sha256_of, write_text
from karyokit.inference.session import open_session, run_session
from karyokit.staining import seen_as

MODELS_FOLDER = Path(__file__).resolve().parents[1] / "models"
Task = Literal["separation", "classification"]


class Figure(BaseModel):
    """One measured result: ``value`` with its confidence interval, on which split, by which command."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    split: str
    command: str = ""


class Card(BaseModel):
    """What a model is, where it comes from, and how it is to be fed.

    Separation: input (1, ``inputs``, rows, columns), ``gain`` times density plus ``offset``, repeated ``inputs`` times;
    ``outputs`` names the channels of the one output in order: ``overlap``, with ``foreground`` or, in four-class maps of
    two chromosomes (``background``, ``alpha``, ``beta``, ``overlap``), its opposite ``background``; ``border`` may be missing.
    Channels named ``affinity_DOWN_RIGHT`` are log odds that a pixel and the one that step away lie on one chromosome.
    ``width_px`` is the chromosome width the model was trained at; ``logits`` says whether the ``activation``, channel by
    channel (``sigmoid``) or over the channels (``softmax``), is still to be applied. Classification: input
    (n, 1, ``input_rows``, ``input_columns``); 24 class logits and one polarity logit, positive for p arm up, as one
    output (n, 25) or as two; ``temperature`` divides the class logits before the softmax. ``sha256`` holds the digests
    of the ``onnx`` and the ``safetensors`` file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: Task
    stains: tuple[str, ...]
    default_for: tuple[str, ...] = ()
    summary: str = ""
    outputs: tuple[str, ...]
    logits: bool = True
    activation: Literal["sigmoid", "softmax"] = "sigmoid"
    inputs: int = Field(default=1, ge=1)
    gain: float = 1.0
    offset: float = 0.0
    width_px: float | None = Field(default=None, gt=0)
    multiple: int = Field(default=16, ge=1)
    input_rows: int | None = Field(default=None, gt=0)
    input_columns: int | None = Field(default=None, gt=0)
    temperature: float = Field(default=1.0, gt=0)
    parameters: int = Field(ge=0)
    paper: str
    data: str
    licence: str
    split: str
    figures: tuple[Figure, ...] = ()
    command: str
    sha256: dict[str, str] = {}


@dataclass(frozen=True)
class Model:
    """A model that has passed its check: its card, its file, and a session that is opened on first use."""

    card: Card
    path: Path
    threads: int | None = None

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        """The ONNX Runtime session on the CPU."""
        return open_session(self.path, threads=self.threads)

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        """All outputs, float32, for a (n, 1, rows, columns) batch."""
        return run_session(self.session, batch)


def list_models(folder: Path | None = None) -> tuple[Card, ...]:
    """Cards of all models in ``folder`` (the shipped ones when None), by name; none for an empty folder."""
    return tuple(sorted((read_card(path) for path in (folder or MODELS_FOLDER).glob("*.json")), key=lambda card: card.name))


def read_card(path: Path) -> Card:
    """Read one card; raises ``ValueError`` that names the file where a field is missing, unknown or wrong."""
    try:
        return Card.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        got = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        raise ValueError(problem("card", "be a model card", f"{path}: {got}", "Correct the card or make it again.")) from error


def load_model(name_or_path: str | Path, *, threads: int | None = None, folder: Path | None = None) -> Model:
    """The model of that name in the model folder, or of that ``.onnx`` path, its card beside it.

    The sha256 of the ONNX file, and of the safetensors file where it is there, is compared with the card's.
    Raises ``ValueError`` for an unknown name or a changed file, ``FileNotFoundError`` for a missing one.
    """
    path = Path(name_or_path)
    if path.suffix == ".onnx":
        card = _card_beside(path)
    else:
        root = folder or MODELS_FOLDER
        card = lookup({card.name: card for card in list_models(root)}, str(name_or_path), "model")
        path = root / f"{card.name}.onnx"
    _check_file(path, card.sha256.get("onnx", ""))
    if path.with_suffix(".safetensors").is_file():
        _check_file(path.with_suffix(".safetensors"), card.sha256.get("safetensors", ""))
    return Model(card, path, threads)


def names_for(task: Task, stain: str, folder: Path | None = None) -> tuple[str, ...]:
    """Names of the models for a task that know a stain, those first whose card has it in ``default_for``; ``ValueError`` for none.

    Inverted fluorescence has those of fluorescence.
    """
    stain = seen_as(stain)
    cards = [card for card in list_models(folder) if card.task == task and stain in card.stains]
    if not cards:
        known = sorted({(card.task, name) for card in list_models(folder) for name in card.stains})
        do = f"Models there are: {known}. Give one with `--model`."
        raise ValueError(problem("stain", f"be one that a {task} model is shipped for", repr(stain), do))
    return tuple(card.name for card in sorted(cards, key=lambda card: stain not in card.default_for))


def default_model(task: Task, stain: str, *, threads: int | None = None, folder: Path | None = None) -> Model:
    """The first model of ``names_for``, opened."""
    return load_model(names_for(task, stain, folder)[0], threads=threads, folder=folder)


def seal_card(card: Card, folder: Path) -> Card:
    """Write ``NAME.json`` beside ``NAME.onnx`` and ``NAME.safetensors`` with their sha256 filled in; return the sealed card."""
    onnx, tensors = folder / f"{card.name}.onnx", folder / f"{card.name}.safetensors"
    for path in (onnx, tensors):
        if not path.is_file():
            raise FileNotFoundError(problem("folder", f"hold {path.name}", str(folder), "Export the weights before sealing the card."))
    sealed = card.model_copy(update={"sha256": {"onnx": sha256_of(onnx), "safetensors": sha256_of(tensors)}})
    write_text(folder / f"{card.name}.json", sealed.model_dump_json(indent=2) + "\n")
    return sealed


def _card_beside(path: Path) -> Card:
    card_path = path.with_suffix(".json")
    if not card_path.is_file():
        do = f"Put {card_path.name} beside the weights, or give the name of a shipped model."
        raise FileNotFoundError(problem("model", "have its card beside it", str(path), do))
    return read_card(card_path)


def _check_file(path: Path, expected: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(problem("model", f"have its file {path.name}", "none", "Install the package again."))
    found = sha256_of(path)
    if found != expected:
        got = f"sha256 {found[:12]}... where its card says {expected[:12] or 'nothing'}..."
        do = "The file is damaged or was replaced: install the package again, or seal its card again."
        raise ValueError(problem(path.name, "be the file its card describes", got, do))
