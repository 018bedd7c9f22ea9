from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction import ReconstructionOptions, reconstruct
from karyokit.reconstruction.legacy import PRESETS, cut_for_rays, partition_crossings, ring_of


def arms_per_group(scene: object, options: ReconstructionOptions) -> list[int]:
    pieces = cut_for_rays(scene.foreground, scene.overlap, border=None, options=options)
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
    pieces = cut_for_rays(scene.foreground, scene.overlap, border=None, options=options)
    groups = partition_crossings(pieces, options)
    assert [group.margin for group in groups] == [1.0, 1.0]
    assert {group.method for group in groups} == {"crossing-partition"}


def test_a_zone_whose_only_arm_surrounds_it_joins_nothing() -> None:
    disk = np.hypot(*(np.indices((41, 41)) - 20)) <= 15
    middle = np.hypot(*(np.indices((41, 41)) - 20)) <= 4
    options = ReconstructionOptions(width=10)
    pieces = cut_for_rays(disk, middle, border=None, options=options)
    assert [group.arms for group in partition_crossings(pieces, options)] == [(1,)]


def maps(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """(60, 60) mask of boxes (row, column, height, width)."""
    mask = np.zeros((60, 60), bool)
    for row, column, height, width in boxes:
        mask[row : row + height, column : column + width] = True
    return mask


def test_rings_by_hand() -> None:
    zone = maps((30, 30, 1, 1))
    square, disk = (ring_of(zone, ReconstructionOptions(ring=4, ring_shape=shape)) for shape in ("square", "disk"))
    assert square.sum() == 9 * 9 - 1
    assert disk.sum() == 49 - 1
    assert not (disk & ~square).any()
    assert not square[30, 30]


def test_erosion_separates_parts_that_hang_together_by_a_bridge() -> None:
    """Two bodies of 9 px beside a zone, joined by a bridge of 4 px that outlives the opening."""
    foreground = maps((10, 10, 9, 12), (10, 26, 9, 12), (12, 22, 4, 4), (30, 10, 6, 6))
    counts = {}
    for erosion in (0, 1, 2):
        pieces = cut_for_rays(foreground, maps((19, 10, 2, 2)), border=None, options=ReconstructionOptions(erosion=erosion, width=8))
        counts[erosion] = pieces.arm_count
    assert counts[0] < counts[2]
    assert counts[0] == 2


def test_parts_cover_the_foreground_and_slivers_join_the_nearest() -> None:
    """A row of 1 px beside a zone does not outlive the opening: it is no part of its own."""
    foreground = maps((20, 5, 9, 50), (5, 25, 40, 9), (19, 24, 1, 11))
    pieces = cut_for_rays(foreground, maps((20, 25, 9, 9)), border=None, options=ReconstructionOptions(width=9))
    assert np.array_equal((pieces.arms > 0) | (pieces.zones > 0), foreground)
    assert pieces.arm_count == 4


def test_what_no_seed_reaches_is_a_part() -> None:
    thin = maps((10, 10, 2, 30))
    pieces = cut_for_rays(thin, np.zeros_like(thin), border=None, options=ReconstructionOptions(width=3, min_object=0))
    assert np.array_equal(pieces.arms > 0, thin)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("name", "groups"), [("X", 2), ("slanted X", 2), ("L", 2), ("double X", 3)])
def test_presets_rebuild_simple_scenes(scenes: dict, preset: str, name: str, groups: int) -> None:
    scene = scenes[name]
    found = reconstruct(scene.foreground, scene.overlap, mode="legacy", options=ReconstructionOptions(**PRESETS[preset]))
    assert len(found) == groups


def test_pictures_need_not_be_square(scenes: dict) -> None:
    scene = scenes["slanted X"]
    wide = [np.pad(plane, ((0, 0), (30, 90))) for plane in (scene.foreground, scene.overlap)]
    plain, padded = (reconstruct(*pair, mode="legacy") for pair in ((scene.foreground, scene.overlap), wide))
    assert [one.region.area for one in plain] == [one.region.area for one in padded]


def test_wrong_rings() -> None:
    with pytest.raises(ValueError, match="`ring_shape` must be one of"):
        ReconstructionOptions(ring_shape="circle")
    with pytest.raises(ValueError, match="`erosion` must lie in"):
        ReconstructionOptions(erosion=-1)
