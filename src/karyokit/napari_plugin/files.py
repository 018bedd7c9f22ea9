"""What napari calls: which files are ours, opening one, saving layers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path, PureWindowsPath

from karyokit.checks import PictureError, problem
from karyokit.exchange.formats import format_of, read_cells, write_cells
from karyokit.exchange.reading import load_json
from karyokit.napari_plugin.layers import LayerData, cell_layers, cell_of_layers
from karyokit.pictures import read_picture


def get_reader(path: str | Sequence[str]) -> Callable[[str], list[LayerData]] | None:
    """``open_cell`` for a file that holds cells, None for others and for several files at once."""
    if not isinstance(path, str):
        return None
    try:
        name = format_of(path)
        ours = name not in ("coco", "labelme") or bool({"annotations", "shapes"} & load_json(Path(path)).keys())
    except (ValueError, OSError):
        return None
    return open_cell if ours else None


def open_cell(path: str) -> list[LayerData]:
    """Layers of the one cell in a file; under them its picture, where that lies beside the file.

    Raises ``ValueError`` for a file of several cells and for one that cannot be used.
    """
    cells = read_cells(path)
    if len(cells) != 1:
        do = "Split it: karyokit convert FILE FOLDER --to imagej."
        raise ValueError(problem("file", "hold one cell", f"{path} with {len(cells)}", do))
    return [*_picture_beside(Path(path), cells[0].name), *cell_layers(cells[0])]


def write_layers(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Save napari's layers as one cell in the format of the file's name; returns the files written."""
    cell = cell_of_layers(layers, name=Path(path).stem)
    for warning in write_cells(path, [cell]):
        warnings.warn(warning, stacklevel=2)
    return [path]


def _picture_beside(path: Path, name: str) -> list[LayerData]:
    """The layer of the cell's picture in the file's own folder; folders in the name do not count."""
    picture = path.parent / PureWindowsPath(name).name
    if not name or not picture.is_file():
        return []
    try:
        return [(read_picture(picture, min_side=1).pixels, {"name": picture.name}, "image")]
    except PictureError as error:
        warnings.warn(str(error), stacklevel=2)
        return []
