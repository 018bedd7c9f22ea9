"""The 13,434 overlapping pairs of the Pommier set, made again from its source metaphase (spec 1.1).

A pair is two of twelve chromosomes of one cell, each turned by a multiple of 40 degrees, the smaller (alpha, label 1)
laid over the larger (beta, label 2); grey values and masks are added, so label 3 is the overlap and greys may exceed 255.
Foregrounds and their place in the picture equal those of the published files; only the order of the samples, which was
shuffled, is ours: pair by pair, turn by turn, shift by shift.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations, product
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import NothingFound, problem, require_plane
from karyokit.data.pommier_singles import centre_offset, single_chromosomes
from karyokit.data.sources import read_arrays, read_plane, require_file, require_folder
from karyokit.files import atomic_path

SOURCE_NAMES = {
    "DAPI": ("DAPI.png", "DAPI.tif", "dapi/1.tif", "metaphase/DAPI.tif"),
    "Cy3": ("Cy3.png", "Cy3.tif", "cy3/1.tif", "metaphase/Cy3.tif"),
}
_REMEDY = "Pass the folder with DAPI and Cy3 of the source metaphase (GitHub jeanpat/DeepFISH, Kaggle jeanpat/overlapping-chromosomes)."
OVERLAP = 3


@dataclass(frozen=True)
class PairRecipe:
    """The numbers of the generator; the defaults are the published ones.

    ``window`` is (first row, end row, first column, end column) of the source; ``every`` and ``decimation`` thin out the
    chromosomes and their pixels; ``angles`` are degrees counter-clockwise; ``shifts`` are shares of the free range.
    """

    window: tuple[int, int, int, int] = (50, 900, 300, 1150)
    every: int = 4
    decimation: int = 2
    angles: tuple[int, ...] = (0, 40, 80, 120, 160)
    shifts: tuple[float, ...] = (0.25, 0.5, 0.75)


PUBLISHED = PairRecipe()


@dataclass(frozen=True, eq=False)
class PairSet:
    """n pictures of two overlapping chromosomes; every array has n as its first length.

    ``images`` (n, rows, columns) int16, background 0, sums and slightly negative rims as generated (-15..402);
    ``labels`` uint8 as generated: 0 background, 1 alpha, 2 beta, 3 overlap, with the known noise of interpolated masks
    (rims of beta carry 1 or 3, a few pixels 4); ``truth`` uint8, the same without that noise: 1 alpha only, 2 beta only,
    3 both. ``pair`` numbers the pair, ``chromosomes`` (n, 2) the two of it (alpha, beta; by ascending area), ``angles``
    (n, 2) degrees, ``shifts`` (n, 2) share of the free range by row and column. ``candidates`` counts the pictures tried.
    """

    images: np.ndarray
    labels: np.ndarray
    truth: np.ndarray
    pair: np.ndarray
    chromosomes: np.ndarray
    angles: np.ndarray
    shifts: np.ndarray
    candidates: int

    def __len__(self) -> int:
        return int(self.images.shape[0])

    def masks(self, index: int) -> np.ndarray:
        """(2, rows, columns) bool: the whole alpha and the whole beta chromosome of one sample; they share the overlap."""
        truth = self.truth[index]
        return np.stack([(truth & 1) > 0, (truth & 2) > 0])


@dataclass(frozen=True, eq=False)
class _Turned:
    """One chromosome at one angle: grey values and mask (0, then around ``value``), cut to the mask's box."""

    number: int
    angle: int
    grey: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class _Merged:
    """One candidate: the two parts on one canvas, cut to the box of their sum."""

    grey: np.ndarray
    label: np.ndarray
    truth: np.ndarray
    keys: tuple[int, int, int, int, float, float]


def read_source(folder: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray]:
    """DAPI and Cy3 planes, (rows, columns) uint16, of the source metaphase.

    Accepts PNG or TIFF copies side by side and the publisher's folders ``dapi/1.tif`` and ``cy3/1.tif``. Raises
    ``FileNotFoundError`` where one is missing, ``PictureError`` where one cannot be read.
    """
    root = require_folder(folder, _REMEDY)
    dapi, cy3 = (read_plane(_first_file(root, names)) for names in SOURCE_NAMES.values())
    return dapi, cy3


def build_pairs(dapi: np.ndarray, cy3: np.ndarray, *, recipe: PairRecipe = PUBLISHED) -> PairSet:
    """All overlapping pairs of a metaphase without overlaps, in a fixed order, by the published steps.

    ``dapi`` and ``cy3`` are (rows, columns) planes of 12 bits. On the published source this gives 14,850 candidates and
    13,434 samples of (94, 93) with a grey mean of 5.8991370727534225. Raises ``ValueError`` where the recipe's window
    does not lie in the picture, ``NothingFound`` where no two chromosomes could be laid over one another.
    """
    window = _window(dapi, cy3, recipe)
    singles = single_chromosomes(dapi[window], cy3[window], every=recipe.every, decimation=recipe.decimation)
    alphas = [_turns(number, grey, value=1, angles=recipe.angles) for number, grey in enumerate(singles)]
    betas = [_turns(number, grey, value=2, angles=recipe.angles) for number, grey in enumerate(singles)]
    pairs = [list(_candidates(alphas[i], betas[j], recipe.shifts)) for i, j in combinations(range(len(singles)), 2)]
    if not any(OVERLAP in merged.label for group in pairs for merged in group):
        raise NothingFound(f"{len(singles)} chromosomes gave no overlapping pair. Check the window and the source pictures.")
    return _assembled(pairs)


