"""Keys and round trips of the records."""

from __future__ import annotations

import math

import pytest

from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.nk_dna import FEATURES, KEEP, Action, Experience, Network

STATE = tuple(float(place) for place in range(len(FEATURES)))


def test_network_round_trip_and_key() -> None:
    network = Network(CrfParameters(w1=2.0), 0.83, 3, "data", (("detector.onnx", "ab"),))
    assert Network.from_dict(network.as_dict()) == network
    assert network.key == Network.from_dict(network.as_dict()).key
    assert network.key != Network(CrfParameters(w1=2.5), 0.83, 3, "data", (("detector.onnx", "ab"),)).key


def test_experience_round_trip_and_key() -> None:
    one = Experience(STATE, Action("band", "k"), 0.1, None, "t", "d", "i")
    assert Experience.from_dict(one.as_dict(), STATE) == one
    assert "state" not in one.as_dict()
    assert one.key != Experience(STATE, Action("band", "k"), 0.1, 0.0, "t", "d", "i").key
    assert one.key != Experience(STATE[::-1], Action("band", "k"), 0.1, None, "t", "d", "i").key


def test_refuses() -> None:
    with pytest.raises(ValueError, match="Did you mean 'refine'"):
        Action("refin", "k")
    with pytest.raises(ValueError, match="Pass a network's key"):
        Action("refine")
    with pytest.raises(ValueError, match="Pass a network's key"):
        Action("keep", "k")
    with pytest.raises(ValueError, match="be finite"):
        Experience((*STATE[1:], math.nan), KEEP, 0.0)
    with pytest.raises(ValueError, match="be finite"):
        Experience(STATE, KEEP, math.inf)
