"""One form of message for bad input: what must hold, what was given, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class PictureError(ValueError):
    """A file could not be used as a metaphase picture; the message names the file and the remedy."""


class NothingFound(ValueError):  # noqa: N818
    """A picture could be read, but no chromosome is in view."""


def problem(name: str, must: str, got: object, do: str) -> str:
    """Format the one message form of the package.

    >>> problem("threshold", "lie in 0..1", 3, "Pass a share, for example 0.5.")
    '`threshold` must lie in 0..1, got 3. Pass a share, for example 0.5.'
    """
    return f"`{name}` must {must}, got {got}. {do}"


def lookup(table: Mapping[str, T], name: str, kind: str) -> T:
    """Return ``table[name]``; an unknown name lists the known ones and the nearest match.

    >>> lookup({"unet": 1}, "unet", "network")
    1
    """
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name, table, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(problem(kind, f"be one of {sorted(table)}", repr(name), f"{hint}Pick one of the names."))


def require_plane(name: str, array: np.ndarray) -> None:
    """Raise ``ValueError`` unless ``array`` is a non-empty (rows, columns) plane of finite numbers."""
    if array.ndim != 2 or array.size == 0:
        raise ValueError(problem(name, "be a non-empty (rows, columns) array", f"shape {array.shape}", "Pass one grey plane."))
    if array.dtype.kind not in "buif":
        raise TypeError(problem(name, "hold numbers", f"dtype {array.dtype}", "Convert it to uint8, uint16 or float32."))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(problem(name, "be finite", "NaN or infinity", "Replace missing pixels before the analysis."))


def require_same_shape(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ``ValueError`` unless all arrays share one shape."""
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(problem(" and ".join(shapes), "have one shape", shapes, "Crop or resize them to the same picture."))


def require_range(name: str, value: float, low: float, high: float) -> None:
    """Raise ``ValueError`` unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise ValueError(problem(name, f"lie in {low}..{high}", value, "Choose a value inside the range."))


def require_nonempty(name: str, values: Iterable[object]) -> None:
    """Raise ``ValueError`` when ``values`` has no element."""
    if not any(True for _ in values):
        raise ValueError(problem(name, "hold at least one element", "none", "Check the folder or the filter."))
