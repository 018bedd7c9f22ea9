"""The parts of the pairs set as a network sees them: cleaned, padded, divided, thinned out where a small run wants less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from karyokit.checks import lookup, problem
from karyokit.data.padding import PADDINGS, pad_to_128
from karyokit.data.pair_identity import match_foregrounds
from karyokit.data.pair_splits import PairIds, PairSplit, split_pairs
from karyokit.data.pairs_cleaning import clean_nearest, clean_watershed
from karyokit.data.pairs_h5 import read_pairs_h5
from karyokit.data.pommier import PairSet, build_pairs, load_pairs, read_source, save_pairs
from karyokit.training.recipe import Strict

CROPPED = "crop_88"
"""Beside ``PADDINGS``: the inner 88x88 of Hu et al., not padded at all."""
CLASSES = 4


class PairData(Strict):
    """Which pictures of two chromosomes, and in which form.

    ``labels``: ``raw`` as generated (values above 3 become 3), ``nearest`` (Hu, MACS, ARMS), ``cleaned`` (Pommier's
    watershed; AMFL's public masks) or ``truth`` (free of the generator's noise). ``padding``: a preset of spec 1.2, or
    ``crop_88``. ``value_range``: ``unit`` clips to 0..255 and divides by 255, ``raw`` clips only. ``split``, ``fold``,
    ``split_seed``: see ``data.pair_splits``. ``held_out``: share of the training part that validates where the split has no such
    part; whole pairs of chromosomes are held out where the split keeps pairs apart. ``limits`` thins the three parts out to so many,
    evenly, 0 for all. ``file``: a published HDF5 file to use instead of the rebuilt set.
    """

    split: str = "rse"
    fold: int = 0
    split_seed: int | None = 0
    held_out: float = Field(default=0.1, gt=0, lt=1)
    limits: tuple[int, int, int] = (0, 0, 0)
    labels: str = "cleaned"
    padding: str = "ours"
    value_range: str = "unit"
    file: str = ""
    cache: str = "runs/prepared"


@dataclass(frozen=True, eq=False)
class PairPart:
    """``images`` (n, rows, columns) int16 grey values as padded, ``labels`` uint8 0..3, both of one size."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, eq=False)
class PairParts:
    """Training, validation and test part."""

    train: PairPart
    val: PairPart
    test: PairPart


LABELS: dict[str, Callable[[PairSet], np.ndarray]] = {
    "raw": lambda pairs: np.minimum(pairs.labels, 3),
    "nearest": lambda pairs: clean_nearest(pairs.labels),
    "cleaned": lambda pairs: clean_watershed(pairs.labels),
    "truth": lambda pairs: pairs.truth,
}


def pair_set(data: Path, choice: PairData) -> tuple[np.ndarray, np.ndarray, PairIds]:
    """Grey values (n, 94, 93), labels as chosen, and whose pictures they are, of the rebuilt set or a published file.

    The rebuilt set and its cleaned labels are made once and kept in the cache. Raises as ``read_source`` and
    ``read_pairs_h5`` do, ``ValueError`` for an unknown name of labels.
    """
    rule = lookup(LABELS, choice.labels, "labels")
    pairs = rebuilt(data, Path(choice.cache))
    ids = PairIds(pairs.pair, pairs.chromosomes)
    if not choice.file:
        return pairs.images, _kept(Path(choice.cache) / f"pommier_{choice.labels}.npy", lambda: rule(pairs)), ids
    published = read_pairs_h5(choice.file, keep_stray=True)
    found = match_foregrounds(published.labels, pairs.labels)
    known = (found >= 0)[:, None]
    ids = PairIds(np.where(found >= 0, pairs.pair[found], -1), np.where(known, pairs.chromosomes[found], -1))
    cleaned = pairs.truth[found] if choice.labels == "truth" else LABELS[choice.labels](_as_set(published.labels))
    return published.images, cleaned, ids


def rebuilt(data: Path, cache: Path) -> PairSet:
    """The rebuilt Pommier set, made on first use and kept in ``cache``."""
    path = cache / "pommier.npz"
    if not path.is_file():
        pairs = build_pairs(*read_source(data / "pommier"))
        cache.mkdir(parents=True, exist_ok=True)
        save_pairs(path, pairs)
    return load_pairs(path)


def pair_parts(data: Path, choice: PairData) -> PairParts:
    """The three parts of a split, padded and thinned out."""
    images, labels, ids = pair_set(data, choice)
    split = with_validation(_fold(ids, choice), ids, choice)

    def part(indices: np.ndarray, limit: int) -> PairPart:
        chosen = thinned(indices, limit)
        return PairPart(padded(images[chosen], choice.padding, "image"), padded(labels[chosen], choice.padding, "label"))

    return PairParts(*map(part, (split.train, split.val, split.test), choice.limits))


def padded(pictures: np.ndarray, padding: str, kind: str) -> np.ndarray:
    """Pictures or label maps by a preset; see ``PairData.padding``."""
    if padding == CROPPED:
        return PADDINGS["arms_repo"].trim.remove(pictures)
    lookup({**PADDINGS, CROPPED: None}, padding, "padding")
    return pad_to_128(pictures, padding, kind="image" if kind == "image" else "label")


def with_validation(split: PairSplit, ids: PairIds, choice: PairData) -> PairSplit:
    """The split, with a validation part taken from its training part where it has none."""
    if len(split.val):
        return split
    rng = np.random.default_rng([1, choice.split_seed or 0])
    groups = ids.pair[split.train] if split.name.endswith("_disjoint") else np.arange(len(split.train))
    names = rng.permutation(np.unique(groups))
    held = np.isin(groups, names[: max(1, round(choice.held_out * len(names)))])
    return PairSplit(split.name, split.train[~held], split.train[held], split.test, split.unused)


def thinned(indices: np.ndarray, limit: int) -> np.ndarray:
    """At most ``limit`` of the indices, evenly spread; all of them for 0.

    >>> thinned(np.arange(10), 3).tolist()
    [0, 4, 9]
    """
    if not limit or limit >= len(indices):
        return indices
    return indices[np.linspace(0, len(indices) - 1, limit).astype(int)]


def _fold(ids: PairIds, choice: PairData) -> PairSplit:
    folds = split_pairs(choice.split, ids, seed=choice.split_seed)
    if not 0 <= choice.fold < len(folds):
        do = "Pick a fold that the split has."
        raise ValueError(problem("fold", f"be 0..{len(folds) - 1} for split {choice.split!r}", choice.fold, do))
    return folds[choice.fold]


def _kept(path: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    if not path.is_file():
        np.save(path, make())
    return np.asarray(np.load(path))


def _as_set(labels: np.ndarray) -> PairSet:
    empty = np.zeros(0)
    return PairSet(empty, labels, empty, empty, empty, empty, empty, len(labels))
