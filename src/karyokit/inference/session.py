"""One ONNX Runtime session on the CPU: float32 in, float32 out, the same bytes for the same picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from karyokit.checks import problem, require_range

onnxruntime.disable_telemetry_events()


def open_session(path: Path, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Open an ONNX file on the CPU.

    ``threads`` is the number of cores to use, all of them when None. Memory is kept for the next picture, but not laid out in
    advance, which would take half as much again. Raises ``FileNotFoundError`` for a missing file, ``ValueError`` for one that is
    no ONNX model.
    """
    if not path.is_file():
        raise FileNotFoundError(problem("model", "be an ONNX file that exists", str(path), "Check the path."))
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    if threads is not None:
        require_range("threads", threads, 1, 1024)
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no class of their own
        raise ValueError(problem("model", "be a readable ONNX file", str(path), "Install the package again or export it again.")) from error


def run_session(session: onnxruntime.InferenceSession, batch: np.ndarray) -> list[np.ndarray]:
    """All outputs of a one-input model for ``batch``, which is passed as contiguous float32."""
    name = session.get_inputs()[0].name
    outputs = session.run(None, {name: np.ascontiguousarray(batch, dtype=np.float32)}, _tidy())
    return [np.asarray(output, dtype=np.float32) for output in outputs]


@cache
def _tidy() -> onnxruntime.RunOptions:
    """Memory that a run left free goes back: pictures of ever other sizes would otherwise pile it up."""
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options
