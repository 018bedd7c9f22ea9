from __future__ import annotations

import numpy as np

from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import cut_into_pieces
from karyokit.reconstruction.completion import zone_shares
from karyokit.reconstruction.graph import assign_ports

OPTIONS = ReconstructionOptions()


def crops(scene: object, ribbons: bool) -> tuple[list[np.ndarray], np.ndarray]:
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=OPTIONS)
    shares = zone_shares(pieces, assign_ports(pieces, OPTIONS), ribbons=ribbons)
    (window,) = {str(view): view for group in shares for view, _ in group}.values()
    return [crop for group in shares for _, crop in group], pieces.zones[window] == 1


def test_two_chromosomes_share_the_whole_zone(scenes: dict) -> None:
    found, zone = crops(scenes["X"], ribbons=True)
    assert len(found) == 2
    assert all(np.array_equal(crop, zone) for crop in found)


def test_three_chromosomes_get_ribbons_that_cover_the_zone(scenes: dict) -> None:
    found, zone = crops(scenes["star"], ribbons=True)
    assert len(found) == 3
    assert np.array_equal(np.any(found, axis=0), zone)
    assert any(np.count_nonzero(crop) < np.count_nonzero(zone) for crop in found)
    whole, _ = crops(scenes["star"], ribbons=False)
    assert all(np.array_equal(crop, zone) for crop in whole)
