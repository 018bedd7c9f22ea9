"""The two example cells of the repository, with their truth: ``python -m karyokit.data.generators.examples OUT_FOLDER``.

Writes ``gband_example.png`` and ``dapi_example.png``, each with a COCO file of the exact masks beside it. Both are procedural.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karyokit.chromosomes import CLASS_NAMES
from karyokit.data.generators.procedural import procedural_cell
from karyokit.data.generators.records import CameraOptions, CellOptions, ComposedCell
from karyokit.files import make_folder, write_text
from karyokit.pictures import write_png
from karyokit.staining import Stain


@dataclass(frozen=True)
class Example:
    """One example cell: its file stem, karyotype, seed and options."""

    name: str
    karyotype: str
    seed: int
    options: CellOptions


def _options(stain: Stain, camera: CameraOptions, nuclei: int) -> CellOptions:
    return CellOptions(stain, (600, 700), crowding=0.3, crossing=0.6, bend=22.0, nuclei=(nuclei, nuclei), debris=(15, 15), camera=camera)


BRIGHTFIELD_CAMERA = CameraOptions((248, 248), (0, 0), (0.95, 0.95), (0.7, 0.7), (0.04, 0.04), (0, 0), (1.5, 1.5), None)
FLUORESCENCE_CAMERA = CameraOptions((150, 150), (6, 6), (1.0, 1.0), (0.9, 0.9), (0.08, 0.08), (0.06, 0.06), (1.2, 1.2), None)

EXAMPLES: tuple[Example, ...] = (
    Example("gband_example", "46,XY", 1, _options("brightfield", BRIGHTFIELD_CAMERA, 1)),
    Example("dapi_example", "46,XX", 10, _options("fluorescence", FLUORESCENCE_CAMERA, 1)),
)


def draw_example(example: Example) -> ComposedCell:
    """The example's picture and truth; always the same bytes."""
    return procedural_cell(example.karyotype, stain=example.options.stain, seed=example.seed, options=example.options)


def truth_document(cell: ComposedCell, file_name: str) -> dict[str, Any]:
    """COCO record of one composed picture: masks that may overlap as compressed run lengths, boxes, areas, classes."""
    rows, columns = cell.image.shape
    annotations = [
        {
            "id": number,
            "image_id": 1,
            "category_id": int(category),
            "segmentation": region.to_rle((rows, columns)),
            "bbox": list(region.bbox),
            "area": region.area,
            "iscrowd": 0,
        }
        for number, (region, category) in enumerate(zip(cell.masks, cell.categories, strict=True), 1)
    ]
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASS_NAMES, 1)]
    image = {"id": 1, "file_name": file_name, "width": columns, "height": rows}
    return {"images": [image], "annotations": annotations, "categories": categories}


def write_examples(folder: str | Path) -> list[Path]:
    """Write all examples into ``folder`` (made where missing) and return the pictures' paths."""
    target = make_folder(folder)
    pictures = []
    for example in EXAMPLES:
        cell = draw_example(example)
        picture = target / f"{example.name}.png"
        write_png(picture, cell.image)
        write_text(picture.with_suffix(".json"), json.dumps(truth_document(cell, picture.name)) + "\n")
        pictures.append(picture)
    return pictures


def main(arguments: Sequence[str]) -> int:
    """Command line: one folder to write into; 0 done, 2 wrong usage."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m karyokit.data.generators.examples OUT_FOLDER\n")
        return 2
    for picture in write_examples(arguments[0]):
        sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
