"""Single chromosome pictures: own pixels kept, neighbours gone."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.exchange.chromosome_pictures import background_level, own_picture


def crossing(stain: str, dtype: type = np.uint8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture and masks of a horizontal and a vertical bar whose stains add up where they cross."""
    first, second = np.zeros((60, 80), bool), np.zeros((60, 80), bool)
    first[25:33, 10:70] = True
    second[5:55, 36:44] = True
    if stain == "fluorescence":
        return (10 + 60.0 * first + 90.0 * second).astype(dtype), first, second
    return np.rint(200 * 0.6**first * 0.5**second).astype(dtype), first, second


@pytest.mark.parametrize(("stain", "level"), [("fluorescence", 10), ("brightfield", 200)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_neighbours_are_gone_and_own_pixels_stay(stain: str, level: int, dtype: type) -> None:
    image, first, second = crossing(stain, dtype)
    before = image.copy()
    region = Region.from_mask(first)
    cut = own_picture(image, region, stain=stain, margin=5)
    assert (cut.shape, cut.dtype) == ((18, 70), dtype)
    inside = np.pad(region.crop, 5)
    assert np.array_equal(cut[inside], image[first])
    assert (cut[:4] == level).all()
    assert (cut[-4:] == level).all()
    assert np.array_equal(image, before)
    assert second.any()


def test_own_values_stand_in_for_the_picture_inside_the_region() -> None:
    image, first, second = crossing("fluorescence")
    region = Region.from_mask(first)
    own = np.where(first & second, 70, image)[region.window].astype(np.uint8)
    cut = own_picture(image, region, stain="fluorescence", margin=2, own=own)
    assert (cut[2:-2, 2:-2] == 70).all()
    assert np.array_equal(cut[1], own_picture(image, region, stain="fluorescence", margin=2)[1])


def test_beyond_the_border_is_background() -> None:
    image = np.full((40, 40), 10, np.uint8)
    image[:6, :30] = 90
    cut = own_picture(image, Region.from_mask(image > 50), stain="fluorescence", margin=3)
    assert cut.shape == (12, 36)
    assert (cut[3:9, 3:33] == 90).all()
    assert (cut[:2] == 10).all()


def test_level_given_is_used_and_flat_pictures_have_their_own() -> None:
    image, first, _ = crossing("fluorescence")
    assert own_picture(image, Region.from_mask(first), stain="fluorescence", background=33.0)[0, 0] == 33
    assert background_level(np.full((4, 4), 9, np.uint8), "brightfield") == 9.0


def test_wrong_input() -> None:
    image, first, _ = crossing("fluorescence")
    region = Region.from_mask(first)
    with pytest.raises(ValueError, match="`region` must have pixels"):
        own_picture(image, Region.from_mask(first & False), stain="fluorescence")
    with pytest.raises(ValueError, match="one shape"):
        own_picture(image, region, stain="fluorescence", own=image[:10])
    for act in (lambda: own_picture(image, region, stain="dark"), lambda: background_level(image, "dark")):
        with pytest.raises(ValueError, match="`stain` must be one of"):
            act()
    with pytest.raises(ValueError, match="`image` must be a non-empty"):
        background_level(image[0], "fluorescence")
