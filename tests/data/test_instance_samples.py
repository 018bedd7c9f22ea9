from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.generators.records import Single
from karyokit.data.instance_samples import INSTANCE_SOURCES, composite_instances, sample_of_boxes, sample_of_masks
from karyokit.data.records import AnnotatedCell


def bars() -> AnnotatedCell:
    """A brightfield picture of three dark bars: one alone, two that cross."""
    image = np.full((120, 160), 240, np.uint8)
    image[20:28, 20:60] = 90
    image[70:78, 90:140] = 90
    image[50:100, 110:118] = 90
    boxes = np.array([[20, 20, 40, 8], [90, 70, 50, 8], [110, 50, 8, 50]], float) + np.array([-8, -9, 14, 14])
    return AnnotatedCell(name="bars", image=image, stain="brightfield", categories=(1, 2, 3), boxes=boxes, group="a")


def test_boxes_only_where_chromosomes_cross_and_a_mask_where_one_lies_alone() -> None:
    sample = sample_of_boxes(bars())
    assert [region is not None for region in sample.regions] == [True, False, False]
    np.testing.assert_allclose(sample.boxes[1:], [[90, 70, 140, 78], [110, 50, 118, 100]])
    np.testing.assert_allclose(sample.boxes[0], [20, 20, 60, 28], atol=2)
    with pytest.raises(ValueError, match="1 of 3"):
        sample.known_regions()


def test_a_cell_without_boxes_is_an_empty_sample() -> None:
    cell = bars()
    empty = sample_of_boxes(AnnotatedCell(name="none", image=cell.image, stain=cell.stain))
    assert (empty.boxes.shape, empty.regions, empty.shape) == ((0, 4), (), (120, 160))


def test_boxes_of_masks_are_tight() -> None:
    region = Region(5, 7, np.ones((3, 4), bool))
    cell = AnnotatedCell.of_chromosomes(
        "a", np.random.default_rng(0).integers(0, 9, (40, 50), np.uint8), [(region, 1)], stain="fluorescence"
    )
    sample = sample_of_masks(cell)
    assert sample.boxes.tolist() == [[7, 5, 11, 8]]
    assert sample.known_regions() == (region,)


def test_composites_come_from_libraries_that_are_large_enough() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((12, 40), bool)
    mask[3:9, 4:36] = True
    library = [Single((mask * rng.uniform(0.8, 1.2)).astype(np.float32), mask, 1) for _ in range(9)]
    made = list(composite_instances([library[:3], library], "fluorescence", count=2, seed=0))
    again = list(composite_instances([library], "fluorescence", count=2, seed=0))
    assert [len(sample.boxes) for sample in made] == [9, 9]
    assert all(np.array_equal(a.density, b.density) for a, b in zip(made, again, strict=True))
    with pytest.raises(ValueError, match="8 free chromosomes"):
        list(composite_instances([library[:3]], "fluorescence", count=1, seed=0))


@pytest.mark.slow
@pytest.mark.parametrize("name", INSTANCE_SOURCES)
def test_every_source_gives_boxes_inside_the_picture(name: str, shared_data: Path) -> None:
    options = {"count": 1, "cells": 2} if "composites" in name else {"limit": 1}
    for sample in INSTANCE_SOURCES[name](str(shared_data), "train", **options):
        rows, columns = sample.shape
        assert len(sample.boxes) == len(sample.regions) > 10
        assert (sample.boxes >= 0).all()
        assert (sample.boxes <= [columns, rows, columns, rows]).all()
        assert (sample.boxes[:, 2:] > sample.boxes[:, :2]).all()
        for box, region in zip(sample.boxes, sample.regions, strict=True):
            assert region is None or region.bbox[:2] == tuple(box[:2])
