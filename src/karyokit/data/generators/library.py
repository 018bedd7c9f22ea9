"""Pictures of single chromosomes turned into density and mask, one at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from karyokit.data.generators.records import Single
from karyokit.data.singles import Singles

FOOT_OPTICAL_DENSITY = 0.06
"""Optical density (natural logarithm) above which a pixel of a picture on white belongs to the chromosome."""

FOOT_BRIGHTNESS = 0.4
"""Share of the cell's typical chromosome brightness above which a pixel on black belongs to the chromosome."""

LEAST_PIXELS = 20


class SinglesLibrary:
    """The pictures of single chromosomes of a set as ``Single`` records, made when asked for; pictures are numbered as in ``source``.

    In ``"brightfield"`` (pictures on white) the density is ``-log`` of the grey share; in ``"fluorescence"`` (on black) it is the
    grey over the typical chromosome grey of the same cell.
    """

    def __init__(self, source: Singles) -> None:
        self.source = source
        self._typical: dict[str, float] = {}

    def single(self, index: int) -> Single | None:
        """The record of one picture, or nothing where no chromosome of 20 pixels or more stands out."""
        picture = self.source.picture(index)
        if self.source.stain == "brightfield":
            density = -np.log(np.clip(picture, 1, 255).astype(np.float32) / 255)
            mask = _largest_filled(density > FOOT_OPTICAL_DENSITY)
        else:
            density = picture.astype(np.float32) / np.float32(self._typical_of(str(self.source.cells[index])))
            mask = _largest_filled(density > FOOT_BRIGHTNESS)
        if mask is None:
            return None
        near = ndimage.binary_dilation(mask, iterations=2)
        return _cropped(np.where(near, density, np.float32(0)), mask, int(self.source.labels[index]))

    def singles(self, indices: Sequence[int] | np.ndarray) -> list[Single]:
        """Records of those pictures; pictures without a chromosome are left out."""
        found = (self.single(int(index)) for index in indices)
        return [single for single in found if single is not None]

    def _typical_of(self, cell: str) -> float:
        """Median grey of a cell's chromosome pixels: those above 35 % of the bright level of all that is not dark."""
        if cell not in self._typical:
            greys = np.concatenate([self.source.picture(int(index)).ravel() for index in np.flatnonzero(self.source.cells == cell)])
            lit = greys[greys > 8]
            bright = lit[lit > 0.35 * np.percentile(lit, 95)] if lit.size else np.ones(1)
            self._typical[cell] = float(np.median(bright))
        return self._typical[cell]


def _largest_filled(raw: np.ndarray) -> np.ndarray | None:
    """Largest 8-connected part with its holes filled, nothing where it is too small."""
    labels, count = ndimage.label(raw, np.ones((3, 3), bool))
    if count == 0:
        return None
    mask: np.ndarray = ndimage.binary_fill_holes(labels == 1 + int(np.bincount(labels.ravel())[1:].argmax()))
    return mask if np.count_nonzero(mask) >= LEAST_PIXELS else None


def _cropped(density: np.ndarray, mask: np.ndarray, category: int, margin: int = 3) -> Single:
    """The single on its box with a margin of background."""
    density, mask = np.pad(density, margin), np.pad(mask, margin)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = slice(rows[0] - margin, rows[-1] + margin + 1), slice(columns[0] - margin, columns[-1] + margin + 1)
    return Single(density[window].copy(), mask[window].copy(), category)
