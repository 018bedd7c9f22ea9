"""Bringing pictures to the size a network wants, and back (spec 1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from karyokit.checks import lookup, problem

PAIR_SHAPE = (94, 93)
"""Rows and columns of the published pair pictures."""


@dataclass(frozen=True)
class Margins:
    """Pixels added on each side of (..., rows, columns) pictures."""

    top: int
    bottom: int
    left: int
    right: int

    def add(self, pictures: np.ndarray, value: float = 0) -> np.ndarray:
        """A copy with the margins, filled with ``value``."""
        spread = [(0, 0)] * (pictures.ndim - 2) + [(self.top, self.bottom), (self.left, self.right)]
        return np.pad(pictures, spread, constant_values=value)

    def remove(self, pictures: np.ndarray) -> np.ndarray:
        """A copy without the margins."""
        rows, columns = pictures.shape[-2:]
        return pictures[..., self.top : rows - self.bottom, self.left : columns - self.right].copy()


@dataclass(frozen=True)
class PairPadding:
    """How one author brings 94x93 pairs to 128x128: cut ``trim`` off, then add ``margins``.

    Pictures are filled with ``value``; ``last_columns`` columns on the right are 0 all the same. Labels are filled with 0.
    """

    trim: Margins
    margins: Margins
    value: int = 0
    last_columns: int = 0


PADDINGS: dict[str, PairPadding] = {
    "ours": PairPadding(Margins(0, 0, 0, 0), Margins(17, 17, 17, 18)),
    "arms_repo": PairPadding(Margins(3, 3, 3, 2), Margins(20, 20, 20, 20)),
    "amfl_repo": PairPadding(Margins(0, 0, 0, 0), Margins(17, 17, 17, 18), value=255, last_columns=1),
}
"""``ours`` pads with background; ``arms_repo`` keeps rows and columns 3..90 only; ``amfl_repo`` pads pictures with white."""


def pad_to_128(pictures: np.ndarray, preset: str = "ours", *, kind: Literal["image", "label"] = "image") -> np.ndarray:
    """(..., 94, 93) pair pictures or label maps as (..., 128, 128) copies of the same type.

    ``preset`` is a name of ``PADDINGS``; ``kind`` says whether the filling is the preset's grey value or background.
    Labels of the ``arms_repo`` preset are cleaned by ``clean_nearest`` beforehand in the authors' script. Raises
    ``ValueError`` for another size, an unknown name, or a type that cannot hold the preset's grey value.
    """
    padding = lookup(PADDINGS, preset, "preset")
    value = lookup({"image": padding.value, "label": 0}, kind, "kind")
    if pictures.ndim < 2 or pictures.shape[-2:] != PAIR_SHAPE:
        raise ValueError(
            problem("pictures", f"be (..., {PAIR_SHAPE[0]}, {PAIR_SHAPE[1]})", f"shape {pictures.shape}", "Use `pad_to_multiple`.")
        )
    if pictures.dtype.kind in "iu" and value > np.iinfo(pictures.dtype).max:
        raise ValueError(problem("pictures", f"hold the value {value}", pictures.dtype, "Use int16, uint8 or a float type."))
    padded = padding.margins.add(padding.trim.remove(pictures), value)
    padded[..., padded.shape[-1] - padding.last_columns :] = 0
    return padded


def unpad(pictures: np.ndarray, preset: str = "ours") -> np.ndarray:
    """(..., 94, 93) copies of (..., 128, 128) pictures or predictions, at the place they came from.

    What the preset had cut off comes back as 0. Raises ``ValueError`` for another size or an unknown name.
    """
    padding = lookup(PADDINGS, preset, "preset")
    if pictures.ndim < 2 or pictures.shape[-2:] != (128, 128):
        raise ValueError(problem("pictures", "be (..., 128, 128)", f"shape {pictures.shape}", "Pass what `pad_to_128` gave."))
    return padding.trim.add(padding.margins.remove(pictures))


def pad_to_multiple(pictures: np.ndarray, multiple: int, *, value: float = 0) -> tuple[np.ndarray, Margins]:
    """Copies of (..., rows, columns) pictures, centred, with both sides multiples of ``multiple``, and the margins added.

    An odd margin has its larger half at the bottom and right; a side of 0 pixels stays 0. A network of L poolings
    wants ``multiple`` = 2 ** L. ``margins.remove`` undoes it. Raises ``ValueError`` for fewer than two dimensions or a
    multiple under 1.

    >>> padded, margins = pad_to_multiple(np.ones((5, 8)), 4)
    >>> padded.shape, margins
    ((8, 8), Margins(top=1, bottom=2, left=0, right=0))
    """
    if pictures.ndim < 2:
        raise ValueError(problem("pictures", "be (..., rows, columns)", f"shape {pictures.shape}", "Pass planes."))
    if multiple < 1:
        raise ValueError(problem("multiple", "be at least 1", multiple, "Pass 2 to the number of poolings."))
    down, right = (-side % multiple for side in pictures.shape[-2:])
    margins = Margins(down // 2, down - down // 2, right // 2, right - right // 2)
    return margins.add(pictures, value), margins
