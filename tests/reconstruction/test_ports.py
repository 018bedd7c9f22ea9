from __future__ import annotations

import numpy as np

from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import cut_into_pieces
from karyokit.reconstruction.ports import find_ports


def ports_of(scene: object) -> list:
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=ReconstructionOptions())
    return [port for members in find_ports(pieces).values() for port in members]


def test_ports_of_a_crossing_point_at_its_middle(scenes: dict) -> None:
    ports = ports_of(scenes["X"])
    assert len(ports) == 4
    for port in ports:
        assert port.tangent @ (np.array([60, 60]) - port.centre) / np.hypot(*(port.centre - 60)) > 0.99
        assert abs(np.hypot(*port.tangent) - 1) < 1e-9
        assert abs(port.width - 9) < 1.5
        assert port.trust == 1.0


def test_a_curved_arm_is_followed(scenes: dict) -> None:
    ports = ports_of(scenes["curved"])
    assert len(ports) == 4
    tangents = np.array([port.tangent for port in ports])
    assert sorted(np.rint(np.abs(tangents[:, 0])).tolist()) == [0, 0, 1, 1]


def test_an_arm_between_two_zones_has_a_port_at_each(scenes: dict) -> None:
    ports = ports_of(scenes["double X"])
    assert len(ports) == 8
    assert sorted(np.bincount([port.arm for port in ports])[1:].tolist()) == [1, 1, 1, 1, 1, 1, 2]
