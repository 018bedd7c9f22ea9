"""Proposals: a few chromosomes of a cell, and what may stand in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Chromosome, Region
from karyokit.reconstruction.affinities import Affinities
from karyokit.reconstruction.proposals.splits import possible_splits
from karyokit.regions import EIGHT, union

Way = Literal["split", "join", "swap", "drop"]
"""One chromosome is two; two are one; the second-best reconstruction; no chromosome at all."""


DROP_BELOW = 0.5
"""Score from which a chromosome is one for sure enough not to be dropped, whatever its class."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """``regions`` in place of the chromosomes at the indices ``replaces``."""

    way: Way
    replaces: tuple[int, ...]
    regions: tuple[Region, ...]


def propose(
    chromosomes: Sequence[Chromosome],
    doubtful: Sequence[bool],
    *,
    overlap: np.ndarray,
    border: np.ndarray,
    affinities: Affinities,
    width: float,
) -> list[Proposal]:
    """Proposals that replace at least one doubtful chromosome.

    ``doubtful`` has one entry per chromosome; ``overlap`` and ``border`` are (rows, columns) probabilities, ``width`` is the
    typical chromosome width in pixels. Nothing doubtful gives an empty list.
    """
    found: list[Proposal] = []
    for index, one in enumerate(chromosomes):
        if doubtful[index]:
            parts = possible_splits(one.region, overlap=overlap, border=border, affinities=affinities, width=width)
            found += [Proposal("split", (index,), pair) for pair in parts]
        if doubtful[index] and one.score < DROP_BELOW:
            found.append(Proposal("drop", (index,), ()))
    pairs = sorted(_neighbours(chromosomes))
    found += [Proposal("join", (i, j), (_joined(chromosomes[i], chromosomes[j]),)) for i, j in pairs if doubtful[i] or doubtful[j]]
    return found + [swap for swap in _swaps(chromosomes) if any(doubtful[index] for index in swap.replaces)]


def _neighbours(chromosomes: Sequence[Chromosome]) -> set[tuple[int, int]]:
    """Indices of chromosomes in contact, the smaller first."""
    meetings = ((index, other - 1) for index, one in enumerate(chromosomes) for met in one.separation.contacts for other in met.others)
    return {(min(pair), max(pair)) for pair in meetings}


def _joined(one: Chromosome, two: Chromosome) -> Region:
    """Both regions with the line between them."""
    both = union([one.region, two.region])
    closed = ndimage.binary_closing(np.pad(both.crop, 2), EIGHT)[2:-2, 2:-2]
    return Region(both.row, both.column, both.crop | closed)


def _swaps(chromosomes: Sequence[Chromosome]) -> Iterator[Proposal]:
    """The second-best hypotheses, each once."""
    seen = set()
    for one in chromosomes:
        other = one.separation.alternative
        key = other and (other.replaces, tuple(region.bbox for region in other.regions))
        if other is not None and key not in seen:
            seen.add(key)
            yield Proposal("swap", tuple(number - 1 for number in other.replaces), other.regions)
