"""The bars in a cache, where tasks look for the rebuilt Pommier set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from bar_pairs import bars

from karyokit.data.pommier import save_pairs


@pytest.fixture(scope="session")
def pairs_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that holds the bars in place of the rebuilt Pommier set."""
    folder = tmp_path_factory.mktemp("prepared")
    save_pairs(folder / "pommier.npz", bars())
    return folder
