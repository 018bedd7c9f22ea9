"""From the best weights of a run to a model that the main job can use: ONNX, safetensors and card."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from karyokit.inference.registry import Card, Figure, seal_card
from karyokit.inference.session import open_session, run_session
from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.training.loop import BEST, CHECKPOINT
from karyokit.training.recipe import Recipe

TOLERANCE = 2e-3
"""Largest difference between the logits of torch and of ONNX Runtime that an export may show."""


class TwoHeads(nn.Module):
    """A classifier's 25 logits as the two outputs of a card: classes (n, 24) and polarity (n, 1)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network(x)
        return logits[:, :24], logits[:, 24:]


def export_run(recipe: Recipe, run: Path, folder: Path, *, temperature: float = 1.0) -> Card:
    """Write NAME.onnx, NAME.safetensors and NAME.json for the averaged weights of a run; returns the sealed card.

    The best weights by validation are taken. Raises RuntimeError when ONNX Runtime's answer strays from torch's.
    """
    network = build_network(recipe.network.name, **recipe.network.options)
    source = run / BEST if (run / BEST).is_file() else run / CHECKPOINT
    stored = torch.load(source, map_location="cpu", weights_only=True)
    network.load_state_dict(stored["network"])
    network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, str(folder / f"{recipe.name}.safetensors"))
    example = torch.rand(2, 1, *_example_size(recipe))
    exported = TwoHeads(network) if recipe.task == "classification" else network
    write_onnx(exported, example, folder / f"{recipe.name}.onnx", any_size=recipe.task == "separation")
    figures = tuple(
        Figure(metric=metric, value=round(value, 4), split="validation", command="training log")
        for metric, value in stored["figures"].items()
    )
    return seal_card(_card(recipe, parameter_count(network), figures, temperature), folder)


def write_onnx(network: nn.Module, example: Tensor, path: Path, *, any_size: bool) -> None:
    """Export with a free batch size (and free rows and columns) and compare with torch on another size."""
    free: dict[int, Any] = {0: torch.export.Dim.DYNAMIC}
    if any_size:
        free |= {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(network, (example,), dynamo=True, dynamic_shapes=(free,), verbose=False)
    assert program is not None
    program.save(str(path), external_data=False)
    _compare(network, example[:1, :, :, : example.shape[3] // 2] if any_size else example[:1], path)


def _compare(network: nn.Module, batch: Tensor, path: Path) -> None:
    with torch.no_grad():
        answer = network(batch)
    ours = [part.numpy() for part in (answer if isinstance(answer, tuple) else (answer,))]
    theirs = run_session(open_session(path, threads=1), batch.numpy())
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    if worst > TOLERANCE:
        raise RuntimeError(f"{path} answers differently from torch (by {worst:.4f}); do not use it")


def _example_size(recipe: Recipe) -> tuple[int, int]:
    return (128, 32) if recipe.task == "classification" else (192, 128)


def _card(recipe: Recipe, parameters: int, figures: tuple[Figure, ...], temperature: float) -> Card:
    separation = recipe.task == "separation"
    about: dict[str, Any] = {
        "outputs": ("foreground", "border", "overlap") if separation else ("classes", "polarity"),
        "input_rows": None if separation else 128,
        "input_columns": None if separation else 32,
        "temperature": temperature,
        "paper": NETWORKS[recipe.network.name].source,
        "command": f"karyokit train recipes/{recipe.name}.toml",
    }
    return Card.model_validate(
        {"name": recipe.name, "task": recipe.task, "parameters": parameters, "figures": figures, **about, **recipe.card}
    )
