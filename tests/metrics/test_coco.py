from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.coco import average_precision, average_precision_intervals, box_records, mask_records


def bar(column: int, width: int = 10) -> np.ndarray:
    mask = np.zeros((6, 60), bool)
    mask[1:5, column : column + width] = True
    return mask


def test_perfect_masks_and_boxes() -> None:
    masks = np.stack([bar(0), bar(5), bar(40)])
    truth, predicted = [mask_records(masks)], [mask_records(masks[::-1], [0.3, 0.9, 0.5])]
    assert average_precision(truth, predicted).map == pytest.approx(1.0)
    boxes = [[0, 1, 10, 4], [40, 1, 10, 4]]
    assert average_precision([box_records(boxes)], [box_records(boxes, [0.2, 0.1])], kind="box").ap75 == pytest.approx(1.0)


def test_average_over_thresholds_by_hand() -> None:
    # IoU 0.8: right at 0.50, 0.55 .. 0.80, which are seven of ten thresholds
    result = average_precision([mask_records(bar(0)[None])], [mask_records(bar(0, 8)[None], [1.0])])
    assert (result.map, result.ap50, result.ap75) == pytest.approx((0.7, 1.0, 1.0))


def test_false_detections_before_and_after_the_right_one() -> None:
    truth = [mask_records(np.stack([bar(0), bar(20)]))]
    found = np.stack([bar(0), bar(40), bar(20)])
    # precision 1 up to recall 1/2, then 2/3: 51 and 50 of 101 recall points
    result = average_precision(truth, [mask_records(found, [0.9, 0.8, 0.7])])
    assert result.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert average_precision(truth, [mask_records(found, [0.9, 0.1, 0.7])]).ap50 == pytest.approx(1.0)


def test_an_image_without_objects_counts_its_false_detections() -> None:
    one = mask_records(bar(0)[None], [0.5])
    result = average_precision([mask_records(bar(0)[None]), []], [one, mask_records(bar(0)[None], [0.9])])
    assert result.ap50 == pytest.approx(0.5)
    assert average_precision([mask_records(bar(0)[None])], [[]]).map == 0.0


def test_more_than_a_hundred_objects() -> None:
    boxes = [[4 * place, 0, 3, 5] for place in range(150)]
    assert average_precision([box_records(boxes)], [box_records(boxes, np.linspace(1, 0.5, 150))], kind="box").map == pytest.approx(1.0)


def test_classes_count_only_when_asked() -> None:
    masks = np.stack([bar(0), bar(20)])
    truth = [mask_records(masks, categories=[1, 23])]
    predicted = [mask_records(masks, [0.9, 0.8], [1, 24])]
    assert average_precision(truth, predicted).map == pytest.approx(1.0)
    result = average_precision(truth, predicted, by_class=True)
    assert result.per_class == pytest.approx({1: 1.0, 23: 0.0})
    assert result.map == pytest.approx(0.5)


def test_nothing_true_is_nan() -> None:
    predicted = [mask_records(bar(0)[None], [0.5])]
    assert np.isnan(average_precision([[]], predicted).map)
    assert average_precision([], []).per_class == {}
    intervals = average_precision_intervals([[]], predicted, rng=np.random.default_rng(0))
    assert np.isnan([tuple(interval) for interval in intervals.values()]).all()


def test_intervals_span_the_images() -> None:
    good, bad = mask_records(bar(0)[None], [0.9]), mask_records(bar(30)[None], [0.8])
    truth = [mask_records(bar(0)[None])] * 2
    intervals = average_precision_intervals(truth, [good, bad], rng=np.random.default_rng(0))
    assert intervals["ap50"] == pytest.approx((51 / 101, 0.0, 1.0))
    same = average_precision_intervals(truth, [good, good], rng=np.random.default_rng(0), resamples=5)
    assert same["map"] == pytest.approx((1.0, 1.0, 1.0))


def test_intervals_by_class_agree_with_the_plain_value() -> None:
    masks = np.stack([bar(0), bar(20)])
    truth = [mask_records(masks, categories=[1, 2]), mask_records(masks, categories=[2, 2])]
    predicted = [mask_records(masks, [0.9, 0.8], [1, 2]), mask_records(masks, [0.7, 0.6], [2, 1])]
    plain = average_precision(truth, predicted, by_class=True)
    intervals = average_precision_intervals(truth, predicted, rng=np.random.default_rng(0), by_class=True, resamples=20)
    assert intervals["map"].value == plain.map
    assert intervals["map"].low <= plain.map <= intervals["map"].high


def test_nothing_is_printed_and_text_run_lengths_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    record = mask_records(bar(0)[None], [1.0])[0]
    text = {**record, "segmentation": {**record["segmentation"], "counts": record["segmentation"]["counts"].decode("ascii")}}
    assert average_precision([[text]], [[text]]).map == pytest.approx(1.0)
    assert isinstance(text["segmentation"]["counts"], str)
    assert capsys.readouterr().out == ""


def test_wrong_input() -> None:
    record = mask_records(bar(0)[None], [1.0])
    with pytest.raises(ValueError, match="`predicted` must hold as many images"):
        average_precision([record], [])
    with pytest.raises(ValueError, match=r"without \['score'\]"):
        average_precision([record], [mask_records(bar(0)[None])])
    with pytest.raises(ValueError, match=r"without \['category_id'\]"):
        average_precision([record], [record], by_class=True)
    with pytest.raises(ValueError, match="`kind` must be one of"):
        average_precision([record], [record], kind="polygon")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`score` must have one number per object"):
        mask_records(bar(0)[None], [1.0, 2.0])
    with pytest.raises(ValueError, match="`masks` must be an"):
        mask_records(bar(0))