def save_pairs(path: str | os.PathLike[str], pairs: PairSet) -> None:
    """Write a pair set as compressed npz, aside and then renamed; raises ``OutputError`` where that cannot be done."""
    arrays = {field.name: np.asarray(getattr(pairs, field.name)) for field in fields(pairs)}
    with atomic_path(Path(path)) as aside, aside.open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]


def load_pairs(path: str | os.PathLike[str]) -> PairSet:
    """Read what ``save_pairs`` wrote; ``FileNotFoundError`` or ``ValueError`` name a file that is missing or something else."""
    file = require_file(path, "Build it with `karyokit data build pommier`.")
    arrays = read_arrays(file, [field.name for field in fields(PairSet)])
    count = arrays.pop("candidates")
    if count.ndim or len({array.shape[:1] for array in arrays.values()}) != 1:
        raise ValueError(problem("path", "hold arrays of one length", file, "Build it again."))
    return PairSet(**arrays, candidates=int(count))


def _first_file(root: Path, names: Sequence[str]) -> Path:
    for name in names:
        if (root / name).is_file():
            return root / name
    raise FileNotFoundError(f"{root} holds none of {', '.join(names)}. {_REMEDY}")


def _window(dapi: np.ndarray, cy3: np.ndarray, recipe: PairRecipe) -> tuple[slice, slice]:
    require_plane("dapi", dapi)
    require_plane("cy3", cy3)
    top, bottom, left, right = recipe.window
    shape = tuple(np.minimum(dapi.shape, cy3.shape).tolist())
    if not (0 <= top < bottom <= shape[0] and 0 <= left < right <= shape[1]):
        raise ValueError(problem("recipe.window", f"lie in a picture of {shape}", recipe.window, "Pass the whole source picture."))
    return slice(top, bottom), slice(left, right)


def _turns(number: int, grey: np.ndarray, *, value: int, angles: Sequence[int]) -> list[_Turned]:
    """Grey and mask of one chromosome turned together by cubic splines, whole numbers throughout."""
    stack = np.dstack((grey, value * (grey > 0))).astype(np.int64)
    stack = stack[_box(stack[..., 1])]
    turned = [ndimage.rotate(stack, angle, order=3) for angle in angles]
    clipped = [stack[_box(stack[..., 1])] for stack in turned]
    return [_Turned(number, angle, part[..., 0], part[..., 1]) for angle, part in zip(angles, clipped, strict=True)]


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Slices of the box of the positive pixels."""
    window: tuple[slice, slice] = ndimage.find_objects((mask > 0).astype(np.uint8))[0]
    return window


def _candidates(alphas: Sequence[_Turned], betas: Sequence[_Turned], shifts: Sequence[float]) -> Iterator[_Merged]:
    for alpha, beta in product(alphas, betas):
        for down, right in product(shifts, shifts):
            yield _merge(alpha, beta, (down, right))


def _merge(alpha: _Turned, beta: _Turned, shift: tuple[float, float]) -> _Merged:
    """Lay alpha over beta, which lies at (r0 + 1, c0 + 1) of a canvas that leaves alpha's size free on either side."""
    (height, width), (rows, columns) = alpha.mask.shape, beta.mask.shape
    below = slice(height + 1, height + 1 + rows), slice(width + 1, width + 1 + columns)
    top, left = int(shift[0] * (rows + height)), int(shift[1] * (columns + width))
    above = slice(top, top + height), slice(left, left + width)
    grey, label, truth = (np.zeros((rows + 2 * height, columns + 2 * width), kind) for kind in (np.int16, np.uint8, np.uint8))
    for part, where, bit in ((beta, below, 2), (alpha, above, 1)):
        grey[where] += part.grey.astype(np.int16)
        label[where] += part.mask.astype(np.uint8)
        truth[where] |= np.where(part.mask > 0, bit, 0).astype(np.uint8)
    box = _box(label)
    return _Merged(grey[box], label[box], truth[box], (alpha.number, beta.number, alpha.angle, beta.angle, *shift))


def _assembled(pairs: Sequence[Sequence[_Merged]]) -> PairSet:
    """Keep the candidates with an overlap; centre each among the candidates of its pair, then the pair among all pairs."""
    largest = [np.array([merged.label.shape for merged in group]).max(axis=0) for group in pairs]
    canvas = np.array(largest).max(axis=0)
    kept = [(number, merged) for number, group in enumerate(pairs) for merged in group if OVERLAP in merged.label]
    shape = (len(kept), int(canvas[0]), int(canvas[1]))
    images, labels, truth = (np.zeros(shape, kind) for kind in (np.int16, np.uint8, np.uint8))
    for index, (number, merged) in enumerate(kept):
        inner = centre_offset(merged.label.shape, largest[number])
        outer = centre_offset(largest[number], canvas)
        window = tuple(slice(i + o, i + o + side) for i, o, side in zip(inner, outer, merged.label.shape, strict=True))
        images[index][window], labels[index][window], truth[index][window] = merged.grey, merged.label, merged.truth
    keys = np.array([merged.keys for _, merged in kept])
    numbers = np.array([number for number, _ in kept])
    candidates = sum(len(group) for group in pairs)
    return PairSet(images, labels, truth, numbers, keys[:, :2].astype(int), keys[:, 2:4].astype(int), keys[:, 4:], candidates)
