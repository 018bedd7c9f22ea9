"""Predicted masks stand in for gaps only where one box and one mask agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.gband_predicted import filled_up, read_predicted

SHAPE = (60, 80)


def block(row: int, column: int, height: int, width: int) -> Region:
    return Region(row, column, np.ones((height, width), bool))


def boxes(*regions: Region) -> np.ndarray:
    return np.array([region.bbox for region in regions], float).reshape(-1, 4)


def test_a_gap_takes_the_mask_whose_box_agrees() -> None:
    known, missing = block(5, 5, 30, 10), block(5, 40, 30, 10)
    filled = filled_up([known, None], [missing, block(40, 5, 10, 60)], boxes(known, missing), SHAPE)
    assert filled == [known, missing]


def test_a_known_mask_is_never_replaced() -> None:
    known = block(5, 5, 30, 10)
    assert filled_up([known], [block(5, 5, 30, 10)], boxes(known), SHAPE)[0] is known


def test_two_masks_for_one_box_tell_nothing() -> None:
    gap = block(5, 40, 30, 10)
    assert filled_up([None], [gap, block(6, 41, 29, 9)], boxes(gap), SHAPE) == [None]


def test_a_mask_that_known_masks_cover_is_not_another_chromosome() -> None:
    known = block(5, 5, 30, 12)
    assert filled_up([known, None], [block(5, 7, 30, 12)], boxes(known, block(5, 7, 30, 12)), SHAPE)[1] is None


def test_only_the_largest_piece_of_a_mask_is_taken() -> None:
    crop = np.ones((30, 10), bool)
    crop[25:28] = False
    filled = filled_up([None], [Region(5, 40, crop)], boxes(block(5, 40, 30, 10)), SHAPE)
    assert filled[0] is not None
    assert filled[0].bbox == (40, 5, 10, 25)


def test_no_boxes_and_no_predictions() -> None:
    assert filled_up([], [block(0, 0, 9, 9)], boxes(), SHAPE) == []
    assert filled_up([None], [], boxes(block(0, 0, 9, 9)), SHAPE) == [None]


def test_regions_come_back_by_the_name_of_their_picture(tmp_path: Path) -> None:
    region = block(3, 4, 20, 6)
    image = {"id": 7, "file_name": "somewhere/a1.jpg"}
    annotation = {"image_id": 7, "segmentation": region.to_rle(SHAPE)}
    (tmp_path / "a.json").write_text(json.dumps({"images": [image], "annotations": [annotation]}))
    found = read_predicted(tmp_path / "a.json")
    assert [one.bbox for one in found["a1"]] == [region.bbox]


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        read_predicted(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text('{"images": 3}')
    with pytest.raises(ValueError, match=r"broken\.json"):
        read_predicted(tmp_path / "broken.json")
