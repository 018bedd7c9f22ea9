from __future__ import annotations

from karyokit.reproduction.scales import FIRM, SCALES


def test_every_scale_says_what_it_changes_for_every_kind() -> None:
    for name, kinds in SCALES.items():
        assert set(kinds) == {"pairs", "clusters", "instances"}, name
        assert all(reduction.about for reduction in kinds.values())
    assert set(SCALES) >= FIRM


def test_the_words_of_the_small_scale_are_its_numbers() -> None:
    small = SCALES["small"]["pairs"]
    for number in (
        f"{small.training['steps']:,}",
        small.training["batch"],
        f"{small.settings['limits'][0]:,}",
        *small.settings["limits"][1:],
    ):
        assert str(number) in small.about
    assert f"1/{round(1 / small.width_mult)}" in small.about
