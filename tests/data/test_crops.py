from __future__ import annotations

from dataclasses import replace

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data.crops import CropOptions, random_crop
from karyokit.data.separation_targets import SeparationSample, separation_target


def sample() -> SeparationSample:
    masks = np.zeros((2, 120, 140), bool)
    masks[0, 55:65, 20:120] = True
    masks[1, 20:100, 60:70] = True
    target = separation_target([Region.from_mask(mask) for mask in masks], (120, 140))
    density = masks.sum(0).astype(np.float16)
    return SeparationSample("x", density, target, np.ones_like(target))


def test_targets_of_a_crossing() -> None:
    target = sample().target
    assert target[0].sum() == 1000 + 800 - 100
    assert target[2].sum() == 100
    assert target[2][55:65, 60:70].all()
    assert not target[1][target[2]].any()


def test_crops_repeat_for_one_seed_and_keep_target_on_density() -> None:
    plain = CropOptions(side=64, gain=0.0, gamma=0.0, noise=0.0, blur=0.31)
    first = random_crop(sample(), np.random.default_rng(5), plain)
    second = random_crop(sample(), np.random.default_rng(5), plain)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    agree = []
    for seed in range(20):
        density, target, weight, _ = random_crop(sample(), np.random.default_rng(seed), plain)
        assert density.shape == (1, 64, 64)
        inside = weight[0] > 0
        agree.append(((density[0] > 0.5) == (target[0] > 0))[inside].mean())
    assert np.mean(agree) > 0.93


def test_weight_is_zero_outside_the_picture() -> None:
    options = CropOptions(side=300, scale=(1.0, 1.001))
    _, target, weight, _ = random_crop(sample(), np.random.default_rng(0), options)
    assert 0.1 < weight[0].mean() < 0.3
    assert not target[0][weight[0] == 0].any()


def test_owners_turn_with_the_picture() -> None:
    known = sample()
    owners = np.zeros((2, *known.density.shape), np.uint8)
    owners[0][known.target[0]] = 7
    crop = random_crop(replace(known, owners=owners), np.random.default_rng(3), CropOptions(side=64))
    assert crop[3].dtype == np.uint8
    np.testing.assert_array_equal(crop[3][0] == 7, crop[1][0] > 0)
    assert not crop[3][1].any()
