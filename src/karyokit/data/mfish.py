"""The ADIR M-FISH set: whole DAPI metaphase cells with a class per pixel, and the rule that makes chromosomes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import PictureError
from karyokit.chromosomes import Region
from karyokit.data.records import AnnotatedCell
from karyokit.data.sources import damaged, read_json, read_plane, read_stored, require_file

OVERLAP = 255
"""Value of the class map where chromosomes cross; 0 is background, 1..24 the classes."""

_SPLITS = "the cells of each split, {'train': [names], ...}"
MIN_PART = 20
MIN_CROSSING = 15
_EIGHT = np.ones((3, 3), bool)


def split_names(root: Path, split: str) -> tuple[str, ...]:
    """Names of the cells of ``split`` (``train``, ``val``, ``test``: by slide; ``unlabelled``: extreme cells)."""
    path = Path(root) / "splits.json"
    if not path.is_file():
        raise FileNotFoundError(f"no splits.json in {root}: point --data at the folder that holds mfish/")
    splits = read_json(path, _SPLITS)
    if not isinstance(splits, dict) or not all(isinstance(names, list) for names in splits.values()):
        raise damaged(path, _SPLITS, TypeError("other values"))
    if split not in splits:
        raise ValueError(f"`split` must be one of {sorted(splits)} of {path}, got {split!r}. Pick one of the names.")
    return tuple(map(str, splits[split]))


def cells(root: Path, split: str) -> Iterator[AnnotatedCell]:
    """Cells of a split from ``root``/dapi and ``root``/classes, one at a time; ``unlabelled`` cells have no regions."""
    for name in split_names(root, split):
        yield read_cell(Path(root), name)


def read_cell(root: Path, name: str) -> AnnotatedCell:
    """One cell by name; its group is the slide (the first three characters), ``notes["crossing"]`` as `crossing_flags`."""
    image = read_plane(require_file(root / "dapi" / f"{name}.png", f"Every cell of {root / 'splits.json'} needs its picture."))
    path = root / "classes" / f"{name}.png"
    class_map = read_class_map(path) if path.is_file() else np.zeros(image.shape, np.uint8)
    if class_map.shape != image.shape:
        raise PictureError(f"{path} has {class_map.shape} pixels, its picture {image.shape}. Download both again.")
    found = chromosomes_from_class_map(class_map)
    return AnnotatedCell(
        name=name,
        image=image,
        stain="fluorescence",
        regions=tuple(region for region, _ in found),
        categories=tuple(category for _, category in found),
        boxes=np.array([region.bbox for region, _ in found], float).reshape(-1, 4),
        group=name[:3],
        notes={"crossing": crossing_flags(class_map, [region for region, _ in found])},
    )


def read_class_map(path: Path) -> np.ndarray:
    """(rows, columns) uint8 class map: 0 background, 1..24 classes, 255 where chromosomes cross; ``PictureError`` for what is none."""
    stored = read_stored(require_file(path, "Every cell needs its class map."))
    if stored.ndim != 2 or not np.isin(stored, (*range(25), OVERLAP)).all():
        raise PictureError(f"{path} is no class map: it must hold 0..24 and {OVERLAP} alone. Download it again.")
    return stored.astype(np.uint8)


def overlap_zones(class_map: np.ndarray, min_area: int = MIN_CROSSING) -> np.ndarray:
    """(rows, columns) bool: the overlap regions of at least ``min_area`` pixels; smaller ones mark touching borders."""
    labels, _ = ndimage.label(class_map == OVERLAP, _EIGHT)
    large = np.bincount(labels.ravel()) >= min_area
    large[0] = False
    return large[labels]


def chromosomes_from_class_map(class_map: np.ndarray) -> list[tuple[Region, int]]:
    """Chromosomes of an M-FISH class map as (region, category 1..24).

    Homologues share a value, so 8-connected parts of one class that touch the same overlap region are one chromosome,
    and an overlap region belongs to every chromosome that touches it (parts are dilated by 2 px to test); parts under
    20 px are noise. An empty map gives an empty list. Source: data page of the set.
    """
    zones, _ = ndimage.label(class_map == OVERLAP, _EIGHT)
    parts = _parts(class_map)
    parent = list(range(len(parts)))
    touched = [_zones_touched(mask, corner, zones) for mask, corner, _ in parts]
    first: dict[tuple[int, int], int] = {}
    for index, (_, _, category) in enumerate(parts):
        for zone in touched[index]:
            other = first.setdefault((category, zone), index)
            parent[_root(parent, index)] = _root(parent, other)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for index in range(len(parts)):
        groups[_root(parent, index)].append(index)
    return [_join([parts[i] for i in members], set().union(*(touched[i] for i in members)), zones) for members in groups.values()]


def _parts(class_map: np.ndarray) -> list[tuple[np.ndarray, tuple[int, int], int]]:
    """8-connected parts of each class of at least ``MIN_PART`` pixels: (crop, corner, category)."""
    found = []
    for category in np.unique(class_map[(class_map > 0) & (class_map != OVERLAP)]):
        labels, _ = ndimage.label(class_map == category, _EIGHT)
        for number, window in enumerate(ndimage.find_objects(labels), start=1):
            crop = labels[window] == number
            if np.count_nonzero(crop) >= MIN_PART:
                found.append((crop, (window[0].start, window[1].start), int(category)))
    return found


def _zones_touched(crop: np.ndarray, corner: tuple[int, int], zones: np.ndarray, reach: int = 2) -> set[int]:
    """Numbers of the overlap regions within ``reach`` pixels of a part."""
    grown = ndimage.binary_dilation(np.pad(crop, reach), _EIGHT, iterations=reach)
    row, column = corner[0] - reach, corner[1] - reach
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + grown.shape[0], zones.shape[0]), min(column + grown.shape[1], zones.shape[1])
    inside = zones[top:bottom, left:right][grown[top - row : bottom - row, left - column : right - column]]
    return set(np.unique(inside[inside > 0]).tolist())


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        index = parent[index]
    return index


def _join(members: list[tuple[np.ndarray, tuple[int, int], int]], touched: set[int], zones: np.ndarray) -> tuple[Region, int]:
    mask = np.isin(zones, list(touched)) if touched else np.zeros(zones.shape, bool)
    for crop, (row, column), _ in members:
        mask[row : row + crop.shape[0], column : column + crop.shape[1]] |= crop
    return Region.from_mask(mask), members[0][2]


def crossing_flags(class_map: np.ndarray, regions: Sequence[Region]) -> np.ndarray:
    """(n,) bool: does the chromosome have an overlap region of at least 15 px?"""
    zones = overlap_zones(class_map)
    return np.array([bool((zones[region.window] & region.crop).any()) for region in regions], bool)
