"""Whole G-banded metaphase cells with a box and a class per chromosome (Tseng et al., Sci Data 10:104, 2023).

Two layouts are read. The shared one: ``images/`` and COCO files ``train.json``, ``val.json``, ``test.json`` split by
case. The publisher's one (Cell Image Library 54816): ``24_chromosomes_object/`` and ``single_chromosomes_object/``,
each with ``JEPG/`` (spelt so) and ``annotations/`` in Pascal-VOC XML, ``train.txt`` and ``test.txt`` in places.
The set has no masks; `isolated_chromosomes` derives those that can be had by thresholding.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from skimage.filters import threshold_otsu

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES, Region
from karyokit.data.records import AnnotatedCell
from karyokit.data.sources import damaged, first_folder, read_json, read_plane, require_file, require_folder
from karyokit.data.splits import require_split_name, split_by_group

REMEDY = (
    "Point --data (or KARYOKIT_DATA) at the folder that holds gband_cells/, or download the set of Tseng et al., "
    "Sci Data 10:104 (2023), and pass the folder that holds 24_chromosomes_object/."
)
PUBLISHED_FOLDERS = ("24_chromosomes_object", "single_chromosomes_object")
BOX_MARGIN = (8.0, 9.0, 6.0, 5.0)
"""Pixels (left, top, right, bottom) by which the published boxes are larger than the chromosome: medians over 427
chromosomes whose box no other box touches (quartiles within 2 pixels of them); single cells were drawn tighter."""

FOOT_MARGIN = (6.0, 7.0, 4.0, 3.0)
"""The same around masks that reach the foot of the edge, as the shipped separation draws them: medians over 2,156 chromosomes
of the validation cells."""

EDGE_LEVEL = 0.4
"""Where between background (0) and stained pixels (1) the outline of a derived mask lies."""

_REACH = 3
_TELLING = 5
_AGREE = 0.5
_PICTURE_FOLDERS = ("JEPG", "JPEG", "JPEGImages", "images")
_ANNOTATION_FOLDERS = ("annotations", "anntations", "Annotations")


def case_of(file_name: str) -> str:
    """Case of a picture: its name without the last digit and without a trailing ``_1``.

    >>> case_of("1091714.jpg"), case_of("1050302_1.jpg")
    ('109171', '105030')
    """
    stem = re.sub(r"_\d+$", "", Path(file_name).stem)
    return stem[:-1] if stem[-1:].isdigit() else stem


_SHARED = "a COCO file with a box per chromosome"


def cells(root: Path, split: str) -> Iterator[AnnotatedCell]:
    """Cells of ``split`` (``train``, ``val`` or ``test``), one at a time, boxes and classes but no regions.

    The shared layout brings its own split by case; the publisher's layout is split here by case with seed 0, 70/15/15.
    Its ``root`` is the folder that holds ``24_chromosomes_object`` (24 classes), ``single_chromosomes_object`` (one class:
    categories 0), or one of these two itself; an object whose class is unknown gets category 0 and is named in
    ``notes["unknown_classes"]``; a picture without annotation is left out. ``notes["count_abnormality"]`` is the
    published remark on the count, or None where there is none.
    """
    require_split_name("split", split)
    folder = require_folder(root, REMEDY)
    if any((folder / name).is_dir() for name in (*PUBLISHED_FOLDERS, *_ANNOTATION_FOLDERS)):
        return _published_split(folder, split)
    return _shared_cells(folder, require_file(folder / f"{split}.json", REMEDY))


def _shared_cells(folder: Path, path: Path) -> Iterator[AnnotatedCell]:
    coco = read_json(path, _SHARED)
    try:
        found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for annotation in coco["annotations"]:
            found[annotation["image_id"]].append(annotation)
        records = [_shared_record(picture, found[picture["id"]]) for picture in coco["images"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(path, _SHARED, error) from error
    for name, record in records:
        yield replace(record, image=read_plane(require_file(folder / "images" / name, REMEDY)))


def _shared_record(picture: dict[str, Any], chromosomes: list[dict[str, Any]]) -> tuple[str, AnnotatedCell]:
    """File name and record of a cell whose picture is not yet read."""
    name = str(picture["file_name"])
    record = AnnotatedCell(
        name=Path(name).stem,
        image=np.zeros((0, 0), np.uint8),
        stain="brightfield",
        categories=tuple(int(item["category_id"]) for item in chromosomes),
        boxes=np.array([item["bbox"] for item in chromosomes], float).reshape(-1, 4),
        group=str(picture.get("case", case_of(name))),
        notes={"count_abnormality": picture.get("count_abnormality")},
    )
    return name, record


def _published_split(root: Path, split: str) -> Iterator[AnnotatedCell]:
    files = _published_annotations(root)
    assigned = split_by_group([case_of(path.name) for path, _ in files])
    return (_published_cell(path, folder) for (path, folder), name in zip(files, assigned, strict=True) if name == split)


def _published_annotations(root: Path) -> list[tuple[Path, Path]]:
    """(annotation file, folder of pictures) of the first published folder found, sorted by name."""
    base = next((root / name for name in PUBLISHED_FOLDERS if (root / name).is_dir()), root)
    annotations = first_folder(base, _ANNOTATION_FOLDERS, REMEDY)
    pictures = first_folder(base, _PICTURE_FOLDERS, REMEDY)
    return [(path, pictures) for path in sorted(annotations.glob("*.xml"))]


def _published_cell(path: Path, pictures: Path) -> AnnotatedCell:
    try:
        objects = ElementTree.parse(path).getroot().findall("object")
        names = [(item.findtext("name") or "").strip() for item in objects]
        corners = [[float(item.findtext(f"bndbox/{key}", "")) for key in ("xmin", "ymin", "xmax", "ymax")] for item in objects]
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(problem("annotation", "be Pascal-VOC XML with four numbers per box", path, "Download it again.")) from error
    boxes = np.array(corners, float).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    categories = tuple(category_of(name) for name in names)
    return AnnotatedCell(
        name=path.stem,
        image=read_plane(_picture_of(path, pictures)),
        stain="brightfield",
        categories=categories,
        boxes=boxes,
        group=case_of(path.name),
        notes={
            "count_abnormality": None,
            "unknown_classes": tuple(name for name, category in zip(names, categories, strict=True) if not category),
        },
    )


def _picture_of(annotation: Path, pictures: Path) -> Path:
    for suffix in (".jpg", ".JPG", ".jpeg", ".png"):
        if (pictures / (annotation.stem + suffix)).is_file():
            return pictures / (annotation.stem + suffix)
    return require_file(pictures / f"{annotation.stem}.jpg", f"{annotation} describes it. {REMEDY}")


def category_of(name: str) -> int:
    """Category 1..24 of a published class name with or without its group letter, 0 where it names no class.

    >>> category_of("A1"), category_of("G22"), category_of("X"), category_of("7"), category_of("chromosome")
    (1, 22, 23, 7, 0)
    """
    bare = re.sub(r"^[A-G](?=\d)", "", name.strip().upper())
    return CLASS_NAMES.index(bare) + 1 if bare in CLASS_NAMES else 0


def tight_boxes(boxes: np.ndarray) -> np.ndarray:
    """(n, 4) boxes without the published margin of `BOX_MARGIN` pixels, each side at least 2; (0, 4) for none.

    >>> tight_boxes(np.array([[100.0, 50.0, 44.0, 34.0]])).tolist()
    [[108.0, 59.0, 30.0, 20.0]]
    """
    moved = _grow(boxes, tuple(-side for side in BOX_MARGIN))
    moved[:, 2:] = np.maximum(moved[:, 2:], 2)
    return moved


def loose_boxes(boxes: np.ndarray, margin: tuple[float, ...] = BOX_MARGIN) -> np.ndarray:
    """(n, 4) boxes with the published margin: what an annotator of this set would draw around tight ``boxes``.

    >>> loose_boxes(np.array([[108.0, 59.0, 30.0, 20.0]])).tolist()
    [[100.0, 50.0, 44.0, 34.0]]
    """
    return _grow(boxes, margin)


def isolated_chromosomes(cell: AnnotatedCell, *, min_box_iou: float = 0.7) -> list[tuple[Region, int]]:
    """Masks of the chromosomes whose tight box no other tight box touches, as (region, category).

    Each is the largest object that `mask_in_box` finds inside the annotated box. The margin between mask and annotated
    box is much the same all over a cell (the annotator's habit), so a mask whose box, grown by the cell's median
    margin, overlaps the annotated one by less than ``min_box_iou`` is left out. A cell without boxes gives an empty list.
    """
    tight = tight_boxes(cell.boxes)
    alone = np.flatnonzero(~boxes_touch(tight))
    masks = {i: mask_in_box(cell.image, cell.boxes[i], stain=cell.stain, others=np.delete(tight, i, axis=0)) for i in alone}
    found = [(region, index) for index, region in masks.items() if region.area]
    if not found:
        return []
    inner = np.array([region.bbox for region, _ in found], float)
    outer = cell.boxes[[index for _, index in found]]
    grown = _grow(inner, usual_margin(inner, outer, BOX_MARGIN))
    return [
        (region, cell.categories[index])
        for (region, index), box in zip(found, grown, strict=True)
        if box_iou(box, cell.boxes[index]) >= min_box_iou
    ]


def usual_margin(inner: np.ndarray, outer: np.ndarray, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    """Median margin (left, top, right, bottom) of a cell's boxes, ``otherwise`` where fewer than 5 chromosomes tell it.

    ``inner`` (n, 4) are the boxes of masks and ``outer`` (n, 4) the annotated boxes of the same chromosomes.

    >>> tight = np.array([[8.0 * place, 5.0, 6.0, 9.0] for place in range(5)])
    >>> usual_margin(tight, loose_boxes(tight, (2, 3, 1, 1)), (0, 0, 0, 0)) == (2, 3, 1, 1)
    True
    """
    if len(inner) < _TELLING:
        return otherwise
    start = inner[:, :2] - outer[:, :2]
    end = outer[:, :2] + outer[:, 2:] - inner[:, :2] - inner[:, 2:]
    return tuple(np.median(np.hstack([start, end]), axis=0))


def as_annotated(boxes: np.ndarray, annotated: np.ndarray) -> np.ndarray:
    """(n, 4) boxes of masks that reach the foot of the edge, grown as the annotator of this cell drew ``annotated`` (m, 4).

    The margin is ``FOOT_MARGIN`` at first, then the median of the cell's own over the boxes that so agree at IoU 0.5.
    """
    grown = loose_boxes(boxes, FOOT_MARGIN)
    if not len(grown) or not len(annotated):
        return grown
    iou = np.array([[box_iou(box, drawn) for drawn in annotated] for box in grown])
    own, theirs = linear_sum_assignment(iou, maximize=True)
    agree = iou[own, theirs] >= _AGREE
    own, theirs = own[agree], theirs[agree]
    return loose_boxes(boxes, usual_margin(np.asarray(boxes, float)[own], annotated[theirs], FOOT_MARGIN))


def _grow(boxes: np.ndarray, margin: tuple[float, ...]) -> np.ndarray:
    left, top, right, bottom = margin
    return np.asarray(boxes, float).reshape(-1, 4) + np.array([-left, -top, left + right, top + bottom], float)


def boxes_touch(boxes: np.ndarray) -> np.ndarray:
    """(n,) bool: does another of the (n, 4) boxes (column, row, width, height) overlap or border on this one?"""
    low, high = boxes[:, None, :2], boxes[:, None, :2] + boxes[:, None, 2:]
    meets = ((low <= high.swapaxes(0, 1)) & (low.swapaxes(0, 1) <= high)).all(axis=2)
    np.fill_diagonal(meets, False)
    return meets.any(axis=1)


def box_iou(first: Any, second: Any) -> float:
    """Intersection over union of two boxes (column, row, width, height)."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    sides = np.clip(np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    shared = float(sides.prod())
    union = float(a[2:].prod() + b[2:].prod()) - shared
    return shared / union if union > 0 else 0.0


def mask_in_box(image: np.ndarray, box: np.ndarray, *, stain: str, others: np.ndarray) -> Region:
    """The largest object wholly inside a box (column, row, width, height), 3 pixels of leeway; an empty region where there is none.

    The threshold lies ``EDGE_LEVEL`` of the way from the median grey of the background to that of the stained pixels,
    which Otsu's threshold tells apart: light bands stay inside. Objects that reach the box's border inside the picture
    (a nucleus, a neighbour) or border on one of the (n, 4) ``others`` boxes are not considered.
    """
    left, top = np.maximum(np.floor(box[:2]).astype(int) - _REACH, 0)
    right, bottom = np.ceil(box[:2] + box[2:]).astype(int) + _REACH
    window = image[top : max(bottom, 0), left : max(right, 0)].astype(np.float32)
    usable = _outside_boxes(window.shape, others - np.array([left, top, 0, 0]))
    if not usable.any() or window[usable].min() == window[usable].max():
        return Region.from_mask(np.zeros((1, 1), bool))
    blocked = np.pad(~usable, 1, constant_values=True)
    blocked[[0, -1]] &= np.array([top > 0, bottom < image.shape[0]])[:, None]
    blocked[:, [0, -1]] &= np.array([left > 0, right < image.shape[1]])
    stained = ndimage.gaussian_filter(window if stain == "fluorescence" else -window, 0.7)
    region = Region.from_mask(_largest_free_part((stained > _edge_grey(stained[usable])) & usable, blocked))
    return Region(region.row + int(top), region.column + int(left), region.crop)


def _edge_grey(stained: np.ndarray) -> float:
    """Grey between background (low) and chromosome (high) where the outline is drawn."""
    between = threshold_otsu(stained)
    low, high = np.median(stained[stained <= between]), np.median(stained[stained > between])
    return float(low + EDGE_LEVEL * (high - low))


def _outside_boxes(shape: tuple[int, ...], boxes: np.ndarray) -> np.ndarray:
    """Bool plane of ``shape``, False inside the (n, 4) boxes."""
    outside = np.ones(shape, bool)
    for column, row, width, height in np.rint(boxes).astype(int):
        outside[max(row, 0) : max(row + height, 0), max(column, 0) : max(column + width, 0)] = False
    return outside


def _largest_free_part(mask: np.ndarray, blocked: np.ndarray) -> np.ndarray:
    """Largest 8-connected part of an opened (rows, columns) mask, holes filled, that borders on no ``blocked`` pixel.

    ``blocked`` is one pixel larger on each side. All False where no part is left.
    """
    eight = np.ones((3, 3), bool)
    labels, _ = ndimage.label(ndimage.binary_opening(mask, eight), eight)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    sizes[np.unique(labels[ndimage.binary_dilation(blocked, eight)[1:-1, 1:-1]])] = 0
    return ndimage.binary_fill_holes(labels == sizes.argmax()) if sizes.any() else np.zeros(mask.shape, bool)
