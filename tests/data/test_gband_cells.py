from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.data import gband_cells
from karyokit.data.gband_boxes import FOOT_MARGIN, as_annotated, box_iou, boxes_touch, loose_boxes, tight_boxes
from karyokit.data.gband_cells import case_of, category_of, cells
from karyokit.data.gband_isolated import isolated_chromosomes, mask_in_box
from karyokit.data.records import AnnotatedCell
from karyokit.data.splits import SPLIT_NAMES


def _picture(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Light picture (120, 160) with dark rectangles (column, row, width, height)."""
    picture = np.full((120, 160), 240, np.uint8)
    for column, row, width, height in boxes:
        picture[row : row + height, column : column + width] = 90
    return picture


def _shared(root: Path) -> Path:
    (root / "images").mkdir(parents=True)
    iio.imwrite(root / "images" / "10011.jpg", np.stack([_picture((40, 40, 40, 20))] * 3, -1))
    record = {
        "images": [{"id": 7, "file_name": "10011.jpg", "width": 160, "height": 120, "case": "1001", "count_abnormality": ["47", "X"]}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 23, "bbox": [32.0, 31.0, 54.0, 34.0]}],
    }
    (root / "train.json").write_text(json.dumps(record))
    return root


def _voc(objects: list[tuple[str, tuple[int, int, int, int]]]) -> str:
    shapes = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for name, (a, b, c, d) in objects
    )
    return f"<annotation><filename>wrong.jpg</filename>{shapes}</annotation>"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    base = tmp_path / "24_chromosomes_object"
    (base / "JEPG").mkdir(parents=True)
    (base / "annotations").mkdir()
    for number in range(40):
        iio.imwrite(base / "JEPG" / f"20{number:02d}1.jpg", _picture((10, 20, 30, 40)))
        (base / "annotations" / f"20{number:02d}1.xml").write_text(_voc([("A1", (10, 20, 40, 60)), ("chromosome", (1, 2, 3, 4))]))
    return tmp_path


def _all(root: Path) -> list[AnnotatedCell]:
    """The cells of every split, by name."""
    return sorted((cell for split in SPLIT_NAMES for cell in cells(root, split)), key=lambda cell: cell.name)


def test_shared_layout(tmp_path: Path) -> None:
    (cell,) = cells(_shared(tmp_path / "gband_cells"), "train")
    assert (cell.name, cell.stain, cell.group, cell.categories) == ("10011", "brightfield", "1001", (23,))
    assert cell.image.shape == (120, 160)
    assert cell.boxes.tolist() == [[32.0, 31.0, 54.0, 34.0]]
    assert cell.notes == {"count_abnormality": ["47", "X"]}
    assert cell.regions == ()


def test_cells_held_back_are_the_last_of_training(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [cell.name for cell in cells(published, "train")]
    monkeypatch.setattr(gband_cells, "HELD_BACK_FROM", 1)
    assert [cell.name for cell in gband_cells.held_back_cells(published)] == names[1:]
    assert [cell.name for cell in gband_cells.cells(published, "held_back")] == names[1:]
    monkeypatch.setattr(gband_cells, "HELD_BACK_FROM", len(names))
    assert not list(gband_cells.held_back_cells(published))


def test_published_layout(published: Path) -> None:
    found = _all(published)
    assert len(found) == 40
    assert found[0].name == "20001"
    assert found[0].group == "2000"
    assert found[0].categories == (1, 0)
    assert found[0].boxes.tolist() == [[10.0, 20.0, 30.0, 40.0], [1.0, 2.0, 2.0, 2.0]]
    assert found[0].notes["unknown_classes"] == ("chromosome",)
    assert len(_all(published / "24_chromosomes_object")) == 40
    parts = {split: {cell.group for cell in cells(published, split)} for split in ("train", "val", "test")}
    assert sum(map(len, parts.values())) == 40
    assert len(parts["train"]) > len(parts["test"])
    assert not parts["train"] & parts["test"]


def test_missing_parts_are_named(tmp_path: Path, published: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there.*KARYOKIT_DATA"):
        cells(tmp_path / "nowhere", "train")
    shared = _shared(tmp_path / "gband_cells")
    with pytest.raises(FileNotFoundError, match=r"val\.json is not there"):
        cells(shared, "val")
    with pytest.raises(ValueError, match="`split` must be one of"):
        cells(shared, "training")
    (shared / "images" / "10011.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"10011\.jpg is not there"):
        list(cells(shared, "train"))
    (published / "24_chromosomes_object" / "JEPG" / "20001.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"20001\.jpg is not there"):
        _all(published)


@pytest.mark.parametrize("text", ["<annotation>", "<a><object><name>A1</name></object></a>"])
def test_broken_annotation(published: Path, text: str) -> None:
    (published / "24_chromosomes_object" / "annotations" / "20001.xml").write_text(text)
    with pytest.raises(ValueError, match="`annotation` must be Pascal-VOC XML"):
        _all(published)


def test_names() -> None:
    assert case_of("1091714.jpg") == "109171"
    assert case_of("1050302_1.jpg") == case_of("1050301.jpg")
    assert [category_of(name) for name in ("C12", "Y", "x", "25", "G23", "")] == [12, 24, 23, 0, 0, 0]


def test_boxes_by_hand() -> None:
    boxes = np.array([[0, 0, 10, 10], [10, 0, 5, 5], [30, 30, 4, 4]], float)
    assert boxes_touch(boxes).tolist() == [True, True, False]
    assert boxes_touch(np.zeros((0, 4))).shape == (0,)
    assert box_iou(boxes[0], (5, 0, 10, 10)) == pytest.approx(50 / 150)
    assert box_iou(boxes[0], boxes[2]) == 0
    assert box_iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0
    larger = boxes + np.array([0, 0, 50, 50])
    assert (loose_boxes(tight_boxes(larger)) == larger).all()


def _cell(image: np.ndarray, tight: list[tuple[int, int, int, int]]) -> AnnotatedCell:
    return AnnotatedCell("a", image, "brightfield", categories=tuple(range(1, len(tight) + 1)), boxes=loose_boxes(np.array(tight, float)))


def test_isolated_chromosome_is_found_and_a_crossing_is_not() -> None:
    boxes = [(30, 30, 40, 16), (90, 60, 40, 16), (100, 50, 14, 40)]
    cell = _cell(_picture(*boxes), boxes)
    ((region, category),) = isolated_chromosomes(cell)
    assert category == 1
    truth = np.zeros(cell.shape, bool)
    truth[30:46, 30:70] = True
    mask = region.to_mask(cell.shape)
    assert (mask & truth).sum() / (mask | truth).sum() > 0.9
    inverted = AnnotatedCell("b", 255 - cell.image, "fluorescence", categories=cell.categories, boxes=cell.boxes)
    assert (isolated_chromosomes(inverted)[0][0].to_mask(cell.shape) == mask).all()


def test_what_cannot_be_outlined_is_left_out() -> None:
    nothing = _cell(_picture(), [(30, 30, 40, 16)])
    assert isolated_chromosomes(nothing) == []
    joined_to_a_nucleus = _cell(_picture((30, 30, 40, 16), (50, 0, 30, 34)), [(30, 30, 40, 16)])
    assert isolated_chromosomes(joined_to_a_nucleus) == []
    far_smaller = _cell(_picture((30, 30, 10, 10)), [(30, 30, 60, 40)])
    assert isolated_chromosomes(far_smaller) == []
    assert isolated_chromosomes(AnnotatedCell("c", _picture(), "brightfield")) == []


def test_the_cells_own_margin_is_learnt() -> None:
    places = [(20, 15, 30, 12), (90, 15, 30, 12), (20, 50, 30, 12), (90, 50, 30, 12), (20, 90, 30, 12)]
    boxes = np.array(places, float) + np.array([-3, -3, 6, 6])
    cell = AnnotatedCell("d", _picture(*places), "brightfield", categories=(1, 2, 3, 4, 5), boxes=boxes)
    assert [category for _, category in isolated_chromosomes(cell)] == [1, 2, 3, 4, 5]


def test_box_outside_the_picture_gives_an_empty_region() -> None:
    for box in ((500.0, 500.0, 20.0, 20.0), (-90.0, -90.0, 20.0, 20.0)):
        region = mask_in_box(_picture(), np.array(box), stain="brightfield", others=np.zeros((0, 4)))
        assert region.area == 0


@pytest.mark.parametrize(("split", "count"), [("train", 600), ("val", 50), ("test", 100)])
def test_real_splits(shared_data: Path, split: str, count: int) -> None:
    record = json.loads((shared_data / "gband_cells" / f"{split}.json").read_text())
    assert len(record["images"]) == count
    cell = next(cells(shared_data / "gband_cells", split))
    assert len(cell.categories) == len(cell.boxes) > 40
    assert (cell.boxes[:, 2:] > 0).all()


def test_no_real_case_is_in_two_splits(shared_data: Path) -> None:
    names = {}
    for split in ("train", "val", "test"):
        record = json.loads((shared_data / "gband_cells" / f"{split}.json").read_text())
        names[split] = {picture["case"] for picture in record["images"]}
    assert max(Counter(case for cases in names.values() for case in cases).values()) == 1


def test_real_isolated_chromosomes_look_like_chromosomes(shared_data: Path) -> None:
    found = [isolated_chromosomes(cell) for cell, _ in zip(cells(shared_data / "gband_cells", "val"), range(6), strict=False)]
    regions = [region for cell in found for region, _ in cell]
    assert len(regions) >= 30
    assert 150 < np.median([region.area for region in regions]) < 3000


def test_boxes_are_grown_as_the_annotator_of_the_cell_drew() -> None:
    tight = np.array([[30.0 * place, 20.0, 18.0, 26.0] for place in range(6)])
    drawn = loose_boxes(tight, (1, 2, 2, 3))
    np.testing.assert_allclose(as_annotated(tight, drawn[::-1]), drawn)
    missed = np.concatenate([tight[:5], [[400.0, 400.0, 9.0, 9.0]]])
    np.testing.assert_allclose(as_annotated(missed, drawn)[:5], drawn[:5])


def test_too_few_boxes_do_not_tell_the_annotators_margin() -> None:
    tight = np.array([[0.0, 0.0, 40.0, 40.0]])
    np.testing.assert_allclose(as_annotated(tight, loose_boxes(tight, (1, 1, 1, 1))), loose_boxes(tight, FOOT_MARGIN))
    assert as_annotated(np.zeros((0, 4)), tight).shape == (0, 4)
    assert as_annotated(tight, np.zeros((0, 4))).shape == (1, 4)
