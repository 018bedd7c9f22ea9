"""From the best weights of a run to a model that the main job can use: ONNX, safetensors and card."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from karyokit.checks import lookup
from karyokit.inference.registry import Card, Figure, seal_card
from karyokit.inference.session import open_session, run_session
from karyokit.networks import NETWORKS, parameter_count
from karyokit.training.forms import FORMS
from karyokit.training.half_weights import halve_weights, halved
from karyokit.training.recipe import Recipe
from karyokit.training.run import best_network

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
    """Write NAME.onnx, NAME.safetensors and NAME.json for the best weights of a run by validation; returns the sealed card.

    Both files hold their weights in half precision. Networks that label pixels (separation, pairs, clusters) run in the
    main job afterwards. Raises RuntimeError when ONNX Runtime's answer strays from torch's, ValueError for a task that has
    no such form.
    """
    form = lookup(FORMS, recipe.task, "task")
    network, stored = best_network(recipe, run)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(halved(network.state_dict()), str(folder / f"{recipe.name}.safetensors"))
    card = _card(recipe, network, _figures(stored), temperature)
    exported = TwoHeads(network) if form.classifies else network
    example = torch.rand(2, card.inputs, *form.example)
    write_onnx(exported, example, folder / f"{recipe.name}.onnx", any_size=not form.classifies)
    halve_weights(folder / f"{recipe.name}.onnx")
    return seal_card(card, folder)


def _figures(stored: dict[str, Any]) -> tuple[Figure, ...]:
    rows = stored.get("figures", {}).items()
    return tuple(Figure(metric=metric, value=round(value, 4), split="validation", command="training log") for metric, value in rows)


def write_onnx(network: nn.Module, example: Tensor, path: Path, *, any_size: bool) -> None:
    """Export with a free batch size (and free rows and columns) and compare with torch on another size."""
    free: dict[int, Any] = {0: torch.export.Dim.DYNAMIC}
    if any_size:
        free |= {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    try:
        program = _exported(network, example, free)
    except torch.onnx.OnnxExporterError:
        if not any_size:
            raise
        program = _exported(network, example, _multiples(network))
    program.save(str(path), external_data=False)
    _compare(network, example[:1, :, :, : example.shape[3] // 2] if any_size else example[:1], path)


def _exported(network: nn.Module, example: Tensor, free: dict[int, Any]) -> torch.onnx.ONNXProgram:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(network, (example,), dynamo=True, dynamic_shapes=(free,), verbose=False)
    assert program is not None
    return program


def _multiples(network: nn.Module) -> dict[int, Any]:
    """Free sizes of which the exporter knows that the network's stride divides them; some networks (ENet) need to be told."""
    batch, rows, columns = (torch.export.Dim(name, max=512) for name in ("batch", "rows", "columns"))
    stride = int(network.stride)  # type: ignore[arg-type]
    return {0: batch, 2: stride * rows, 3: stride * columns}


def _compare(network: nn.Module, batch: Tensor, path: Path) -> None:
    with torch.no_grad():
        answer = network(batch)
    ours = [part.numpy() for part in (answer if isinstance(answer, tuple) else (answer,))]
    theirs = run_session(open_session(path, threads=1), batch.numpy())
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    if worst > TOLERANCE:
        raise RuntimeError(f"{path} answers differently from torch (by {worst:.4f}); do not use it")


def _card(recipe: Recipe, network: nn.Module, figures: tuple[Figure, ...], temperature: float) -> Card:
    form = FORMS[recipe.task]
    activation = recipe.settings.get("activation", form.activation)
    about: dict[str, Any] = {
        "task": "classification" if form.classifies else "separation",
        "outputs": form.outputs,
        "activation": activation if activation in ("sigmoid", "softmax") else "sigmoid",
        "input_rows": form.example[0] if form.classifies else None,
        "input_columns": form.example[1] if form.classifies else None,
        "multiple": int(getattr(network, "stride", 1)),
        "temperature": temperature,
        "paper": NETWORKS[recipe.network.name].source,
        "command": f"karyokit train recipes/{recipe.name}.toml",
        **form.feeding(recipe.settings),
    }
    return Card.model_validate({"name": recipe.name, "parameters": parameter_count(network), "figures": figures, **about, **recipe.card})
