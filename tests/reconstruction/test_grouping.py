from __future__ import annotations

import numpy as np

from karyokit.reconstruction.arms import Pieces
from karyokit.reconstruction.grouping import Group, joined, root


def test_links_join_arms_and_carry_the_weakest_margin() -> None:
    arms = np.array([[1, 2, 3, 4]], np.int32)
    pieces = Pieces(arms, np.zeros_like(arms), {1: (1, 2), 2: (2, 3)}, frozenset(), 10.0, 2)
    groups = joined(pieces, [(1, 2, 1, 0.9), (2, 3, 2, 0.4)], "rule")
    assert groups == (Group((1, 2, 3), (1, 2), 0.4, "rule"), Group((4,), (), 1.0, "isolated"))
    assert joined(pieces, [], "rule", {1: 0.2})[0].margin == 0.2


def test_root_follows_parents() -> None:
    assert root([0, 0, 1], 2) == 0
