"""Splits that do not leak: everything of one slide, case or cell falls into one part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from karyokit.checks import problem

SPLIT_NAMES = ("train", "val", "test")
DEFAULT_SHARES = (0.70, 0.15, 0.15)
HELD_OUT_SHARES = (0.85, 0.15, 0.0)
"""For sets that publish a training and a test part only: what of the training part validates."""


def require_split_name(name: str, split: str) -> None:
    """Raise ``ValueError`` unless ``split`` is one of ``SPLIT_NAMES``."""
    if split not in SPLIT_NAMES:
        raise ValueError(problem(name, f"be one of {SPLIT_NAMES}", repr(split), "Pick one of the names."))


def split_of_group(group: str, *, seed: int = 0, shares: tuple[float, ...] = DEFAULT_SHARES) -> str:
    """``"train"``, ``"val"`` or ``"test"`` for one group (slide, case, cell).

    The SHA-256 of seed and name, read as a number in 0..1, is laid over the ``shares``; the result depends on nothing
    else, so neither the order of the groups nor further groups move one from a part to another.

    >>> split_of_group("97002023") == split_of_group("97002023")
    True
    """
    if len(shares) != len(SPLIT_NAMES) or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(
            problem("shares", "be three shares that sum to 1 (train, val, test)", shares, "Pass for example (0.7, 0.15, 0.15).")
        )
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    return SPLIT_NAMES[min(int(np.searchsorted(np.cumsum(shares), position, side="right")), len(shares) - 1)]


def split_by_group(groups: Sequence[str], *, seed: int = 0, shares: tuple[float, ...] = DEFAULT_SHARES) -> list[str]:
    """Part of every element, element i belonging to group ``groups[i]``; an empty sequence gives an empty list."""
    part = {group: split_of_group(str(group), seed=seed, shares=shares) for group in set(groups)}
    return [part[group] for group in groups]
