"""ImageJ's own classes fill our selections and keep our fields. Needs Java and ImageJ's jar, named by KARYOKIT_IMAGEJ."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from roifile import ROI_TYPE, ImagejRoi

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import assert_same, drawn_cells

from karyokit.exchange.coco import CellRecord
from karyokit.exchange.formats import read_cells, write_cells

JAR = os.environ.get("KARYOKIT_IMAGEJ", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (JAR and shutil.which("java")), reason="set KARYOKIT_IMAGEJ to ImageJ's ij.jar (Debian: libij-java) to run this test"
    ),
]
HERE = Path(__file__).parent


def in_imagej(folder: Path) -> Path:
    """What ImageJ makes of the zips in ``folder``/in."""
    (folder / "out").mkdir()
    program = [str(HERE / "imagej" / "FillSelections.java"), str(folder / "in"), str(folder / "out")]
    subprocess.run(["java", "-Djava.awt.headless=true", "-cp", JAR, *program], check=True)
    return folder / "out"


def masks_in(path: Path, shape: tuple[int, int]) -> Iterator[np.ndarray]:
    """(rows, columns) bool of each selection in a file of ``FillSelections``."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        x, y, width, height = np.frombuffer(data, ">i4", 4, at).tolist()
        crop = np.frombuffer(data, np.uint8, width * height, at + 16).reshape(height, width).astype(bool)
        at += 16 + width * height
        mask = np.zeros(shape, bool)
        mask[y : y + height, x : x + width] = crop
        yield mask


def drawn() -> list[CellRecord]:
    """150 random cells, and the example cells of the repository; objects without pixels left out, since ImageJ has none."""
    cells: list[CellRecord] = []

    @settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn_cells())
    def collect(cell: CellRecord) -> None:
        chromosomes = tuple(one for one in cell.chromosomes if one.region.area)
        cells.append(replace(cell, chromosomes=chromosomes, set_aside=tuple(one for one in cell.set_aside if one.region.area)))

    collect()
    for path in sorted((HERE.parents[1] / "examples" / "cells").glob("*.json")):
        cells.extend(read_cells(path))
    return [cell for cell in cells if cell.chromosomes or cell.set_aside]


def test_imagej_fills_the_same_pixels_and_keeps_our_fields(tmp_path: Path) -> None:
    cells = drawn()
    (tmp_path / "in").mkdir()
    for number, cell in enumerate(cells):
        write_cells(tmp_path / "in" / f"{number}.zip", [cell])
    out, count = in_imagej(tmp_path), 0
    for number, cell in enumerate(cells):
        regions = [one.region for one in (*cell.chromosomes, *cell.set_aside)]
        for region, mask in zip(regions, masks_in(out / f"{number}.zip.masks", cell.shape), strict=True):
            assert np.array_equal(region.to_mask(cell.shape), mask)
            count += 1
        assert_same(read_cells(out / f"{number}.zip")[0], cell)
    print(f"{len(cells)} cells, {count} selections")
    assert count > 200


def test_our_filling_of_polygons_is_imagejs(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "a.zip", "w") as archive:
        for number in range(300):
            points = rng.uniform(0, 20, (rng.integers(3, 9), 2))
            roi = ImagejRoi.frompoints(points.astype(np.int32) if number % 2 else points, name=f"c{number}")
            roi.right, roi.bottom = roi.right - 1, roi.bottom - 1  # as ImageJ writes the box
            roi.roitype = (ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND)[number // 2 % 2]
            archive.writestr(f"{number}.roi", roi.tobytes())
    out = in_imagej(tmp_path)
    (cell,) = read_cells(tmp_path / "in" / "a.zip", shape=(40, 40))
    masks = list(masks_in(out / "a.zip.masks", (40, 40)))
    wrong = [
        one.number for one, mask in zip(cell.chromosomes, masks, strict=True) if not np.array_equal(one.region.to_mask((40, 40)), mask)
    ]
    assert wrong == []
