"""Memory of a long batch stays flat: what is kept of a finished picture is a few hundred bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads resident memory from /proc")
def test_memory_does_not_grow_with_the_batch(tmp_path: Path) -> None:
    """2,000 texts of 50 kB each: holding them, or their annotations, would take 100 MB."""
    (tmp_path / "in").mkdir()
    for number in range(2000):
        (tmp_path / "in" / f"{number:05}.txt").write_text(f"{number} " + "x" * 50_000)
    script = Path(__file__).parent / "stub_batch.py"
    command = [sys.executable, str(script), str(tmp_path / "in"), str(tmp_path / "out"), "0", "0"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    resident = [int(line) for line in done.stdout.split()]
    assert len(resident) == 20
    print(f"resident after 500, 1000 and 2000: {resident[4]}, {resident[9]}, {resident[-1]} kB")
    assert resident[-1] - resident[4] < 4_000
