"""Cellpose's ``_seg.npy``: a pickled dictionary, of which the label image ``masks`` is taken.

Unpickling runs whatever a file asks for. Here nothing of a file's choosing runs: the names it may ask for are the few that a pickled
array needs, and each is answered with a stand-in of this module that only keeps its arguments. The array is then made from the kept
bytes by ``numpy.frombuffer``, its number type and size checked first.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.exchange.coco import CellRecord
from karyokit.exchange.label_image import cell_of_labels
from karyokit.exchange.reading import reading, require_size

_MAX_MEMO = 10_000_000
_WHOLE_NUMBERS = {"b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"}


def read_cellpose(path: str | Path, shape: tuple[int, int] | None = None) -> list[CellRecord]:
    """The cell of a Cellpose file: one chromosome, not classified, for each of its masks; the picture's name where it holds one.

    Raises ``FileNotFoundError``, or ``ValueError`` where the file cannot be used, holds several planes, or asks for anything but
    arrays, numbers, text and lists of them. ``shape`` is not needed.
    """
    del shape
    source = Path(path)
    with reading(source, "_seg.npy file of Cellpose"):
        content = _unpickled(source.read_bytes())
        name = content.get("filename")
        labels = _array(content["masks"])
        return [cell_of_labels(labels, PureWindowsPath(name).name if isinstance(name, str) and name else source.name)]


class _StandIn:
    """Stands for whatever the file wanted made: keeps the arguments and the state, does nothing with them."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Array(_StandIn):
    """A pickled array."""


class _NumberType(_StandIn):
    """A pickled number type."""


class _Ignored(_StandIn):
    """Anything else a pickled dictionary of arrays needs."""


_ADMITTED: dict[tuple[str, str], type[_StandIn]] = {
    ("numpy", "dtype"): _NumberType,
    ("numpy", "ndarray"): _Ignored,
    ("_codecs", "encode"): _Ignored,
    **{(f"{module}.multiarray", "_reconstruct"): _Array for module in ("numpy.core", "numpy._core")},
    **{(f"{module}.multiarray", "scalar"): _Ignored for module in ("numpy.core", "numpy._core")},
    **{(module, name): _Ignored for module in ("pathlib", "pathlib._local") for name in ("PosixPath", "WindowsPath")},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """The stand-in for a name; raises ``ValueError`` for every name that no array needs."""
        if (module, name) not in _ADMITTED:
            raise ValueError(f"it asks for {module}.{name}, which no Cellpose file needs")
        return _ADMITTED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """Refuse references to outside."""
        raise ValueError(f"it refers to {pid!r} outside the file")


def _unpickled(data: bytes) -> dict[str, Any]:
    """The dictionary in an .npy file of one pickled object."""
    stream = io.BytesIO(data)
    major, _ = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0(stream) if major == 1 else np.lib.format.read_array_header_2_0(stream)
    if header[0] != () or not header[2].hasobject:
        raise ValueError(problem("file", "hold Cellpose's dictionary", f"an array of shape {header[0]}", "Save the masks as TIFF."))
    body = data[stream.tell() :]
    for code, argument, _ in pickletools.genops(body):
        if "PUT" in code.name and isinstance(argument, int) and argument > min(len(body), _MAX_MEMO):
            raise ValueError("it is made to fill the memory")
    stored = _array_objects(_Unpickler(io.BytesIO(body)).load())
    if not isinstance(stored, dict):
        raise ValueError(problem("file", "hold Cellpose's dictionary", type(stored).__name__, "Save the masks as TIFF."))
    return stored


def _array_objects(stored: Any) -> Any:
    """The one object in a pickled array of objects without dimensions."""
    if isinstance(stored, _Array) and isinstance(stored.state, tuple) and stored.state[1] == () and len(stored.state[4]) == 1:
        return stored.state[4][0]
    raise ValueError("it is no single object")


def _array(stored: Any) -> np.ndarray:
    """The (rows, columns) array of whole numbers that was pickled; leading planes of one are dropped."""
    _, shape, kind, column_first, content = stored.state
    number_type = str(kind.arguments[0])
    shape = tuple(int(side) for side in shape)
    while len(shape) == 3 and shape[0] == 1:
        shape = shape[1:]
    if number_type not in _WHOLE_NUMBERS or len(shape) != 2:
        got = f"{number_type} of shape {shape}"
        raise ValueError(problem("masks", "be one plane of whole numbers", got, "Save the masks as a TIFF label image."))
    require_size(*shape)
    order = ">" if kind.state and kind.state[1] == ">" else "<"
    flat = np.frombuffer(_bytes(content), np.dtype(order + number_type))
    return flat.reshape(shape, order="F" if column_first else "C")


def _bytes(content: Any) -> bytes:
    """Bytes as pickled; old protocols write them as text in Latin 1."""
    if isinstance(content, _Ignored) and len(content.arguments) == 2 and isinstance(content.arguments[0], str):
        return content.arguments[0].encode("latin1")
    if not isinstance(content, bytes):
        raise ValueError("its masks hold no bytes")
    return content
