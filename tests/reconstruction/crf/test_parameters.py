"""The record of parameters."""

from __future__ import annotations

import pytest

from karyokit.reconstruction.crf import CrfParameters, RefineOptions


def test_round_trip_and_start_values_of_the_specification() -> None:
    start = CrfParameters()
    assert (start.w1, start.s_a, start.s_b, start.w2, start.s_g, start.iterations, start.clip) == (5, 30, 13, 3, 3, 5, 0.02)
    changed = start.changed(w1=2.5, normalise="none", self_messages=True)
    assert CrfParameters.from_dict(changed.as_dict()) == changed
    assert CrfParameters.from_dict({}) == start


@pytest.mark.parametrize(("name", "value"), [("w1", -1), ("s_b", 0), ("clip", 0.5), ("iterations", -1), ("normalise", "rows")])
def test_refuses(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must"):
        CrfParameters(**{name: value})


def test_unknown_names_are_listed() -> None:
    with pytest.raises(ValueError, match="sigma"):
        CrfParameters.from_dict({"sigma": 1})


@pytest.mark.parametrize(("name", "value"), [("enlarge", 0.5), ("min_iou", 2), ("band", 0), ("radius", 0), ("margin", -1)])
def test_options_refuse(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must"):
        RefineOptions(**{name: value})
