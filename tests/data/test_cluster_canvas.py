from __future__ import annotations

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data.cluster_canvas import on_canvas


def crossing(side: int) -> tuple[np.ndarray, list[Region], np.ndarray]:
    """Two bars of a tenth of the side, the picture of them, and where they cross."""
    masks = np.zeros((2, side, side + 40), bool)
    middle, half = side // 2, side // 20
    masks[0, middle - half : middle + half, 10:-10] = True
    masks[1, 10:-10, middle - half : middle + half] = True
    return (255 - 100 * masks.sum(axis=0)).astype(np.uint8), [Region.from_mask(mask) for mask in masks], masks.all(axis=0)


def test_a_small_crop_lies_in_the_middle_unchanged() -> None:
    grey, regions, overlap = crossing(80)
    found = on_canvas("a", grey, overlap=overlap, regions=regions)
    assert np.array_equal(found.image[88:168, 68:188, 1], grey)
    assert (found.image.sum(), found.overlap.sum()) == (3 * (grey.sum() + 255 * (256 * 256 - grey.size)), overlap.sum())
    assert [region.area for region in found.instances] == [region.area for region in regions]


def test_a_large_crop_is_made_smaller_with_its_truth() -> None:
    grey, regions, overlap = crossing(600)
    found = on_canvas("a", grey, overlap=overlap, regions=regions)
    factor = (256 / 640) ** 2
    assert abs(found.overlap.sum() / (overlap.sum() * factor) - 1) < 0.1
    assert abs(found.foreground.sum() / ((grey < 255).sum() * factor) - 1) < 0.1
    dark = found.image[:, :, 0] < 205
    assert np.count_nonzero(dark ^ found.foreground) < 0.1 * found.foreground.sum()


def test_an_empty_instance_is_left_out() -> None:
    grey, regions, overlap = crossing(80)
    found = on_canvas("a", grey, overlap=overlap, regions=[*regions, Region(0, 0, np.zeros((0, 0), bool))])
    assert len(found.instances) == 2
