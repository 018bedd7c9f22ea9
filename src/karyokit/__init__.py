"""KaryoKit: takes overlapping and touching chromosomes of a metaphase picture apart, names them, lays out the karyogram.

>>> import karyokit
>>> sorted(name for name in karyokit.__all__ if name.startswith("an"))
['analyse']

``cell = karyokit.analyse(image)``; ``cell.chromosomes``; ``cell.karyogram()``. For research use only.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from karyokit.checks import NothingFound, PictureError
    from karyokit.chromosomes import CLASS_NAMES, Cell, Chromosome, Contact, Region, Separation
    from karyokit.exchange.coco import read_coco, write_coco
    from karyokit.exchange.formats import read_cells, write_cells
    from karyokit.inference.registry import list_models, load_model
    from karyokit.pictures import read_picture
    from karyokit.pipeline import AnalysedCell, analyse, classify_picture, save_cell, separate
    from karyokit.reconstruction import ReconstructionOptions, reconstruct

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""ONNX Runtime reports its use to its maker unless this is set before it is loaded; nothing may leave the machine."""

_HOMES = {
    "karyokit.checks": ("NothingFound", "PictureError"),
    "karyokit.chromosomes": ("CLASS_NAMES", "Cell", "Chromosome", "Contact", "Region", "Separation"),
    "karyokit.exchange.coco": ("read_coco", "write_coco"),
    "karyokit.exchange.formats": ("read_cells", "write_cells"),
    "karyokit.inference.registry": ("list_models", "load_model"),
    "karyokit.pictures": ("read_picture",),
    "karyokit.pipeline": ("AnalysedCell", "analyse", "classify_picture", "save_cell", "separate"),
    "karyokit.reconstruction": ("ReconstructionOptions", "reconstruct"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CLASS_NAMES",
    "AnalysedCell",
    "Cell",
    "Chromosome",
    "Contact",
    "NothingFound",
    "PictureError",
    "ReconstructionOptions",
    "Region",
    "Separation",
    "analyse",
    "classify_picture",
    "list_models",
    "load_model",
    "read_cells",
    "read_coco",
    "read_picture",
    "reconstruct",
    "save_cell",
    "separate",
    "write_cells",
    "write_coco",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that ``import karyokit`` and ``karyokit --help`` stay quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'karyokit' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME_OF[name]), name)
