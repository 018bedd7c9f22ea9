"""Running the shipped networks on a CPU with ONNX Runtime: sessions, tiling, the model folder and its cards."""

from __future__ import annotations

from karyokit.inference.classifier import classify_pictures, considered_logits
from karyokit.inference.registry import Card, Figure, Model, default_model, list_models, load_model, seal_card
from karyokit.inference.separator import Maps, separation_maps
from karyokit.inference.tiling import run_plane

__all__ = [
    "Card",
    "Figure",
    "Maps",
    "Model",
    "classify_pictures",
    "considered_logits",
    "default_model",
    "list_models",
    "load_model",
    "run_plane",
    "seal_card",
    "separation_maps",
]
