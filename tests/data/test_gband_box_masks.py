"""Masks derived from boxes, on drawn cells whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.gband_box_arms import MOST_WAYS, needed
from karyokit.data.gband_box_masks import BoxMasks, box_masks
from karyokit.data.gband_box_seeds import SLACK, inside, seeds_in_cluster
from karyokit.data.gband_boxed import boxed_sample, drawn_out
from karyokit.data.gband_boxes import loose_boxes, tight_boxes
from karyokit.data.gband_cells import cells
from karyokit.data.gband_weak import stained_pixels
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import BORDER, FOREGROUND, OVERLAP_ZONE
from karyokit.staining import to_density

SHAPE = (220, 260)
Bar = tuple[tuple[float, float], tuple[float, float]]
SPARE: tuple[Bar, ...] = (((20, 20), (20, 70)), ((200, 20), (200, 60)), ((190, 200), (205, 240)), ((20, 200), (50, 240)))
"""Isolated chromosomes of every drawn cell: (row, column) of their two ends."""


def bar(ends: Bar, width: float = 14) -> np.ndarray:
    """A strip with round ends."""
    start, end = np.array(ends[0], float), np.array(ends[1], float)
    pixels = np.stack(np.meshgrid(*(np.arange(side) for side in SHAPE), indexing="ij"), axis=-1)
    along = np.clip(((pixels - start) @ (end - start)) / ((end - start) @ (end - start)), 0, 1)
    return np.asarray(np.linalg.norm(pixels - start - along[..., None] * (end - start), axis=-1) <= width / 2)


def drawn(masks: Sequence[np.ndarray], *, blob: np.ndarray | None = None, boxed: slice = slice(None)) -> AnnotatedCell:
    """A brightfield cell whose chromosomes absorb 0.7 each, blurred as an objective does, with the boxes of its masks."""
    absorbed = 0.7 * np.sum(masks, axis=0) + (0 if blob is None else 0.6 * blob)
    light = 230 * np.exp(-ndimage.gaussian_filter(absorbed.astype(float), 1.0))
    boxes = np.array([Region.from_mask(mask).bbox for mask in masks], float)[boxed]
    return AnnotatedCell("drawn", np.rint(light).astype(np.uint8), "brightfield", boxes=loose_boxes(boxes))


def iou(region: Region | None, mask: np.ndarray) -> float:
    assert region is not None, "the chromosome got no mask"
    found = region.to_mask(SHAPE)
    return float((found & mask).sum() / (found | mask).sum())


def with_spares(*bars: Bar) -> list[np.ndarray]:
    return [bar(ends) for ends in (*bars, *SPARE)]


def test_isolated_chromosomes_get_their_outline() -> None:
    masks = with_spares()
    assert [iou(region, mask) > 0.8 for region, mask in zip(box_masks(drawn(masks)).regions, masks, strict=True)] == [True] * 4


@pytest.mark.parametrize(
    "bars",
    [
        pytest.param((((60, 60), (150, 90)), ((110, 94), (110, 160))), id="end on side, boxes overlap"),
        pytest.param((((100, 60), (100, 118)), ((100, 132), (100, 190))), id="end on end"),
        pytest.param((((60, 60), (160, 160)), ((140, 60), (100, 82))), id="nested box"),
        pytest.param((((70, 60), (130, 190)), ((60, 120), (150, 110))), id="crossing, one box within the rows of the other"),
        pytest.param((((70, 70), (150, 150)), ((70, 150), (150, 70))), id="crossing with one box for both"),
    ],
)
def test_touching_and_crossing_chromosomes_are_told_apart(bars: tuple[Bar, ...]) -> None:
    masks = with_spares(*bars)
    found = box_masks(drawn(masks)).regions[: len(bars)]
    straight = [iou(region, mask) for region, mask in zip(found, masks, strict=False)]
    swapped = [iou(region, mask) for region, mask in zip(found[::-1], masks, strict=False)]
    assert max(min(straight), min(swapped)) > 0.8


def test_crossing_is_an_overlap_and_touching_a_border() -> None:
    crossing = boxed_sample(drawn(with_spares(((70, 60), (130, 190)), ((60, 120), (150, 110)))))
    touching = boxed_sample(drawn(with_spares(((60, 60), (150, 90)), ((110, 94), (110, 160)))))
    truth = bar(((70, 60), (130, 190))) & bar(((60, 120), (150, 110)))
    zone = crossing.target[OVERLAP_ZONE]
    assert (zone & truth).sum() / (zone | truth).sum() > 0.5
    assert not touching.target[OVERLAP_ZONE].any()
    seam = np.argwhere(touching.target[BORDER])
    assert len(seam) >= 10
    assert np.abs(np.median(seam, axis=0) - (110, 85)).max() <= 5


def test_chromosome_at_a_nucleus_stays_unknown() -> None:
    masks = with_spares(((110, 60), (110, 112)))
    nucleus = np.hypot(*np.ogrid[-110:110, -150:110]) <= 34
    cell = drawn(masks, blob=nucleus)
    found = box_masks(cell)
    assert found.regions[0] is None
    assert all(region is not None for region in found.regions[1:])
    assert found.unknown[nucleus].mean() > 0.9
    sample = boxed_sample(cell)
    assert not sample.weight[BORDER][nucleus & found.unknown].any()
    assert not sample.weight[OVERLAP_ZONE][nucleus & found.unknown].any()


def test_object_without_box_and_box_without_object() -> None:
    masks = with_spares()
    found = box_masks(drawn(masks, boxed=slice(1, None)))
    assert found.unknown[masks[0]].all()
    extra = np.vstack([drawn(masks).boxes, [[100.0, 90.0, 50.0, 40.0]]])
    cell = drawn(masks)
    assert box_masks(AnnotatedCell(cell.name, cell.image, cell.stain, boxes=extra)).regions[-1] is None


def test_cell_without_boxes_or_stain() -> None:
    blank = AnnotatedCell("blank", np.full(SHAPE, 230, np.uint8), "brightfield")
    assert box_masks(blank).regions == ()
    assert not box_masks(blank).unknown.any()
    sample = boxed_sample(blank)
    assert not sample.target.any()
    assert sample.weight.all()


def check_laws(cell: AnnotatedCell, found: BoxMasks) -> None:
    stained = stained_pixels(to_density(cell.image, cell.stain))
    covered = np.zeros(cell.shape, bool)
    for region, box in zip(found.regions, tight_boxes(cell.boxes), strict=True):
        if region is not None:
            mask = region.to_mask(cell.shape)
            assert not (mask & ~stained).any()
            assert mask.sum() == mask[inside(box, cell.shape, 2 * SLACK + 3)].sum()
            assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
            covered |= mask
    assert ((covered | found.unknown) == stained).all()


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(50, 170), st.integers(30, 190), st.integers(50, 170), st.integers(30, 190)), max_size=4))
def test_stained_pixels_have_an_owner_or_are_unknown(ends: list[tuple[int, int, int, int]]) -> None:
    bars = [((row, column), (end_row, end_column + 20)) for row, column, end_row, end_column in ends]
    cell = drawn(with_spares(*bars))
    check_laws(cell, box_masks(cell))


def test_mirrored_cell_has_mirrored_masks() -> None:
    cell = drawn(with_spares(((70, 60), (130, 190)), ((60, 120), (150, 110))))
    boxes = tight_boxes(cell.boxes)
    boxes[:, 0] = SHAPE[1] - boxes[:, 0] - boxes[:, 2]
    mirrored = AnnotatedCell("mirrored", cell.image[:, ::-1].copy(), cell.stain, boxes=loose_boxes(boxes))
    for region, other in zip(box_masks(cell).regions, box_masks(mirrored).regions, strict=True):
        assert other is not None
        assert iou(region, other.to_mask(SHAPE)[:, ::-1]) > 0.9


def test_seeds_are_what_only_one_box_holds() -> None:
    cluster = np.zeros((30, 60), bool)
    cluster[10:18, 2:58] = True
    seeds = seeds_in_cluster(cluster, np.array([[2, 10, 26, 8], [26, 10, 20, 8]], float))
    assert seeds[12, [3, 15]].tolist() == [1, 1]
    assert seeds[12, 40] == 2
    assert seeds[12, 56] == -1
    assert (seeds_in_cluster(cluster, np.zeros((0, 4)))[cluster] == -1).all()


def test_arms_go_to_the_boxes_that_need_them() -> None:
    arms = np.zeros((40, 40), int)
    corners = ((0, 0), (0, 32), (32, 0), (32, 32))
    for number, (row, column) in enumerate(corners, 1):
        arms[row : row + 8, column : column + 8] = number
    boxes = np.array([[0, 0, 40, 8], [0, 32, 40, 8]], float)
    nothing = np.zeros(arms.shape, np.int16)
    free = [(number, [1, 2]) for number in range(1, 5)]
    assert needed(free, nothing, arms, boxes) == {1: 1, 2: 1, 3: 2, 4: 2}
    assert needed([(1, [2])], nothing, arms, boxes) == {1: 2}
    same = np.array([[0, 0, 40, 40], [0, 0, 40, 40]], float)
    assert needed(free, nothing, arms, same) == {1: 1, 2: 2, 3: 2, 4: 1}
    assert needed([(1, list(range(MOST_WAYS + 1)))], nothing, arms, boxes) == {}


def test_drawn_out_grows_by_a_pixel_over_stained_pixels_only() -> None:
    stained = np.zeros((5, 6), bool)
    stained[1:4, 1:6] = True
    grown = drawn_out(Region(1, 1, np.ones((3, 2), bool)), stained).to_mask((5, 6))
    assert grown[1:4, 1:4].all()
    assert grown.sum() == 9


def test_most_chromosomes_of_real_cells_get_masks(shared_data: Path) -> None:
    cell = next(cells(shared_data / "gband_cells", "val"))
    found = box_masks(cell)
    check = sum(region is not None for region in found.regions) / len(found.regions)
    assert check > 0.5
    sample = boxed_sample(cell)
    assert sample.target[BORDER].any()
    assert not (sample.target[1:].any(axis=0) & ~ndimage.binary_dilation(sample.target[FOREGROUND], np.ones((3, 3)), iterations=2)).any()
    assert sample.owners is not None
    assert not sample.owners[:, found.unknown].any()
