"""COCO average precision of masks or boxes, through pycocotools. Source: systems specification 6.4.

An object is a plain record (COCO annotation): ``segmentation`` (compressed RLE, ``counts`` a string or bytes) for masks, ``bbox``
(column, row, width, height in pixels) for boxes, ``score`` for predictions, ``category_id`` where classes count. One sequence of
records per image, images in the same order for truth and prediction. Ids, files and polygons are not needed.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from karyokit.checks import lookup, problem
from karyokit.metrics.bootstrap import Interval, interval_of_draws, mean_present
from karyokit.metrics.instances import require_masks

Record = Mapping[str, Any]
Kind = Literal["mask", "box"]
NEEDED: dict[str, tuple[str, str]] = {"mask": ("segm", "segmentation"), "box": ("bbox", "bbox")}
"""Kind of comparison -> (pycocotools' name, key that every record must have)."""


@dataclass(frozen=True)
class AveragePrecision:
    """AP over IoU 0.50:0.05:0.95 (``map``), at 0.5 and at 0.75, in 0..1, NaN without a true object.

    ``per_class`` maps a category that occurs in the truth to its AP over 0.50:0.95; without classes all objects are category 1.
    """

    map: float
    ap50: float
    ap75: float
    per_class: dict[int, float]


def mask_records(masks: np.ndarray, scores: Any = None, categories: Any = None) -> list[dict[str, Any]]:
    """Records of an (objects, rows, columns) bool stack; ``scores`` and ``categories`` give one number per object if any."""
    require_masks("masks", masks)
    encoded = [coco_mask.encode(np.asfortranarray(mask, np.uint8)) for mask in masks]
    return _with_columns([{"segmentation": rle} for rle in encoded], scores, categories)


def box_records(boxes: Any, scores: Any = None, categories: Any = None) -> list[dict[str, Any]]:
    """Records of an (objects, 4) array of boxes (column, row, width, height) in pixels."""
    corners = np.asarray(boxes, float).reshape(-1, 4)
    return _with_columns([{"bbox": box.tolist()} for box in corners], scores, categories)


def average_precision(
    truth: Sequence[Sequence[Record]], predicted: Sequence[Sequence[Record]], *, kind: Kind = "mask", by_class: bool = False
) -> AveragePrecision:
    """AP of predictions of all images, 101-point interpolation, every prediction of an image considered.

    Without ``by_class`` categories are ignored; with it the AP is the mean over the categories of the truth. No true object gives NaN.
    Raises ``ValueError`` for a different number of images, a record without the key needed, or a kind other than mask and box.
    """
    return _summary(_evaluated(truth, predicted, kind, by_class))


def average_precision_intervals(
    truth: Sequence[Sequence[Record]],
    predicted: Sequence[Sequence[Record]],
    *,
    rng: np.random.Generator,
    kind: Kind = "mask",
    by_class: bool = False,
    resamples: int = 200,
    level: float = 0.95,
) -> dict[str, Interval]:
    """``map``, ``ap50`` and ``ap75`` with percentile bootstrap intervals over images; the images are matched only once.

    Takes some 10 ms per resample and class; errors and empty cases as in :func:`average_precision`.
    """
    evaluation = _evaluated(truth, predicted, kind, by_class)
    whole = _summary(evaluation)
    if evaluation is None:
        return {name: Interval(*[float("nan")] * 3) for name in ("map", "ap50", "ap75")}
    per_image = np.arange(len(evaluation.evalImgs)).reshape(-1, len(truth))
    matched = list(evaluation.evalImgs)
    draws: list[AveragePrecision] = []
    for _ in range(resamples):
        chosen = per_image[:, rng.integers(0, len(truth), len(truth))]
        evaluation.evalImgs = [matched[place] for place in chosen.ravel()]
        draws.append(_summary(evaluation))
    names = ("map", "ap50", "ap75")
    return {name: interval_of_draws(getattr(whole, name), np.array([getattr(one, name) for one in draws]), level=level) for name in names}


def _evaluated(truth: Sequence[Sequence[Record]], predicted: Sequence[Sequence[Record]], kind: Kind, by_class: bool) -> Any:
    """A COCOeval with its images matched, or None where there is no true object."""
    comparison, key = lookup(NEEDED, kind, "kind")
    if len(truth) != len(predicted):
        got = f"{len(truth)} and {len(predicted)}"
        raise ValueError(problem("predicted", "hold as many images as `truth`", got, "Pass an empty list for an image without objects."))
    true = list(_annotations(truth, (key, "category_id") if by_class else (key,), by_class))
    found = list(_annotations(predicted, (key, "score", "category_id") if by_class else (key, "score"), by_class))
    if not true:
        return None
    categories = sorted({record["category_id"] for record in true})
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_index(true, len(truth), categories), _index(found, len(truth), categories), comparison)
        evaluation.params.maxDets = [max(100, *(len(image) for image in predicted))]
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
    return evaluation


def _annotations(images: Sequence[Sequence[Record]], keys: tuple[str, ...], by_class: bool) -> Iterator[dict[str, Any]]:
    number = 0
    for image, records in enumerate(images, start=1):
        for record in records:
            missing = [key for key in keys if key not in record]
            if missing:
                raise ValueError(problem("record", f"have the keys {keys}", f"a record without {missing}", "Add them to every object."))
            number += 1
            category = int(record["category_id"]) if by_class else 1
            shape = {key: _bytes_rle(record[key]) if key == "segmentation" else record[key] for key in keys if key != "category_id"}
            yield {"id": number, "image_id": image, "category_id": category, "iscrowd": 0, "area": 1, **shape}


def _bytes_rle(rle: Mapping[str, Any]) -> dict[str, Any]:
    counts = rle["counts"]
    return {"size": rle["size"], "counts": counts.encode("ascii") if isinstance(counts, str) else counts}


def _index(annotations: list[dict[str, Any]], images: int, categories: list[int]) -> Any:
    index = COCO()
    index.dataset = {
        "images": [{"id": image, "height": 0, "width": 0} for image in range(1, images + 1)],
        "annotations": annotations,
        "categories": [{"id": category} for category in categories],
    }
    index.createIndex()
    return index


def _summary(evaluation: Any) -> AveragePrecision:
    if evaluation is None:
        return AveragePrecision(float("nan"), float("nan"), float("nan"), {})
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.accumulate()
    # (thresholds, recalls, categories); pycocotools marks categories without a true object by -1
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    present = np.where(precision < 0, np.nan, precision)
    categories = [int(category) for category in evaluation.params.catIds]
    per_class = {category: mean_present(present[:, :, place]) for place, category in enumerate(categories)}
    return AveragePrecision(mean_present(present), mean_present(present[0]), mean_present(present[5]), per_class)


def _with_columns(records: list[dict[str, Any]], scores: Any, categories: Any) -> list[dict[str, Any]]:
    columns = {"score": (scores, float), "category_id": (categories, int)}
    for key, (values, kind) in columns.items():
        if values is not None and len(values) != len(records):
            got = f"{len(values)} for {len(records)}"
            raise ValueError(problem(key, "have one number per object", got, "Pass as many as there are objects."))
        records = [record if values is None else {**record, key: kind(values[place])} for place, record in enumerate(records)]
    return records
