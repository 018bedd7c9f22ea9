from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from karyokit.inference import load_model, separation_maps
from karyokit.networks import NETWORKS, build_network
from karyokit.training.export import export_run
from karyokit.training.loop import BEST
from karyokit.training.recipe import Recipe

CARD = {"stains": ["fluorescence"], "data": "none", "licence": "none", "split": "none"}
LABELLING = [name for name, entry in NETWORKS.items() if entry.task in ("separation", "pairs", "clusters")]


def finished(name: str, folder: Path, **settings: Any) -> Recipe:
    """A run of one network with fresh weights."""
    narrow = {} if name == "compact_unet" else {"width_mult": 1 / 16}
    recipe = Recipe.model_validate(
        {
            "name": name,
            "task": NETWORKS[name].task,
            "network": {"name": name, "options": narrow},
            "settings": settings,
            "steps": 1,
            "batch": 1,
            "card": CARD,
        }
    )
    torch.manual_seed(0)
    folder.mkdir()
    torch.save({"network": build_network(name, **narrow).state_dict(), "step": 1, "figures": {"iou": 0.5}}, folder / BEST)
    return recipe


def exported(name: str, tmp_path: Path, **settings: Any) -> np.ndarray:
    """(3, rows, columns) maps of an exported network on an odd-sized picture, after the checks that hold for all."""
    card = export_run(finished(name, tmp_path / "run", **settings), tmp_path / "run", tmp_path / "models")
    assert card.figures[0].metric == "iou"
    density = np.random.default_rng(0).random((70, 90), dtype=np.float32)
    maps = separation_maps(load_model(tmp_path / "models" / f"{card.name}.onnx"), density, card.width_px or 15.0)
    stack = np.stack([maps.foreground, maps.border, maps.overlap])
    assert stack.shape == (3, 70, 90)
    assert 0 <= stack.min() <= stack.max() <= 1
    return stack


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_pair_network_runs_in_the_main_job(activation: str, tmp_path: Path) -> None:
    foreground, border, overlap = exported("arms_unet", tmp_path, activation=activation)
    assert not border.any()
    assert np.ptp(overlap) > 0
    if activation == "softmax":
        assert (overlap <= foreground + 1e-6).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", LABELLING)
def test_every_labelling_network_exports_and_runs(name: str, tmp_path: Path) -> None:
    assert np.isfinite(exported(name, tmp_path)).all()


def test_a_task_without_such_a_form_is_refused(tmp_path: Path) -> None:
    recipe = finished("arms_unet", tmp_path / "run").model_copy(update={"task": "instances"})
    with pytest.raises(ValueError, match="`task` must be one of"):
        export_run(recipe, tmp_path / "run", tmp_path)
