"""Masks that an earlier separation gave, taken over where an annotated box agrees with one of them alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.data.gband_box_checks import agree

SHARED = 0.35
"""Share of a predicted mask that masks already found may cover: a crossing, not the same chromosome again."""


def read_predicted(path: Path) -> dict[str, list[Region]]:
    """Regions by name of the picture without its ending, from a COCO file such as ``karyokit separate`` writes (annotations.json).

    Raises ``FileNotFoundError``, or ``ValueError`` where the file is no COCO file with compressed run lengths.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there are no predicted masks. Make them with `karyokit separate PICTURES -o FOLDER`.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        names = {image["id"]: Path(image["file_name"]).stem for image in document["images"]}
        found: defaultdict[str, list[Region]] = defaultdict(list)
        for annotation in document["annotations"]:
            found[names[annotation["image_id"]]].append(Region.from_rle(annotation["segmentation"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(problem("path", "be a COCO file with run lengths", f"{path} ({error})", "Give an annotations.json.")) from error
    return found


def filled_up(
    masks: Sequence[Region | None], predicted: Sequence[Region], boxes: np.ndarray, shape: tuple[int, int]
) -> list[Region | None]:
    """``masks`` with the gaps filled by ``predicted`` regions whose own box agrees with the (n, 4) tight box of the gap.

    A region that fits several boxes, a box that several regions fit, and a region that masks found before cover by more than
    `SHARED` stay out: they do not tell which chromosome is which. Regions are brought to one piece, their largest.
    """
    covered = np.zeros(shape, bool)
    for mask in masks:
        if mask is not None:
            covered[mask.window] |= mask.crop
    fits = np.array([[agree(region.bbox, tuple(box)) for region in predicted] for box in boxes], bool).reshape(len(boxes), len(predicted))
    alone = fits & (fits.sum(axis=0, keepdims=True) == 1) & (fits.sum(axis=1, keepdims=True) == 1)
    filled = list(masks)
    for index, other in zip(*np.nonzero(alone), strict=True):
        region = predicted[other]
        if filled[index] is None and covered[region.window][region.crop].mean() <= SHARED:
            filled[index] = _largest_piece(region)
    return filled


def _largest_piece(region: Region) -> Region:
    labels, count = ndimage.label(region.crop, np.ones((3, 3), bool))
    if count < 2:
        return region
    piece = Region.from_mask(labels == 1 + int(np.bincount(labels.ravel())[1:].argmax()))
    return Region(region.row + piece.row, region.column + piece.column, piece.crop)
