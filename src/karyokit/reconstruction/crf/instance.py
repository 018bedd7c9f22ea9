"""One mask cut out of its picture with its enlarged box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from karyokit.checks import require_plane, require_same_shape
from karyokit.reconstruction.crf.options import RefineOptions


@dataclass(frozen=True, eq=False)
class InstanceCrop:
    """What the refinement sees of one mask; all crops have one (rows, columns) and lie at ``window`` of the picture.

    ``image`` is grey or RGB (0..255), ``probability`` float in 0..1, ``mask`` the initial mask, ``shared`` its pixels that belong to
    another mask, too, ``others`` all pixels of other masks.
    """

    window: tuple[slice, slice]
    image: np.ndarray
    probability: np.ndarray
    mask: np.ndarray
    others: np.ndarray

    @property
    def shared(self) -> np.ndarray:
        """(rows, columns) bool: pixels that this mask shares with others."""
        return self.mask & self.others


def enlarged_box(mask: np.ndarray, *, enlarge: float, margin: int) -> tuple[slice, slice]:
    """The box of a (rows, columns) mask, each side ``enlarge`` times as long and at least ``margin`` longer, cut at the picture.

    The mask must not be empty.

    >>> bar = np.zeros((100, 100), bool)
    >>> bar[20:60, 50:54] = True
    >>> enlarged_box(bar, enlarge=1.25, margin=10)
    (slice(15, 65, None), slice(45, 59, None))
    """
    sides = []
    for axis in (0, 1):
        filled = np.flatnonzero(mask.any(axis=1 - axis))
        start, stop = int(filled[0]), int(filled[-1]) + 1
        grow = -int(-max((enlarge - 1) * (stop - start), margin) // 2)
        sides.append(slice(max(start - grow, 0), min(stop + grow, mask.shape[axis])))
    return sides[0], sides[1]


def cut_out(
    image: np.ndarray, probability: np.ndarray, mask: np.ndarray, *, others: np.ndarray | None = None, options: RefineOptions | None = None
) -> InstanceCrop:
    """The crop of one non-empty mask, a copy, so that it can be kept without the picture.

    ``image`` (rows, columns[, 3]) 0..255, ``probability`` (rows, columns) float, ``mask`` and ``others`` (union of the other masks) bool.
    Raises ``ValueError`` for planes of different size.
    """
    options = options or RefineOptions()
    others = np.zeros(mask.shape, bool) if others is None else others
    require_plane("mask", mask)
    require_same_shape({"image": image[..., 0] if image.ndim == 3 else image, "probability": probability, "mask": mask, "others": others})
    window = enlarged_box(mask, enlarge=options.enlarge, margin=options.margin)
    return InstanceCrop(window, image[window].copy(), probability[window].copy(), mask[window].astype(bool), others[window].astype(bool))
