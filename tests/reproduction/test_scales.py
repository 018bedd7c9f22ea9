from __future__ import annotations

import pytest

from karyokit.reproduction.scales import FIRM, SCALES


def test_every_scale_says_what_it_changes_for_every_kind() -> None:
    for name, kinds in SCALES.items():
        assert set(kinds) == {"pairs", "clusters", "instances"}, name
        assert all(reduction.about for reduction in kinds.values())
    assert set(SCALES) >= FIRM


@pytest.mark.parametrize("scale", sorted(FIRM))
def test_the_words_of_a_reduced_scale_are_its_numbers(scale: str) -> None:
    reduced = SCALES[scale]["pairs"]
    train, *others = reduced.settings["limits"]
    for number in (reduced.training["steps"], reduced.training["batch"], *others):
        assert f"{number:,}" in reduced.about
    assert (f"{train:,}" if train else "all training") in reduced.about
    assert f"1/{round(1 / reduced.width_mult)}" in reduced.about
