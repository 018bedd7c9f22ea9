"""A cell as napari's layers and back: a stack of labels in which every chromosome has its own number.

Chromosomes that do not meet share a plane of the stack; one that lies on another is put in the next plane where it is free, and a
blank plane comes last. So nearly all of a cell is seen at once, brush, eraser and fill work on it pixel by pixel, and a crossing is
painted by stepping to another plane and painting there with the same number. A chromosome is whatever has its number in any plane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.fields import cell_fields
from karyokit.exchange.objects import SET_ASIDE, LabelledObject, fields_for, objects_of, record_of
from karyokit.exchange.reading import require_size

LayerData = tuple[Any, dict[str, Any], str]
"""napari's plain form of a layer: data, properties, type."""
CHROMOSOMES = "chromosomes"


def cell_layers(cell: CellRecord) -> list[LayerData]:
    """The layer of chromosomes, and one of objects set aside where there are any.

    Layers are (planes, rows, columns) whole numbers; the feature ``class`` holds class names and may be edited. Chromosomes
    without pixels have no place in labels and are left out.
    """
    objects = [one for one in objects_of(cell) if one.region.area]
    chromosomes = {one.number: one for one in objects if one.number is not None}
    aside = dict(enumerate((one for one in objects if one.number is None), start=1))
    layers = [_layer(CHROMOSOMES, chromosomes, cell)]
    return [*layers, _layer(SET_ASIDE, aside, cell)] if aside else layers


def cell_of_layers(layers: Sequence[LayerData], *, name: str) -> CellRecord:
    """The cell of napari's layers; layers other than labels are passed over.

    Numbers that KaryoKit did not write are new chromosomes, or new objects set aside in a layer of that name. ``name`` is the
    cell's where the layers have none. Raises ``ValueError`` without a layer of labels, or for layers of different sizes.
    """
    labels = [(_stack(data), properties) for data, properties, kind in layers if kind == "labels"]
    if len({stack.shape[1:] for stack, _ in labels}) != 1:
        raise ValueError(problem("layers", "hold labels of one size", f"{len(labels)} layers of labels", "Save the layers of one cell."))
    stack, properties = labels[0]
    fields = _kept(properties).get("cell") or fields_for(name, (stack.shape[1], stack.shape[2]))
    found = [_objects(stack, properties) for stack, properties in labels]
    return record_of(fields, [one for objects in found for one in objects])


def _layer(title: str, objects: Mapping[int, LabelledObject], cell: CellRecord) -> LayerData:
    features = {"index": [0, *objects], "class": ["", *(one.label for one in objects.values())]}
    kept = {"cell": cell_fields(cell), "objects": {number: dict(one.fields) for number, one in objects.items()}}
    return _packed(objects, cell.shape), {"name": title, "features": features, "metadata": {"karyokit": kept}}, "labels"


def _packed(objects: Mapping[int, LabelledObject], shape: tuple[int, int]) -> np.ndarray:
    """(planes, rows, columns): each object in the first plane where all its pixels are free; the last plane is blank."""
    kind = np.min_scalar_type(max([65_535, *objects]))
    planes = [np.zeros(shape, kind)]
    for number, one in objects.items():
        window, crop = one.region.window, one.region.crop
        free = next((plane for plane in planes if not plane[window][crop].any()), None)
        if free is None:
            free = np.zeros(shape, kind)
            planes.append(free)
        free[window][crop] = number
    return np.stack([*planes, np.zeros(shape, kind)])


def _stack(data: Any) -> np.ndarray:
    """Labels as (planes, rows, columns)."""
    stack = np.asarray(data)
    stack = stack[None] if stack.ndim == 2 else stack
    if stack.ndim != 3 or stack.dtype.kind not in "bui":
        got = f"{stack.dtype} of shape {stack.shape}"
        raise ValueError(problem("labels", "be planes of whole numbers", got, "Save labels of a single picture."))
    require_size(stack.shape[1], stack.shape[2])
    return stack


def _objects(stack: np.ndarray, properties: Mapping[str, Any]) -> list[LabelledObject]:
    """The objects of one layer: those KaryoKit wrote in their order, then new ones by number."""
    kept = {int(number): fields for number, fields in _kept(properties).get("objects", {}).items()}
    aside = str(properties.get("name", "")).startswith(SET_ASIDE)
    labels = _classes(properties)
    values, compact = np.unique(stack, return_inverse=True)
    windows = ndimage.find_objects(compact.reshape(stack.shape) + 1, len(values))
    regions = {int(value): _region(stack, window, value) for value, window in zip(values, windows, strict=True) if value > 0}
    order = [number for number in kept if number in regions] + [number for number in regions if number not in kept]
    default = SET_ASIDE if aside else "?"
    return [
        LabelledObject(labels.get(number, default), regions[number], None if aside else number, kept.get(number, {})) for number in order
    ]


def _region(stack: np.ndarray, window: tuple[slice, slice, slice], value: int) -> Region:
    return Region(window[1].start, window[2].start, (stack[window] == value).any(axis=0))


def _kept(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = (properties.get("metadata") or {}).get("karyokit") or {}
    return kept


def _classes(properties: Mapping[str, Any]) -> dict[int, str]:
    """Class names by number, from the layer's features (a dict of columns or a table)."""
    features = properties.get("features")
    if features is None or not {"index", "class"} <= set(features):
        return {}
    return {int(number): str(label) for number, label in zip(features["index"], features["class"], strict=True)}
