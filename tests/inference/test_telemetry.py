"""Nothing leaves the machine: ONNX Runtime's reports are switched off before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = "import karyokit, os, sys; print(os.environ['ORT_DISABLE_TELEMETRY'], 'onnxruntime' in sys.modules)"


def test_reports_are_off_before_the_runtime_is_loaded() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    answer = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["1", "False"]
