"""Cells that people corrected on the review page, as ``karyokit review export CASE -o FOLDER --training`` writes them.

A folder holds ``annotations.json`` (COCO with compressed run lengths) and the pictures it names. Overlaps are kept: a pixel may
belong to several chromosomes. Objects that the analysis set aside and nobody decided on count neither as chromosome nor as
background; those that a person deleted are background.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import Region
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_targets import SeparationSample, sample_of
from karyokit.data.sources import read_plane, require_folder
from karyokit.data.splits import require_split_name, split_of_group

ANNOTATIONS = "annotations.json"
DELETED = "deleted in review"
_EXPORT = "Write it with `karyokit review export CASE -o FOLDER --training`."


def corrected_samples(
    data: str, split: str, *, path: str = "corrected", divide: bool = True, limit: int | None = None
) -> list[SeparationSample]:
    """Samples of the corrected cells of a split; arguments and errors as for ``corrected_cells``, ``limit`` takes the first ones.

    Raises ``ValueError`` where the split has no cell, which a training could not start from.
    """
    samples = [_sample(cell) for cell in islice(corrected_cells(Path(data) / path, split, divide=divide), limit)]
    if not samples:
        do = "Export more cells, or set `divide = false` to take all of them for this split."
        raise ValueError(problem("path", f"hold corrected cells of the split {split!r}", f"none in {Path(data) / path}", do))
    return samples


def corrected_cells(folder: Path, split: str, *, divide: bool = True) -> Iterator[AnnotatedCell]:
    """The cells of an export, or of a folder of exports, in the order of their files.

    Exports in one folder are divided by their names, so that a case stays in one part; the cells of a single export by the
    names of their pictures (70, 15 and 15 in 100 in the long run). ``divide=False`` gives all of them for any split. Raises
    ``FileNotFoundError`` for missing folders and pictures, ``ValueError`` for what is no export.
    """
    require_split_name("split", split)
    exports = _exports(require_folder(folder, _EXPORT))
    for export in exports:
        if divide and len(exports) > 1 and split_of_group(export.name) != split:
            continue
        for source, image, objects in _records(export / ANNOTATIONS):
            group = export.name if len(exports) > 1 else source
            if not divide or split_of_group(group) == split:
                yield _cell(export, image, objects, group)


def _exports(folder: Path) -> list[Path]:
    """The folder itself where it is an export, else the exports in it."""
    found = [folder] if (folder / ANNOTATIONS).is_file() else sorted(place.parent for place in folder.glob(f"*/{ANNOTATIONS}"))
    if not found:
        raise FileNotFoundError(f"{folder}: holds no corrected cells. {_EXPORT}")
    return found


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Names of the pictures that were reviewed, images of an export, and their annotations."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        of_image: dict[Any, list[dict[str, Any]]] = {image["id"]: [] for image in document["images"]}
        for annotation in document["annotations"]:
            of_image[annotation["image_id"]].append(annotation)
        images = [(str(image.get("source_name", image["file_name"])), image) for image in document["images"]]
        yield from [(source, image, of_image[image["id"]]) for source, image in images]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _no_export(path, error) from error


def _cell(export: Path, image: dict[str, Any], objects: list[dict[str, Any]], group: str) -> AnnotatedCell:
    try:
        name, shape = str(image["file_name"]), (int(image["height"]), int(image["width"]))
        chromosomes = [(_region(one, shape), int(one["category_id"])) for one in objects]
        undecided = [_region(one, shape) for one in image.get("set_aside", ()) if one["reason"] != DELETED]
        stain = str(image["stain"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise _no_export(export / ANNOTATIONS, error) from error
    plane = _picture(export, name, shape)
    return AnnotatedCell.of_chromosomes(name, plane, chromosomes, stain=stain, group=group, notes={"undecided": undecided})


def _region(one: dict[str, Any], shape: tuple[int, int]) -> Region:
    if tuple(one["segmentation"]["size"]) != shape:
        raise ValueError(f"masks of {one['segmentation']['size']} pixels in a picture of {shape}")
    return Region.from_rle(one["segmentation"])


def _picture(export: Path, name: str, shape: tuple[int, int]) -> np.ndarray:
    """The picture ``name`` of an export, which cannot lead out of its folder."""
    path = (export / name).resolve()
    if not path.is_relative_to(export.resolve()) or not path.is_file():
        raise FileNotFoundError(f"{export / name}: the picture of a corrected cell is not in its folder. {_EXPORT}")
    plane = read_plane(path)
    if plane.shape != shape:
        raise ValueError(problem("picture", f"have {shape} pixels", f"{plane.shape} in {path}", _EXPORT))
    return plane


def _no_export(path: Path, error: Exception) -> ValueError:
    return ValueError(problem("path", "be an export of corrected cells", f"{path} ({type(error).__name__}: {error})", _EXPORT))


def _sample(cell: AnnotatedCell) -> SeparationSample:
    """Sample of a cell in which only objects nobody decided on say nothing."""
    sample = sample_of(cell)
    weight = sample.weight.copy()
    for region in cell.notes["undecided"]:
        weight[(slice(None), *region.window)] &= ~region.crop | sample.target[0][region.window]
    return replace(sample, weight=weight)
