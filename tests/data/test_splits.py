from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyokit.data.splits import SPLIT_NAMES, split_by_group, split_of_group

groups = st.lists(st.text(min_size=1, max_size=8), max_size=40)


@given(groups, st.randoms(use_true_random=False))
def test_order_and_further_groups_change_nothing(names: list[str], random: object) -> None:
    part = dict(zip(names, split_by_group(names), strict=True))
    shuffled = [*names, "one more"]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = dict(zip(shuffled, split_by_group(shuffled), strict=True))
    assert all(again[name] == part[name] for name in names)


@given(groups)
def test_one_group_is_in_one_part(names: list[str]) -> None:
    doubled = split_by_group(names + names)
    assert doubled[: len(names)] == doubled[len(names) :]
    assert set(doubled) <= set(SPLIT_NAMES)


def test_shares_are_met_and_the_seed_matters() -> None:
    names = [str(number) for number in range(4000)]
    parts = np.array(split_by_group(names))
    shares = [float((parts == name).mean()) for name in SPLIT_NAMES]
    assert shares == pytest.approx([0.70, 0.15, 0.15], abs=0.02)
    assert list(parts) != split_by_group(names, seed=1)
    assert set(split_by_group(names, shares=(0.0, 1.0, 0.0))) == {"val"}


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.4, 0.2), (1.2, -0.1, -0.1)])
def test_bad_shares(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="`shares` must be three shares that sum to 1"):
        split_of_group("a", shares=shares)
