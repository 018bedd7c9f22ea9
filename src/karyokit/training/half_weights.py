"""Files of weights at half the size: stored in half precision, read back in single precision."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

LEAST = 1024
"""Values below which a tensor is kept in single precision."""


def halve_weights(path: Path) -> None:
    """Store the large float32 tensors of an ONNX file as float16, each with a cast back to float32.

    ONNX Runtime does the casts once, when it opens the file: the network runs in single precision as before, with
    weights rounded to eleven bits. Raises ``ValueError`` where a weight is too large for half precision.
    """
    model = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < LEAST:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise ValueError(f"{path}: weight {tensor.name} does not fit half precision. Export it in single precision.")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def halved(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Large float tensors in half precision, the others as they are; ``load_state_dict`` turns them back."""
    return {
        name: (value.half() if value.is_floating_point() and value.numel() >= LEAST else value).contiguous()
        for name, value in weights.items()
    }
