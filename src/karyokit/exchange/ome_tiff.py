"""OME-TIFF, one file a cell: one plane (channel) of 0 and 255 for each object, its number and class the channel's name.

Our own fields are JSON in the image's description. They hold as long as the planes are as many as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from tifffile import TiffFile, TiffWriter

from karyokit.chromosomes import Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.fields import cell_fields
from karyokit.exchange.objects import LabelledObject, fields_for, objects_of, record_of
from karyokit.exchange.reading import reading
from karyokit.exchange.tiff_planes import tiff_planes
from karyokit.files import atomic_path

_BLANK = "no objects"


def write_ome_tiff(path: str | Path, cell: CellRecord) -> None:
    """Write one cell; a cell without objects gets one blank plane. ``files.OutputError`` where that fails."""
    objects = objects_of(cell)
    names = [f"{place} {one.label}" for place, one in enumerate(objects, start=1)] or [_BLANK]
    description = json.dumps({"karyokit": cell_fields(cell), "objects": [dict(one.fields) for one in objects]}, sort_keys=True)
    metadata = {"axes": "CYX", "Description": description, "Channel": {"Name": [_printable(name) for name in names]}}
    with atomic_path(path) as aside, TiffWriter(aside, ome=True) as tiff:
        shape = (len(names), *cell.shape)
        tiff.write(
            _planes(objects, cell.shape), shape=shape, dtype=np.uint8, compression="zlib", metadata=metadata, photometric="minisblack"
        )


def read_ome_tiff(path: str | Path, shape: tuple[int, int] | None = None) -> list[CellRecord]:
    """The cell of a TIFF of masks: every plane that is not blank one object, named by its channel where OME-XML names it.

    Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used. ``shape`` is not needed.
    """
    del shape
    source = Path(path)
    with reading(source, "TIFF of masks"), TiffFile(source) as tiff:
        names, kept = _described(tiff.ome_metadata or "")
        regions = [Region.from_mask(plane > 0) for plane in tiff_planes(tiff)]
        page = tiff.pages[0]
        own = kept.get("objects", ())
        if kept and len(own) == len(regions):
            return [record_of(kept["karyokit"], _objects(regions, names, own))]
        filled = [place for place, region in enumerate(regions) if region.area]
        labels = [names[place] if place < len(names) else "" for place in filled]
        fields = kept.get("karyokit") or fields_for(source.name, (page.shape[0], page.shape[1]))
        return [record_of(fields, _objects([regions[place] for place in filled], labels, [{}] * len(filled)))]


def _printable(name: str) -> str:
    """The name without what XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _planes(objects: list[LabelledObject], shape: tuple[int, int]) -> Iterator[np.ndarray]:
    for one in objects:
        yield one.region.to_mask(shape).astype(np.uint8) * 255
    if not objects:
        yield np.zeros(shape, np.uint8)


def _objects(regions: list[Region], names: list[str], fields: list[dict[str, Any]]) -> Iterator[LabelledObject]:
    for place, (region, own) in enumerate(zip(regions, fields, strict=True)):
        name = names[place] if place < len(names) else ""
        number, _, label = name.partition(" ")
        yield LabelledObject(label if number.isdigit() and label else name, region, None, own)


def _described(xml: str) -> tuple[list[str], dict[str, Any]]:
    """Names of the channels, and our fields where the description holds them; document types are refused, OME-XML has none."""
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise ValueError("its OME-XML has a document type")
    if not xml:
        return [], {}
    tree = ElementTree.fromstring(xml)
    names = [node.get("Name", "") for node in tree.iter() if node.tag.endswith("}Channel")]
    texts = [node.text or "" for node in tree.iter() if node.tag.endswith("}Description")]
    found = next((text for text in texts if text.startswith('{"karyokit"')), "{}")
    return names, json.loads(found)
