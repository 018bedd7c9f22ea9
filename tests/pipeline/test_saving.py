"""The folder of a cell whose chromosomes cross: restored and untouched pictures, straight ones, profiles and tables."""

from __future__ import annotations

import csv
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from karyokit.chromosomes import Chromosome, Region
from karyokit.pipeline import AnalysedCell, save_cell
from karyokit.staining import to_density


@pytest.fixture(params=["fluorescence", "brightfield"])
def cell(request: pytest.FixtureRequest) -> AnalysedCell:
    """A lying and a standing bar that cross, and a third alone."""
    rows, columns = np.mgrid[:120, :160]
    masks = [
        (abs(rows - 60) <= 5) & (abs(columns - 60) <= 40),
        (abs(columns - 60) <= 5) & (abs(rows - 60) <= 35),
        (abs(columns - 130) <= 5) & (abs(rows - 60) <= 30),
    ]
    stained = 60.0 * masks[0] + 80.0 * masks[1] + 70.0 * masks[2]
    image = (10 + stained if request.param == "fluorescence" else 230 * np.exp(-stained / 70)).astype(np.uint8)
    regions = [Region.from_mask(mask) for mask in masks]
    angles = (90.0, 0.0, 0.0)
    chromosomes = tuple(
        Chromosome(number, region, category=number, polarity="up", angle=angle)
        for number, (region, angle) in enumerate(zip(regions, angles, strict=True), start=1)
    )
    return AnalysedCell("cross", image, request.param, chromosomes, density=to_density(image, request.param), width_px=11.0)


def test_pictures_under_a_crossing_are_restored_and_kept_untouched(cell: AnalysedCell, tmp_path: Path) -> None:
    save_cell(cell, tmp_path)
    names = {path.name for path in tmp_path.glob("*.png")}
    numbers = [f"{number:02d}" for number in (1, 2, 3)]
    pictures = {f"chromosome_{number}.png" for number in numbers} | {f"straight_{number}.png" for number in numbers}
    assert names == pictures | {"chromosome_01_as_seen.png", "chromosome_02_as_seen.png", "overlay.png", "karyogram.png"}
    restored, seen = (imageio.imread(tmp_path / f"chromosome_01{which}.png").astype(float) for which in ("", "_as_seen"))
    middle, arm = (slice(7, 12), slice(42, 47)), (slice(7, 12), slice(10, 25))
    assert abs(restored[middle].mean() - restored[arm].mean()) < 0.4 * abs(seen[middle].mean() - seen[arm].mean())
    assert np.array_equal(restored[arm], seen[arm])
    straight = imageio.imread(tmp_path / "straight_01.png")
    assert straight.shape[0] > 2 * straight.shape[1]
    assert straight[0, 0] == (0 if cell.stain == "fluorescence" else 255)


def test_tables_count_restored_pixels_and_hold_profiles(cell: AnalysedCell, tmp_path: Path) -> None:
    save_cell(cell, tmp_path)
    with (tmp_path / "measurements.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["restored_px"] for row in rows] == ["121", "121", "0"]
    with (tmp_path / "profiles.csv").open() as file:
        profiles = list(csv.DictReader(file))
    for number, length in (("1", 81), ("2", 71), ("3", 61)):
        places = [float(row["position"]) for row in profiles if row["number"] == number]
        assert len(places) == pytest.approx(length, abs=3)
        assert places == sorted(places)
        assert (places[0] + places[-1]) == pytest.approx(1, abs=1e-4)
    middle = [float(row["density"]) for row in profiles if row["number"] == "1" and 0.2 < float(row["position"]) < 0.8]
    assert max(middle) < 1.3 * min(middle)


def test_pictures_of_an_earlier_run_go(cell: AnalysedCell, tmp_path: Path) -> None:
    for stale in ("chromosome_09.png", "chromosome_03_as_seen.png", "straight_09.png"):
        (tmp_path / stale).write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine")
    save_cell(cell, tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {"chromosome_09.png", "chromosome_03_as_seen.png", "straight_09.png"}
    assert "notes.txt" in left


def test_karyogram_items_tell_what_was_done(cell: AnalysedCell) -> None:
    items = cell.karyogram_items()
    assert [item.restored for item in items] == [True, True, False]
    assert not any(item.straightened for item in items)
    assert [item.picture.shape[0] > item.picture.shape[1] for item in items] == [True] * 3
