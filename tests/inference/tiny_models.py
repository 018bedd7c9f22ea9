"""Tiny ONNX models with known answers, built in a folder with their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from karyokit.inference.registry import Card, seal_card

CHANNELS = ("foreground", "border", "overlap")


def save(folder: Path, graph: onnx.GraphProto, card: Card) -> Card:
    """Write the graph, an empty safetensors file and the sealed card."""
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / f"{card.name}.onnx"))
    (folder / f"{card.name}.safetensors").write_bytes(b"weights")
    return seal_card(card, folder)


def card(name: str = "tiny", **changes: Any) -> Card:
    """A separation card; ``changes`` replace its fields."""
    fields: dict[str, Any] = {
        "name": name, "task": "separation", "stains": ("fluorescence",), "outputs": CHANNELS, "parameters": 6, "paper": "a test",
        "data": "none", "licence": "Apache-2.0", "split": "none", "command": "pytest", "width_px": 10.0,
    }  # fmt: skip
    return Card(**{**fields, **changes})


def separator(folder: Path, name: str = "tiny", **changes: Any) -> Card:
    """A 1x1 convolution: the channels' logits are 4d - 2, -4d and 2d - 6 for density d."""
    weight = numpy_helper.from_array(np.array([4, -4, 2], np.float32).reshape(3, 1, 1, 1), "w")
    bias = numpy_helper.from_array(np.array([-2, 0, -6], np.float32), "b")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w", "b"], ["y"])],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, "r", "c"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, "r", "c"])],
        [weight, bias],
    )
    return save(folder, graph, card(name, **changes))


def classifier(folder: Path, name: str = "tiny-classes", *, rows: int = 8, columns: int = 4, **changes: Any) -> Card:
    """Class logits are the picture's mean times 0..23, the polarity logit is the mean."""
    weight = numpy_helper.from_array(np.arange(24, dtype=np.float32).reshape(1, 24), "w")
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=1),
        helper.make_node("Squeeze", ["m", "axes2"], ["polarity"]),
        helper.make_node("MatMul", ["polarity", "w"], ["classes"]),
    ]
    axes = numpy_helper.from_array(np.array([2, 3], np.int64), "axes2")
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, rows, columns])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in (("classes", 24), ("polarity", 1))]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [weight, axes])
    fields = {"task": "classification", "outputs": ("classes", "polarity"), "input_rows": rows, "input_columns": columns, "width_px": None}
    return save(folder, graph, card(name, **{**fields, **changes}))
