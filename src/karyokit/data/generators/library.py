"""Single chromosomes of ``singles/*.npz`` as density and mask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.data.generators.records import STAINS, Single, Stain

FIELDS = ("pixels", "height", "width", "offset", "label", "cell", "case")


class SinglesLibrary:
    """The pictures of one ``singles`` file, turned into ``Single`` records one at a time.

    ``stain`` is ``"brightfield"`` for pictures on white (density = -log of the grey share) and ``"fluorescence"`` for
    pictures on black (density = grey over the typical chromosome grey of the same cell); found from the border pixels.
    ``cell``, ``case`` and ``label`` hold one entry per picture.
    """

    def __init__(self, path: str | Path) -> None:
        if not Path(path).is_file():
            raise FileNotFoundError(problem("path", "be a singles .npz file", repr(str(path)), "Pass `singles/gband_singles.npz`."))
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in FIELDS if name not in file.files]
            if missing:
                raise ValueError(problem("path", f"hold the arrays {FIELDS}", f"no {missing}", "See the data page for the format."))
            arrays = {name: file[name] for name in FIELDS}
        self.pixels, self.height, self.width = arrays["pixels"], arrays["height"], arrays["width"]
        self.offset, self.label, self.cell, self.case = (arrays[name] for name in FIELDS[3:])
        self.stain: Stain = STAINS[1] if self._is_white() else STAINS[0]
        self._typical: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self.label)

    def _is_white(self) -> bool:
        corners = [self.pixels[start] for start in self.offset[:-1][:: max(len(self) // 200, 1)]]
        return bool(np.median(corners) > 127)

    def picture(self, index: int) -> np.ndarray:
        """(height, width) uint8 picture as stored."""
        start, stop = self.offset[index], self.offset[index + 1]
        return self.pixels[start:stop].reshape(int(self.height[index]), int(self.width[index]))

    def select(
        self, *, cells: Collection[str] | None = None, cases: Collection[str] | None = None, labels: Collection[int] | None = None
    ) -> np.ndarray:
        """Indices of the pictures of those cells, cases and classes; nothing given means all."""
        chosen = np.ones(len(self), bool)
        for column, wanted in ((self.cell, cells), (self.case, cases), (self.label, labels)):
            if wanted is not None:
                chosen &= np.isin(column, list(wanted))
        return np.flatnonzero(chosen)

    def single(self, index: int) -> Single | None:
        """The record of one picture, or nothing where no chromosome stands out."""
        picture = self.picture(index)
        if self.stain == "brightfield":
            density = -np.log(np.clip(picture, 1, 255).astype(np.float32) / 255)
            mask = _largest_filled(density > 0.06)
        else:
            typical = self._typical_of(str(self.cell[index]))
            density = picture.astype(np.float32) / np.float32(typical)
            mask = _largest_filled(density > 0.4)
        if mask is None:
            return None
        near = ndimage.binary_dilation(mask, iterations=2)
        return _cropped(np.where(near, density, np.float32(0)), mask, int(self.label[index]))

    def _typical_of(self, cell: str) -> float:
        """Median grey of the pixels above Otsu-like half of the bright level, over the pictures of a cell."""
        if cell not in self._typical:
            greys = np.concatenate([self.picture(index).ravel() for index in np.flatnonzero(self.cell == cell)])
            bright = greys[greys > 0.35 * np.percentile(greys[greys > 8], 95)] if (greys > 8).any() else greys
            self._typical[cell] = max(float(np.median(bright)), 1.0)
        return self._typical[cell]

    def singles(self, indices: Sequence[int] | np.ndarray) -> list[Single]:
        """Records of those pictures; pictures without a chromosome are left out."""
        found = (self.single(int(index)) for index in indices)
        return [single for single in found if single is not None]


def _largest_filled(raw: np.ndarray) -> np.ndarray | None:
    """Largest 8-connected part with its holes filled, nothing where it has under 20 pixels."""
    labels, count = ndimage.label(raw, np.ones((3, 3), bool))
    if count == 0:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    mask = ndimage.binary_fill_holes(labels == 1 + int(sizes.argmax()))
    return mask if np.count_nonzero(mask) >= 20 else None


def _cropped(density: np.ndarray, mask: np.ndarray, category: int, margin: int = 3) -> Single:
    density, mask = np.pad(density, margin), np.pad(mask, margin)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = slice(rows[0] - margin, rows[-1] + margin + 1), slice(columns[0] - margin, columns[-1] + margin + 1)
    return Single(density[window].copy(), mask[window].copy(), category)


def singles_from_npz(
    path: str | Path,
    *,
    cells: Collection[str] | None = None,
    cases: Collection[str] | None = None,
    limit: int | None = None,
) -> list[Single]:
    """Singles of a ``singles/*.npz`` file, of those cells or cases, at most ``limit``; use ``SinglesLibrary`` for more than a few."""
    library = SinglesLibrary(path)
    return library.singles(library.select(cells=cells, cases=cases)[:limit])
