"""A drawn chromosome in a noisy picture, and an unsure map of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage


@pytest.fixture
def bar() -> np.ndarray:
    """(24, 24) bool bar of 16 x 8 pixels."""
    mask = np.zeros((24, 24), bool)
    mask[4:20, 8:16] = True
    return mask


@pytest.fixture
def picture(bar: np.ndarray) -> np.ndarray:
    """(24, 24) uint8 picture of the bar: 180 on 60, with noise."""
    noise = np.random.default_rng(1).normal(size=bar.shape) * 6
    return np.clip(60 + 120 * bar + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def unsure(bar: np.ndarray) -> np.ndarray:
    """(24, 24) float map that finds the bar a pixel too thin on each side."""
    thin = ndimage.binary_erosion(bar)
    return np.clip(np.where(thin, 0.8, np.where(bar, 0.4, 0.1)) + np.random.default_rng(2).normal(size=bar.shape) * 0.03, 0, 1)
