"""Shared fixtures: where the real data lies, or a skip with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets (``KARYOKIT_DATA``, else ``../shared/data`` beside the project)."""
    root = Path(os.environ.get("KARYOKIT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"the real data is not at {root}; set KARYOKIT_DATA to its folder to run this test")
    return root
