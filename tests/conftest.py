"""Where the real data lies, or a skip with the reason; how long and how often drawn examples may run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets (``KARYOKIT_DATA``, else ``../shared/data`` beside the project)."""
    root = Path(os.environ.get("KARYOKIT_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    if not root.is_dir():
        pytest.skip(f"the real data is not at {root}; set KARYOKIT_DATA to its folder to run this test")
    return root
