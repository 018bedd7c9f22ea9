"""Maps for masks that came without."""

from __future__ import annotations

import numpy as np

from karyokit.reconstruction.crf import maps_to_probabilities, masks_to_probabilities


def two_masks() -> np.ndarray:
    masks = np.zeros((2, 10, 20), bool)
    masks[0, 2:8, 2:9] = True
    masks[1, 2:8, 7:17] = True
    return masks


def test_threshold_gives_back_the_masks() -> None:
    masks = two_masks()
    np.testing.assert_array_equal(masks_to_probabilities(masks) > 0.5, masks)
    foreground = np.where(masks.any(axis=0), 0.8, 0.3)
    np.testing.assert_array_equal(maps_to_probabilities(masks, foreground) > 0.5, masks)


def test_distance_map_by_hand() -> None:
    row = masks_to_probabilities(np.array([[[0, 0, 1, 1, 0]]], bool), softness=1.0)[0, 0]
    np.testing.assert_allclose(row, 1 / (1 + np.exp([1.5, 0.5, -0.5, -0.5, 0.5])), rtol=1e-6)


def test_other_masks_are_less_likely_the_deeper_inside_them() -> None:
    first = masks_to_probabilities(two_masks())[0]
    alone = masks_to_probabilities(two_masks()[:1])[0]
    assert first[5, 10] < alone[5, 10]
    np.testing.assert_array_equal(first[:, :7], alone[:, :7])


def test_background_goes_to_the_nearest_mask_and_other_masks_are_no_foreground() -> None:
    masks = two_masks()
    foreground = np.where(masks.any(axis=0), 0.9, 0.4).astype(np.float32)
    first, second = maps_to_probabilities(masks, foreground)
    np.testing.assert_allclose([first[5, 0], second[5, 0], first[5, 19], second[5, 19]], [0.4, 0, 0, 0.4])
    np.testing.assert_allclose([first[5, 8], second[5, 8]], [0.9, 0.9])  # shared
    np.testing.assert_allclose([first[5, 12], second[5, 12]], [0.1, 0.9], rtol=1e-6)


def test_empty_cases() -> None:
    assert masks_to_probabilities(np.zeros((0, 4, 5), bool)).shape == (0, 4, 5)
    assert maps_to_probabilities(np.zeros((0, 4, 5), bool), np.zeros((4, 5))).shape == (0, 4, 5)
    assert (maps_to_probabilities(np.zeros((1, 4, 5), bool), np.full((4, 5), 0.3))[0] <= 0.5).all()
    np.testing.assert_array_equal(masks_to_probabilities(np.ones((1, 4, 5), bool)), np.ones((1, 4, 5)))
