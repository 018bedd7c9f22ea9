from __future__ import annotations

from collections.abc import Callable

import numpy as np

from karyokit.reconstruction import ReconstructionOptions, reconstruct


def test_only_small_arms_are_absorbed(draw: Callable) -> None:
    across, down = draw([(60, 15), (60, 105)]), draw([(60, 60), (110, 60)])
    nub = np.zeros_like(across)
    nub[50:56, 56:65] = True
    foreground, overlap = across | down | nub, across & down

    def count(least: float) -> int:
        options = ReconstructionOptions(width=9, min_arm=least)
        return len(reconstruct(foreground, overlap, options=options))

    assert count(1.0) == 2
    assert count(0.0) >= 2
