"""Flat bars with known density, so that physics and geometry can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from karyokit.data.generators.records import Single


@pytest.fixture(scope="session")
def flat_bar() -> Callable[..., Single]:
    """A function: an upright bar of ``length`` by ``width`` pixels and one density, with a margin of background."""

    def build(length: int = 60, width: int = 10, density: float = 1.0, category: int = 1) -> Single:
        mask = np.pad(np.ones((length, width), bool), 4)
        return Single(np.where(mask, np.float32(density), np.float32(0)), mask, category)

    return build
