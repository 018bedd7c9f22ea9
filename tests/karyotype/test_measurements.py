"""Measurements on drawn chromosomes with a constriction, and on real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.singles import load_singles
from karyokit.human import CENTROMERIC_INDICES
from karyokit.karyotype.measurements import find_centromere, measure
from karyokit.karyotype.straightening import straighten


def constricted(centromere: float, *, length: int = 80, width: float = 14.0) -> np.ndarray:
    """Upright density of 1 with a constriction at a share of the length."""
    row, column = np.mgrid[: length + 20, :40].astype(float)
    share = (row - 10) / length
    half = width / 2 * (1 - 0.5 * np.exp(-(((share - centromere) / 0.04) ** 2)))
    return ((np.abs(column - 19.5) <= half) & (share >= 0) & (share <= 1)).astype(np.float32)


@pytest.mark.parametrize("place", [0.3, 0.7, 0.5])
def test_a_drawn_constriction_is_found(place: float) -> None:
    density = constricted(place)
    found = measure(density, Region.from_mask(density > 0))
    assert found.centromere_share == pytest.approx(place, abs=0.03)
    assert found.centromere[0] == pytest.approx(10 + 80 * place, abs=3)
    assert found.centromeric_index == pytest.approx(min(place, 1 - place), abs=0.03)
    assert found.arm_ratio == pytest.approx((1 - found.centromeric_index) / found.centromeric_index)
    assert found.centromere_confidence > 0.8


def test_sizes_in_pixels_and_micrometres() -> None:
    density = 3 * constricted(0.4)
    region = Region.from_mask(density > 0)
    found = measure(density, region, pixel_size_um=0.1)
    assert found.length_px == pytest.approx(81, abs=3)
    assert found.width_px == pytest.approx(14, abs=1)
    assert found.area_px == region.area
    assert found.mean_density == pytest.approx(3)
    assert found.length_um == pytest.approx(found.length_px / 10)
    assert found.area_um2 == pytest.approx(region.area / 100)
    assert found.width_um == pytest.approx(found.width_px / 10)
    assert measure(density, region).length_um is None


def test_lying_down_the_share_follows_the_angle() -> None:
    density = constricted(0.3).T.copy()
    region = Region.from_mask(density > 0)
    found = measure(density, region)
    # the short arm lies left; turned counter-clockwise by 90 degrees left becomes down, by -90 up
    assert (found.centromere_share > 0.6) == (found.angle > 0)
    assert measure(density, region, angle=-90.0).centromere_share < 0.4


def test_a_class_guides_the_search_but_does_not_force_it() -> None:
    plain = np.pad(np.ones((80, 14), np.float32), 10)
    guided = measure(plain, Region.from_mask(plain > 0), category=4, polarity="up")
    assert guided.centromere_share == pytest.approx(CENTROMERIC_INDICES[3] / 100, abs=0.05)
    assert guided.centromere_confidence < 0.2
    metacentric = constricted(0.5)
    assert measure(metacentric, Region.from_mask(metacentric > 0), category=4, polarity="down").centromere_share == pytest.approx(
        0.5, abs=0.05
    )


def test_find_centromere_stays_off_the_tips_of_the_smallest() -> None:
    density = np.pad(np.ones((2, 2), np.float32), 3)
    row, confidence = find_centromere(straighten(density, Region.from_mask(density > 0)))
    assert row >= 0
    assert 0 <= confidence <= 1


def test_wrong_numbers_are_refused() -> None:
    density = constricted(0.4)
    region = Region.from_mask(density > 0)
    with pytest.raises(ValueError, match="`pixel_size_um` must be positive"):
        measure(density, region, pixel_size_um=0)
    with pytest.raises(ValueError, match=r"`category` must lie in 0\.\.24"):
        measure(density, region, category=25)


def test_real_chromosomes_have_their_centromere_where_the_genome_says(shared_data: Path) -> None:
    singles = load_singles(shared_data / "singles" / "gband_singles.npz")
    wrong = []
    for category in (1, 3, 4, 6, 16, 18, 20, 23):
        for index in np.flatnonzero(singles.labels == category)[:4]:
            picture = singles.picture(int(index))
            found = measure(255 - picture.astype(np.float32), Region.from_mask(picture < 250), angle=0.0)
            wrong.append(abs(found.centromere_share - CENTROMERIC_INDICES[category - 1] / 100))
    assert np.median(wrong) < 0.05
