"""ImageJ's ROI Manager files, one zip a cell: every object one area selection along the edges of its pixels.

An outline in one piece is a traced selection, anything else a composite one. Both hold corners of pixels, which ImageJ
fills to the same pixels again. What ImageJ has no field for is a property of each selection, ``karyokit``, percent-encoded JSON
because ImageJ's properties know escapes; the cell's own fields stand in each of them, and once more in the zip as
``karyokit.json``, which ImageJ leaves out when it saves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
from roifile import ROI_TYPE, ImagejRoi

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.fields import cell_fields
from karyokit.exchange.objects import LabelledObject, fields_for, objects_of, record_of
from karyokit.exchange.outlines import fill_outlines, trace_outlines
from karyokit.exchange.reading import MAX_OBJECTS, UnreadableFile, reading
from karyokit.files import atomic_path

_CELL = "karyokit.json"
_KEY = "karyokit"
_MAX_SIDE = 32_767  # ImageJ's files hold corners as 16-bit numbers
_MAX_POINTS = 65_535
_MAX_ENTRY = 64_000_000  # bytes of one selection, unpacked
_MAX_TOTAL = 1_000_000_000
_NUMBERED = re.compile(r"(\d{1,6}) (.*)", re.DOTALL)
_OUTSIDE_BMP = re.compile("[^\\u0020-\\ud7ff]")  # names are counted in 16-bit units
_AREAS = (ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED)


def write_imagej_roi(path: str | Path, cell: CellRecord) -> None:
    """Write one cell as a ROI zip: ``ValueError`` for pictures over 32767 pixels a side, ``files.OutputError``."""
    if max(cell.shape) > _MAX_SIDE:
        got, do = f"{cell.shape[1]} x {cell.shape[0]}", "Use another format."
        raise ValueError(problem("picture", f"have at most {_MAX_SIDE} pixels a side for ImageJ", got, do))
    fields = cell_fields(cell)
    with atomic_path(path) as aside, ZipFile(aside, "w") as archive:
        for place, one in enumerate(objects_of(cell), start=1):
            roi = _roi_of(one.region)
            roi.name = _OUTSIDE_BMP.sub("-", f"{one.number or place} {one.label}")
            roi.props = f"{_KEY}: {_packed({'object': dict(one.fields), 'cell': fields})}\n"
            archive.writestr(_entry(f"{place:04d} {re.sub(r'[^A-Za-z0-9 ]+', '-', one.label)[:60]}.roi"), roi.tobytes())
        archive.writestr(_entry(_CELL), json.dumps(fields, sort_keys=True))


def read_imagej_roi(path: str | Path, shape: tuple[int, int] | None = None) -> list[CellRecord]:
    """The cell of a ROI zip: rectangles, polygons, freehand, traced and composite selections, filled as ImageJ fills them.

    ``shape`` is needed for zips that KaryoKit did not write, since ImageJ does not keep the picture's size. Nothing is
    unpacked to disk. Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used.
    """
    source = Path(path)
    with reading(source, "zip of ImageJ selections"), ZipFile(source) as archive:
        rois = [(item.filename, ImagejRoi.frombytes(archive.read(item))) for item in _entries(archive)]
        kept = [_unpacked(roi.props) for _, roi in rois]
        fields = _cell_fields(archive, kept) or fields_for(source.stem, _given(shape, source))
        size = int(fields["height"]), int(fields["width"])
        return [record_of(fields, [_object_of(name, roi, own, size) for (name, roi), own in zip(rois, kept, strict=True)])]


def _entry(name: str) -> ZipInfo:
    """A compressed entry without a time, so that the same cell gives the same bytes."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _entries(archive: ZipFile) -> list[ZipInfo]:
    """The selections in a zip, their sizes checked before anything is unpacked; zipfile stops at the size an entry states."""
    entries = [item for item in archive.infolist() if item.filename.lower().endswith(".roi")]
    sizes = [item.file_size for item in entries]
    if len(entries) > MAX_OBJECTS or max(sizes, default=0) > _MAX_ENTRY or sum(sizes) > _MAX_TOTAL:
        got = f"{len(entries)} entries of {sum(sizes) / 1e6:.0f} MB"
        raise ValueError(problem("zip", f"hold at most {MAX_OBJECTS} selections of {_MAX_TOTAL // 10**6} MB", got, "Save single cells."))
    return entries


