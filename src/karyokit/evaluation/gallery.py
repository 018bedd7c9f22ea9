"""The worst cells of an evaluation as pictures: what is right, what is wrong and why, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from karyokit.chromosomes import Cell, Region
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.breakdown import Fault, Matching, held_against
from karyokit.files import make_folder, write_text
from karyokit.pictures import to_display, write_png
from karyokit.regions import EIGHT

RIGHT, WRONG, MISSED = (70, 170, 90), (225, 50, 45), (245, 170, 0)
WORDS: dict[Fault, str] = {
    "joined": "hold two or more chromosomes",
    "piece": "are pieces of one",
    "outline": "have a wrong outline",
    "nothing": "are no chromosome of the cell",
}
MARGIN = 20
"""Pixels shown around the cell."""


def write_gallery(pairs: Sequence[tuple[AnnotatedCell, Cell]], folder: Path, *, count: int = 8) -> None:
    """Write ``index.md`` and a picture for each of the ``count`` cells with the most wrong and missed chromosomes, the worst first.

    Right chromosomes have green outlines, wrong ones red outlines with their numbers, true ones not found orange outlines or boxes.
    """
    make_folder(folder)
    judged = [(truth, cell, held_against(truth, cell)) for truth, cell in pairs]
    judged.sort(key=lambda one: -(len(one[2].faults) + int((~one[2].found).sum())))
    parts = ["# Worst cells", ""]
    for place, (truth, cell, matching) in enumerate(judged[:count], start=1):
        name = f"{place:02d}_{Path(truth.name).stem}.png"
        write_png(folder / name, draw_against_truth(truth, cell, matching))
        parts += [f"## {truth.name}", "", said(truth, cell, matching), "", f"![{truth.name}]({name})", ""]
    write_text(folder / "index.md", "\n".join(parts))


def said(truth: AnnotatedCell, cell: Cell, matching: Matching) -> str:
    """What went wrong with a cell, in one sentence."""
    kinds = Counter(matching.faults.values())
    wrong = ", ".join(f"{count} {WORDS[kind]}" for kind, count in kinds.most_common())
    counts = f"{len(cell.chromosomes)} found of {len(truth.boxes)}, {int(matching.found.sum())} rightly"
    return f"{counts}; {wrong}." if wrong else f"{counts}."


def draw_against_truth(truth: AnnotatedCell, cell: Cell, matching: Matching) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of the part of the cell that holds chromosomes."""
    canvas = np.repeat(to_display(truth.image)[:, :, None], 3, axis=2)
    missing = np.flatnonzero(~matching.found).tolist()
    for index in missing if truth.regions else ():
        _outline(canvas, truth.regions[index], MISSED)
    for index, one in enumerate(cell.chromosomes):
        _outline(canvas, one.region, WRONG if index in matching.faults else RIGHT)
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    for index in missing if not truth.regions else ():
        left, top, width, height = truth.boxes[index].tolist()
        pen.rectangle((left, top, left + width, top + height), outline=MISSED)
    for index in matching.faults:
        region = cell.chromosomes[index].region
        pen.text((region.column + region.crop.shape[1] / 2, region.row + region.crop.shape[0] / 2), str(index + 1), fill=WRONG)
    return np.asarray(picture.crop(_extent(truth, cell)))


def _outline(canvas: np.ndarray, region: Region, colour: tuple[int, int, int]) -> None:
    canvas[region.window][region.crop & ~ndimage.binary_erosion(region.crop, EIGHT)] = colour


def _extent(truth: AnnotatedCell, cell: Cell) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what there is to see."""
    boxes = np.array([*truth.boxes.tolist(), *(one.region.bbox for one in cell.chromosomes)], float).reshape(-1, 4)
    rows, columns = truth.shape
    if not len(boxes):
        return 0, 0, columns, rows
    left, top = np.maximum(boxes[:, :2].min(axis=0) - MARGIN, 0)
    right, bottom = np.minimum((boxes[:, :2] + boxes[:, 2:]).max(axis=0) + MARGIN, (columns, rows))
    return int(left), int(top), int(right), int(bottom)
