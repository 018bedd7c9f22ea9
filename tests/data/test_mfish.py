from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from karyokit.data import mfish


def crossing_map() -> np.ndarray:
    """A class 3 chromosome in two arms crossing a class 7 one in two arms, and a class 3 homologue apart."""
    plane = np.zeros((60, 80), np.uint8)
    plane[28:34, 5:55] = 3
    plane[5:55, 28:34] = 7
    plane[28:34, 28:34] = mfish.OVERLAP
    plane[50:56, 60:75] = 3
    plane[2, 2] = 9
    return plane


def test_arms_at_one_zone_are_one_chromosome_and_share_the_zone() -> None:
    found = mfish.chromosomes_from_class_map(crossing_map())
    areas = sorted((category, region.area) for region, category in found)
    assert areas == [(3, 90), (3, 300), (7, 300)]


def test_empty_map_has_no_chromosomes() -> None:
    assert mfish.chromosomes_from_class_map(np.zeros((10, 10), np.uint8)) == []


def test_small_overlap_regions_are_not_zones() -> None:
    plane = np.zeros((20, 20), np.uint8)
    plane[2:5, 2:6] = mfish.OVERLAP
    plane[10:14, 10:14] = mfish.OVERLAP
    zones = mfish.overlap_zones(plane)
    assert zones.sum() == 16
    assert zones[11, 11]
    assert not zones[3, 3]


def test_missing_and_unknown_splits(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no splits\.json"):
        mfish.split_names(tmp_path, "train")
    (tmp_path / "splits.json").write_text(json.dumps({"train": ["A"]}))
    with pytest.raises(ValueError, match="`split` must be one of"):
        mfish.split_names(tmp_path, "exam")


def test_real_cells_have_about_46_chromosomes(shared_data: Path) -> None:
    counts = [len(cell.regions) for cell in mfish.cells(shared_data / "mfish", "val")]
    assert len(counts) == 12
    assert np.median(counts) in (45, 46)
    slides = {split: {name[:3] for name in mfish.split_names(shared_data / "mfish", split)} for split in ("train", "val", "test")}
    assert not slides["train"] & slides["val"]
    assert not slides["train"] & slides["test"]