def _roi_of(region: Region) -> ImagejRoi:
    """The selection of a region: pieces and holes as one composite, an empty region as a rectangle without area."""
    if region.area == 0:
        return ImagejRoi(roitype=ROI_TYPE.RECT, top=1, left=1, bottom=1, right=1)  # roifile takes sides at 0 for wrapped ones
    roi = ImagejRoi(top=region.row, left=region.column)
    roi.bottom, roi.right = region.row + region.crop.shape[0], region.column + region.crop.shape[1]
    rings = trace_outlines(region.crop)
    if len(rings) == 1 and len(rings[0]) <= _MAX_POINTS:
        roi.roitype = ROI_TYPE.TRACED
        roi.n_coordinates, roi.integer_coordinates = len(rings[0]), rings[0].astype(np.int32)
        return roi
    roi.roitype = ROI_TYPE.RECT
    corner = np.array([region.column, region.row])
    roi.multi_coordinates = np.concatenate([_segments(points + corner) for points in rings])
    roi.shape_roi_size = len(roi.multi_coordinates)
    return roi


def _segments(points: np.ndarray) -> np.ndarray:
    """A closed outline as ImageJ writes composites: 0 x y (go to), 1 x y (line to), ..., 4 (close)."""
    steps = np.column_stack([np.ones(len(points)), points])
    steps[0, 0] = 0
    return np.append(steps.ravel(), 4).astype(np.float32)


def _object_of(entry: str, roi: ImagejRoi, own: Mapping[str, Any], size: tuple[int, int]) -> LabelledObject:
    name = roi.name or Path(entry).stem
    numbered = _NUMBERED.fullmatch(name)
    fields = own.get("object") or {}
    label = numbered.group(2) if numbered else name
    number = int(numbered.group(1)) if numbered else None
    return LabelledObject(label, _region_of(roi, name, size), number, fields)


def _region_of(roi: ImagejRoi, name: str, size: tuple[int, int]) -> Region:
    if roi.roitype in _AREAS or (roi.roitype == ROI_TYPE.RECT and not roi.subpixelrect):
        return fill_outlines(list(roi.coordinates(multi=True)), size)
    if roi.roitype == ROI_TYPE.RECT:
        left, top, right, bottom = roi.xd, roi.yd, roi.xd + roi.widthd, roi.yd + roi.heightd
        return fill_outlines([np.array([(left, top), (right, top), (right, bottom), (left, bottom)])], size)
    kind = ROI_TYPE(roi.roitype).name.lower()
    do = "In ImageJ, turn it into an area with Edit > Selection > Convert to Polygon, or leave it out."
    raise ValueError(problem("selection", "be a rectangle, polygon, freehand, traced or composite area", f"{kind} {name!r}", do))


def _packed(content: Mapping[str, Any]) -> str:
    return quote(json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False), safe=' {}[]",:')


def _unpacked(properties: str) -> dict[str, Any]:
    """Our fields among the properties of a selection, nothing where there are none."""
    found = re.search(rf"^\s*{_KEY}\s*[:=]\s*(.*)$", properties, re.MULTILINE)
    content: dict[str, Any] = json.loads(unquote(found.group(1), errors="strict")) if found else {}
    return content


def _cell_fields(archive: ZipFile, kept: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The cell's fields: from the zip as we wrote it, or from the first selection that has them."""
    if _CELL in archive.namelist() and archive.getinfo(_CELL).file_size <= _MAX_ENTRY:
        fields: dict[str, Any] = json.loads(archive.read(_CELL))
        return fields
    return next((own["cell"] for own in kept if own.get("cell")), None)


def _given(shape: tuple[int, int] | None, path: Path) -> tuple[int, int]:
    if shape is None:
        raise UnreadableFile(f"{path}: ImageJ's selections do not say the size of the picture. Give the picture, too (--picture).")
    return shape
