"""Which reconstructed objects are chromosomes, and which are debris or pieces of nuclei."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.reconstruction.neighbours import of_another_cell
from karyokit.reconstruction.reconstruct import Reconstructed

REASONS: dict[str, str] = {
    "speck": "specks",
    "faint debris": "faint debris",
    "clump": "clumps",
    "piece of a nucleus": "pieces of nuclei",
    "object cut by the edge": "objects cut by the edge",
    "object of another cell": "objects of another cell",
    "doubtful object": "doubtful objects",
    "no whole chromosome": "objects that are no whole chromosome",
}
"""Why an object is set aside, and the same for several."""


@dataclass(frozen=True)
class PlausibilityLimits:
    """What an object must reach to count as a chromosome.

    ``certainty``: mean foreground probability; ``contrast``: 1 - density just outside over density inside (pieces of a
    nucleus have their own kind around them); ``area`` and ``density``: share of the cell's typical object; ``darkest``:
    the same at the upper end, where the object is ``largest`` times the typical one, too (clumped nuclei); ``edge``: how
    much of the picture's edge, as a share of its own longer side, the object takes up (rims of nuclei do much,
    chromosomes that reach the edge little). Chosen on validation cells so that no true chromosome is lost.
    """

    certainty: float = 0.75
    contrast: float = 0.45
    area: float = 0.12
    density: float = 0.3
    darkest: float = 2.2
    largest: float = 2.5
    edge: float = 0.6
    rim: int = 5


@dataclass(frozen=True, eq=False)
class SetAside:
    """An object that was not taken for a chromosome, and why."""

    region: Region
    reason: str


def count_reasons(set_aside: Sequence[SetAside]) -> str:
    """The number of objects set aside and why, in words; empty for none.

    >>> here = Region(0, 0, np.ones((1, 1), bool))
    >>> count_reasons([SetAside(here, "speck"), SetAside(here, "clump"), SetAside(here, "speck")])
    '3 objects set aside: 2 specks, 1 clump'
    """
    if not set_aside:
        return ""
    counts = Counter(one.reason for one in set_aside)
    words = (f"{count} {reason if count == 1 else REASONS[reason]}" for reason, count in counts.most_common())
    return f"{len(set_aside)} {'object' if len(set_aside) == 1 else 'objects'} set aside: {', '.join(words)}"


def sort_out(
    found: Sequence[Reconstructed],
    density: np.ndarray,
    foreground: np.ndarray,
    *,
    width: float | None = None,
    limits: PlausibilityLimits | None = None,
) -> tuple[tuple[Reconstructed, ...], tuple[SetAside, ...]]:
    """Chromosomes, renumbered, and the objects set aside; together they are all of ``found``.

    ``density`` is (rows, columns) float32, background 0; ``foreground`` the (rows, columns) probability that the objects
    were made from; ``width`` the typical chromosome width in pixels, without which no neighbouring cell is looked for.
    Nothing found gives two empty tuples.
    """
    if not found:
        return (), ()
    reasons = _reasons(found, density, foreground, limits or PlausibilityLimits())
    kept = [index for index, reason in enumerate(reasons) if not reason]
    if width:
        for index in np.flatnonzero(of_another_cell([found[index].region for index in kept], width)):
            reasons[kept[index]] = "object of another cell"
        kept = [index for index in kept if not reasons[index]]
    numbers = {index + 1: place for place, index in enumerate(kept, start=1)}
    chromosomes = tuple(replace(found[index], separation=found[index].separation.renumbered(numbers)) for index in kept)
    return chromosomes, tuple(SetAside(one.region, reason) for one, reason in zip(found, reasons, strict=True) if reason)


def _reasons(found: Sequence[Reconstructed], density: np.ndarray, foreground: np.ndarray, limits: PlausibilityLimits) -> list[str]:
    """One reason per object, empty for a chromosome."""
    everything = np.zeros(density.shape, bool)
    for one in found:
        everything[one.region.window] |= one.region.crop
    everything = ndimage.binary_dilation(everything, iterations=2)
    means = np.array([density[one.region.window][one.region.crop].mean() for one in found])
    areas = np.array([one.region.area for one in found], float)
    typical_density, typical_area = _typical(means, areas), _typical(areas, areas)
    reasons = []
    for one, mean, area in zip(found, means, areas, strict=True):
        certainty = float(foreground[one.region.window][one.region.crop].mean())
        outside = _density_around(one.region, density, everything, limits.rim)
        checks = {
            "speck": area < limits.area * typical_area,
            "faint debris": mean < limits.density * typical_density,
            "clump": mean > limits.darkest * typical_density and area > limits.largest * typical_area,
            "piece of a nucleus": outside > (1 - limits.contrast) * mean,
            "object cut by the edge": _share_at_edge(one.region, density.shape) > limits.edge,
            "doubtful object": certainty < limits.certainty,
        }
        reasons.append(next((reason for reason, fails in checks.items() if fails), ""))
    return reasons


def _typical(values: np.ndarray, areas: np.ndarray) -> float:
    """Median of the objects' ``values``, weighted by the root of their area: neither much dust nor a few nuclei decide it."""
    order = np.argsort(values)
    weights = np.cumsum(np.sqrt(areas[order]))
    return float(values[order][np.searchsorted(weights, weights[-1] / 2)])


def _density_around(region: Region, density: np.ndarray, objects: np.ndarray, rim: int) -> float:
    """Mean density of the free rim around an object, 0 where other objects leave none."""
    top, left = max(region.row - rim, 0), max(region.column - rim, 0)
    window = slice(top, region.row + region.crop.shape[0] + rim), slice(left, region.column + region.crop.shape[1] + rim)
    own = np.zeros(density[window].shape, bool)
    row, column = region.row - top, region.column - left
    own[row : row + region.crop.shape[0], column : column + region.crop.shape[1]] = region.crop
    free = ndimage.binary_dilation(own, iterations=rim) & ~objects[window]
    return float(density[window][free].mean()) if free.any() else 0.0


def _share_at_edge(region: Region, shape: tuple[int, ...]) -> float:
    """Longest stretch of the picture's outermost row or column that the region takes up, over its longer side."""
    rows, columns = region.crop.shape
    sides = (
        region.crop[0] if region.row == 0 else None,
        region.crop[-1] if region.row + rows == shape[0] else None,
        region.crop[:, 0] if region.column == 0 else None,
        region.crop[:, -1] if region.column + columns == shape[1] else None,
    )
    return max((float(side.sum()) for side in sides if side is not None), default=0.0) / max(rows, columns, 1)
