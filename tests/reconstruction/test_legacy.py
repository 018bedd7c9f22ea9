from __future__ import annotations

import numpy as np

from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import cut_into_pieces
from karyokit.reconstruction.legacy import partition_crossings


def arms_per_group(scene: object, options: ReconstructionOptions) -> list[int]:
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=options)
    return sorted(len(group.arms) for group in partition_crossings(pieces, options))


def test_a_crossing_makes_two_unions(scenes: dict) -> None:
    assert arms_per_group(scenes["X"], ReconstructionOptions()) == [2, 2]


def test_rays_miss_in_an_l(scenes: dict) -> None:
    assert arms_per_group(scenes["L"], ReconstructionOptions()) == [1, 1]


def test_mutual_hits_keep_the_stem_of_a_t_out(scenes: dict) -> None:
    loose = arms_per_group(scenes["T"], ReconstructionOptions())
    strict = arms_per_group(scenes["T"], ReconstructionOptions(mutual=True))
    assert len(strict) >= len(loose)


def test_mutual_pairs_have_full_margin(scenes: dict) -> None:
    scene = scenes["X"]
    options = ReconstructionOptions(mutual=True)
    pieces = cut_into_pieces(scene.foreground, scene.overlap, border=None, options=options)
    groups = partition_crossings(pieces, options)
    assert [group.margin for group in groups] == [1.0, 1.0]
    assert {group.method for group in groups} == {"crossing-partition"}


def test_a_zone_whose_only_arm_surrounds_it_joins_nothing() -> None:
    disk = np.hypot(*(np.indices((41, 41)) - 20)) <= 15
    middle = np.hypot(*(np.indices((41, 41)) - 20)) <= 4
    options = ReconstructionOptions(width=10)
    pieces = cut_into_pieces(disk, middle, border=None, options=options)
    assert [group.arms for group in partition_crossings(pieces, options)] == [(1,)]
