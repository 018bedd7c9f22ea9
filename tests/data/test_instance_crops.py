from __future__ import annotations

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.instance_crops import InstanceCrop, InstanceCropOptions, box_of_mask, crop_instances, cut_instances, turn_crop
from karyokit.data.instance_samples import InstanceSample

PLAIN = InstanceCropOptions(side=64, scale=(1.0, 1.0), gain=0.0, gamma=0.0, noise=0.0, blur=0.0)


def sample(*, known: bool = True) -> InstanceSample:
    """Two bars that cross, and one at the border; the density is their number at each pixel."""
    masks = np.zeros((3, 80, 100), bool)
    masks[0, 20:28, 10:60], masks[1, 8:50, 30:38], masks[2, 60:70, 80:100] = True, True, True
    regions = tuple(Region.from_mask(mask) for mask in masks)
    boxes = np.array([box_of_mask(mask) for mask in masks], np.float32)
    return InstanceSample("bars", masks[0].astype(np.uint8), masks.sum(0).astype(np.float16), boxes, regions if known else (None,) * 3)


def test_a_window_of_the_picture_is_the_picture() -> None:
    whole = sample()
    crop = cut_instances(whole, np.array([4.0, 6.0]), 1.0, side=64, visible=0.3)
    np.testing.assert_allclose(crop.density[0], whole.density[4:68, 6:70], atol=1e-3)
    assert crop.boxes.tolist() == [[4, 16, 54, 24], [24, 4, 32, 46]]
    assert crop.masks[0, 16:24, 4:54].all()
    assert int(crop.masks[0].sum()) == 8 * 50
    assert (crop.masks[0] & crop.masks[1]).sum() == 64


def test_doubling_the_size_doubles_boxes_and_keeps_masks_in_them() -> None:
    crop = cut_instances(sample(), np.array([0.0, 0.0]), 2.0, side=160, visible=0.3)
    np.testing.assert_allclose(crop.boxes, 2 * sample().boxes[:2], atol=1)
    for mask, box in zip(crop.masks, crop.boxes, strict=True):
        assert box_of_mask(mask).tolist() == box.tolist()
    assert crop.masks[0].sum() == pytest.approx(4 * 400, rel=0.03)


def test_half_seen_chromosomes_stay_and_slivers_go() -> None:
    corner = np.array([0.0, 40.0])  # 20 of the first bar's 50 columns are inside
    assert len(cut_instances(sample(), corner, 1.0, side=60, visible=0.3).boxes) == 1
    assert len(cut_instances(sample(), corner, 1.0, side=60, visible=0.5).boxes) == 0
    assert cut_instances(sample(known=False), corner, 1.0, side=60, visible=0.3).boxes.tolist() == [[0, 20, 20, 28]]


def test_box_only_chromosomes_have_no_mask() -> None:
    crop = cut_instances(sample(known=False), np.array([0.0, 0.0]), 1.0, side=100, visible=0.3)
    assert crop.has_mask.tolist() == [False] * 3
    assert not crop.masks.any()
    np.testing.assert_allclose(crop.boxes, sample().boxes)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_turned_boxes_are_those_of_the_turned_masks(quarters: int, mirror: bool) -> None:
    crop = cut_instances(sample(), np.array([0.0, 0.0]), 1.0, side=100, visible=0.3)
    turned = turn_crop(crop, quarters=quarters, mirror=mirror)
    np.testing.assert_allclose(turned.boxes, [box_of_mask(mask) for mask in turned.masks])
    np.testing.assert_allclose(turned.density[0], turned.masks.sum(axis=0))
    assert turned.density.flags["C_CONTIGUOUS"]


def test_random_crops_keep_the_form_and_the_seed_decides() -> None:
    whole = sample()
    before = whole.density.copy()
    for seed in range(12):
        crops = [crop_instances(whole, np.random.default_rng(seed), InstanceCropOptions(side=64)) for _ in range(2)]
        crop: InstanceCrop = crops[0]
        assert crop.density.shape == (1, 64, 64)
        assert crop.density.dtype == crop.boxes.dtype == np.float32
        assert crop.masks.shape == (len(crop.boxes), 64, 64)
        assert (crop.boxes >= 0).all()
        assert (crop.boxes <= 64).all()
        assert np.array_equal(crop.density, crops[1].density)
    assert np.array_equal(whole.density, before)


def test_an_empty_picture_gives_an_empty_crop() -> None:
    empty = InstanceSample("none", np.zeros((50, 50), np.uint8), np.zeros((50, 50), np.float16), np.zeros((0, 4), np.float32), ())
    crop = crop_instances(empty, np.random.default_rng(0), PLAIN)
    assert crop.boxes.shape == (0, 4)
    assert crop.masks.shape == (0, 64, 64)
    assert not crop.density.any()
