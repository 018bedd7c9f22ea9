"""Pictures of single chromosomes turned into density and mask, one at a time."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

import numpy as np
from scipy import ndimage

from karyokit.data.generators.records import Single
from karyokit.data.singles import load_singles, singles_from_npz

FOOT_OPTICAL_DENSITY = 0.06
"""Optical density (natural logarithm) above which a pixel of a picture on white belongs to the chromosome."""

FOOT_BRIGHTNESS = 0.4
"""Share of the cell's typical chromosome brightness above which a pixel on black belongs to the chromosome."""

LEAST_PIXELS = 20


class SinglesLibrary:
    """The pictures of one ``singles`` file or folder as ``Single`` records, made when asked for.

    In ``"brightfield"`` (pictures on white) the density is ``-log`` of the grey share; in ``"fluorescence"`` (on black) it is the
    grey over the typical chromosome grey of the same cell. ``label``, ``cell`` and ``case`` hold one entry per picture. The
    stain follows from the file's name (``gband``, ``qband``) unless given; a named stain wants an ``.npz`` file. Errors are those
    of ``karyokit.data.singles``.
    """

    def __init__(self, path: str | os.PathLike[str], *, stain: str | None = None) -> None:
        self._source = load_singles(path) if stain is None else singles_from_npz(path, stain=stain)
        self.stain = self._source.stain
        self.label, self.cell, self.case = self._source.labels, self._source.cells, self._source.cases
        self._typical: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._source)

    def select(
        self, *, cells: Collection[str] | None = None, cases: Collection[str] | None = None, labels: Collection[int] | None = None
    ) -> np.ndarray:
        """Indices of the pictures of those cells, cases and classes; nothing given means all."""
        chosen = np.ones(len(self), bool)
        for column, wanted in ((self.cell, cells), (self.case, cases), (self.label, labels)):
            if wanted is not None:
                chosen &= np.isin(column, np.array(list(wanted)))
        return np.flatnonzero(chosen)

    def single(self, index: int) -> Single | None:
        """The record of one picture, or nothing where no chromosome of 20 pixels or more stands out."""
        picture = self._source.picture(index)
        if self.stain == "brightfield":
            density = -np.log(np.clip(picture, 1, 255).astype(np.float32) / 255)
            mask = _largest_filled(density > FOOT_OPTICAL_DENSITY)
        else:
            density = picture.astype(np.float32) / np.float32(self._typical_of(str(self.cell[index])))
            mask = _largest_filled(density > FOOT_BRIGHTNESS)
        if mask is None:
            return None
        near = ndimage.binary_dilation(mask, iterations=2)
        return _cropped(np.where(near, density, np.float32(0)), mask, int(self.label[index]))

    def singles(self, indices: Sequence[int] | np.ndarray) -> list[Single]:
        """Records of those pictures; pictures without a chromosome are left out."""
        found = (self.single(int(index)) for index in indices)
        return [single for single in found if single is not None]

    def _typical_of(self, cell: str) -> float:
        """Median grey of a cell's chromosome pixels: those above 35 % of the bright level of all that is not dark."""
        if cell not in self._typical:
            greys = np.concatenate([self._source.picture(int(index)).ravel() for index in np.flatnonzero(self.cell == cell)])
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
