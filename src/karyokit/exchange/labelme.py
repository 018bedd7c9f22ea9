"""labelme's JSON, one file a cell: every object a shape of type ``mask``, which labelme keeps to the pixel, overlaps included.

What labelme has no field for lies under ``karyokit`` in the shapes and in the file; labelme keeps fields it does not know.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngImageFile

from karyokit.checks import lookup, problem
from karyokit.chromosomes import Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.fields import cell_fields
from karyokit.exchange.objects import LabelledObject, fields_for, objects_of, record_of
from karyokit.exchange.reading import UnreadableFile, load_json, reading, require_size
from karyokit.files import write_text
from karyokit.regions import union

Shape = tuple[int, int]


def write_labelme(path: str | Path, cell: CellRecord) -> None:
    """Write one cell as labelme's JSON, which names the picture and does not contain it; ``files.OutputError``."""
    rows, columns = cell.shape
    document = {
        "version": "5.5.0",
        "flags": {},
        "shapes": [_shape_of(one) for one in objects_of(cell)],
        "imagePath": cell.name,
        "imageData": None,
        "imageHeight": rows,
        "imageWidth": columns,
        "karyokit": cell_fields(cell),
    }
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_labelme(path: str | Path, shape: Shape | None = None) -> list[CellRecord]:
    """The cell of a labelme file; its shapes may be masks, polygons and rectangles, filled as labelme fills them.

    Shapes of other programs with one label and one group are pieces of one object. ``shape`` is needed where the file does not
    say the picture's size. Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used.
    """
    source = Path(path)
    document = load_json(source)
    with reading(source, "labelme file"):
        fields = document.get("karyokit") or fields_for(_name_in(document), _size_in(document, shape, source))
        size = int(fields["height"]), int(fields["width"])
        require_size(*size, planes=len(document["shapes"]))
        return [record_of(fields, _joined([_object_of(one, size) for one in document["shapes"]]))]


def _shape_of(one: LabelledObject) -> dict[str, Any]:
    crop = one.region.crop if one.region.area else np.zeros((1, 1), bool)
    stream = io.BytesIO()
    Image.fromarray(crop.astype(np.uint8) * 255).save(stream, format="PNG")
    left, top = one.region.column, one.region.row
    return {
        "label": one.label,
        "points": [[float(left), float(top)], [float(left + crop.shape[1] - 1), float(top + crop.shape[0] - 1)]],
        "group_id": one.number,
        "description": "",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(stream.getvalue()).decode("ascii"),
        "karyokit": dict(one.fields),
    }


def _name_in(document: dict[str, Any]) -> str:
    return PureWindowsPath(str(document["imagePath"])).as_posix()


def _size_in(document: dict[str, Any], shape: Shape | None, path: Path) -> Shape:
    rows, columns = document.get("imageHeight"), document.get("imageWidth")
    if rows and columns:
        return int(rows), int(columns)
    if shape is None:
        raise UnreadableFile(f"{path}: does not say the size of its picture. Give the picture, too (--picture).")
    return shape


def _object_of(shape: dict[str, Any], size: Shape) -> LabelledObject:
    points = [(float(x), float(y)) for x, y in shape["points"]]
    if not all(math.isfinite(side) and abs(side) <= 10 * max(size) for point in points for side in point):
        raise ValueError(problem("points", "lie in the picture", str(points)[:60], "Export it again."))
    region = lookup(_REGIONS, shape.get("shape_type") or "polygon", "shape_type")(shape, points, size)
    group = shape.get("group_id")
    return LabelledObject(str(shape["label"]), region, None if group is None else int(group), shape.get("karyokit") or {})


def _mask_region(shape: dict[str, Any], points: list[tuple[float, float]], size: Shape) -> Region:
    """The mask's own pixels, its corner at the first point; what sticks out of the picture is cut off, as in labelme."""
    with PngImageFile(io.BytesIO(base64.b64decode(shape["mask"], validate=True))) as picture:
        require_size(picture.height, picture.width)
        crop = np.asarray(picture.convert("L")) > 0
    left, top = round(points[0][0]), round(points[0][1])
    rows, columns = slice(max(top, 0), max(top + crop.shape[0], 0)), slice(max(left, 0), max(left + crop.shape[1], 0))
    inside = crop[max(-top, 0) : max(size[0] - top, 0), max(-left, 0) : max(size[1] - left, 0)]
    found = Region.from_mask(inside)
    return Region(found.row + rows.start, found.column + columns.start, found.crop) if found.area else found


def _drawn(draw: Callable[[ImageDraw.ImageDraw, Sequence[tuple[float, float]]], None]) -> Callable[..., Region]:
    def region(_: dict[str, Any], points: list[tuple[float, float]], size: Shape) -> Region:
        plane = Image.new("1", (size[1], size[0]))
        draw(ImageDraw.Draw(plane), points)
        return Region.from_mask(np.asarray(plane))

    return region


def _draw_polygon(pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]]) -> None:
    pen.polygon(points, fill=1, outline=1)


def _draw_rectangle(pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]]) -> None:
    (x1, y1), (x2, y2) = points
    pen.rectangle((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), fill=1, outline=1)


_REGIONS: dict[str, Callable[[dict[str, Any], list[tuple[float, float]], Shape], Region]] = {
    "mask": _mask_region,
    "polygon": _drawn(_draw_polygon),
    "rectangle": _drawn(_draw_rectangle),
}


def _joined(objects: Iterable[LabelledObject]) -> list[LabelledObject]:
    """Objects without our fields that share label and group, as one; in the order of their first pieces."""
    joined: dict[object, LabelledObject] = {}
    for place, one in enumerate(objects):
        key: object = (one.label, one.number) if one.number is not None and not one.fields else place
        before = joined.get(key)
        joined[key] = one if before is None else LabelledObject(one.label, union([before.region, one.region]), one.number)
    return list(joined.values())
