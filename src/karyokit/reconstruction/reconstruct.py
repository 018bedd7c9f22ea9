"""From maps of a metaphase to whole chromosomes whose regions may overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from karyokit.checks import lookup, problem, require_plane, require_same_shape
from karyokit.chromosomes import Alternative, Contact, ContactKind, Region, Separation
from karyokit.reconstruction.affinities import Affinities
from karyokit.reconstruction.arms import Pieces, Window, cut_into_pieces
from karyokit.reconstruction.graph import assign_ports
from karyokit.reconstruction.grouping import Group, Grouping, Rival
from karyokit.reconstruction.legacy import cut_for_rays, partition_crossings
from karyokit.reconstruction.options import ReconstructionOptions
from karyokit.regions import moved

Windows = tuple[list[Window], list[Window]]
"""Where each arm and each zone lies."""


@dataclass(frozen=True)
class Mode:
    """How the maps are cut into pieces, how these are grouped, and whether affinities are heeded."""

    cut: Callable[..., Pieces]
    group: Callable[[Pieces, ReconstructionOptions], Grouping]
    heeds_affinities: bool


MODES: dict[str, Mode] = {
    "graph": Mode(cut_into_pieces, assign_ports, heeds_affinities=True),
    "legacy": Mode(cut_for_rays, partition_crossings, heeds_affinities=False),
}


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """One whole chromosome: its region, and how it was taken apart from its neighbours."""

    region: Region
    separation: Separation


def reconstruct(
    foreground: np.ndarray,
    overlap: np.ndarray,
    *,
    border: np.ndarray | None = None,
    image: np.ndarray | None = None,
    affinities: Affinities | None = None,
    mode: str = "graph",
    options: ReconstructionOptions | None = None,
) -> tuple[Reconstructed, ...]:
    """Whole chromosomes from the maps of a metaphase picture.

    ``foreground``, ``overlap`` and ``border`` are (rows, columns) bool, or float probabilities in 0..1: the chromosomes
    with their overlaps, the zones where chromosomes cross, and the line between chromosomes that touch. ``image`` is the
    grey picture; both modes decide from shapes alone, so that only its size is checked. ``affinities`` maps (down, right)
    steps in pixels to (rows, columns) log odds that a pixel and the one a step away lie on one chromosome; ``legacy`` does
    not heed them. ``mode`` is ``"graph"`` or ``"legacy"``.

    The union of the regions is the foreground without specks; regions overlap only in overlap zones. Chromosomes come in
    reading order of their first pixel; a contact names its neighbours by their 1-based position in the result, and the
    overlap zone by its number, 0 for touching outside a zone. An empty foreground gives ``()``.

    Raises ``ValueError`` for maps of different shapes or outside 0..1 and for unknown modes, ``TypeError`` for maps that
    are neither bool nor float. Source: spec section 10.

    >>> cross = np.zeros((40, 40), bool)
    >>> cross[17:24, 4:36] = cross[4:36, 17:24] = True
    >>> zone = np.zeros((40, 40), bool)
    >>> zone[17:24, 17:24] = True
    >>> [(found.region.bbox, found.separation.parts) for found in reconstruct(cross, zone)]
    [((17, 4, 7, 32), 2), ((4, 17, 32, 7), 2)]
    """
    options = options or ReconstructionOptions()
    way = lookup(MODES, mode, "mode")
    affinities = affinities if way.heeds_affinities else None
    maps = {"foreground": foreground, "overlap": overlap}
    maps |= {} if border is None else {"border": border}
    levels = {"border": options.doubtful_border} if affinities else {}
    binary = {name: _binary(name, np.asarray(plane), levels.get(name, options.threshold)) for name, plane in maps.items()}
    require_same_shape(binary if image is None else {**binary, "image": image})
    whole = Region.from_mask(binary["foreground"] | binary["overlap"])
    if whole.area == 0:
        return ()
    line = None if border is None else binary["border"][whole.window]
    heeded = {"affinities": {step: plane[whole.window] for step, plane in affinities.items()}} if affinities else {}
    pieces = way.cut(whole.crop, binary["overlap"][whole.window], border=line, options=options, **heeded)
    found = _assembled(pieces, way.group(pieces, options))
    return tuple(_replaced(one, whole.row, whole.column) for one in found)


def _binary(name: str, plane: np.ndarray, threshold: float) -> np.ndarray:
    """(rows, columns) bool from a mask or a probability map."""
    require_plane(name, plane)
    if plane.dtype == bool:
        return plane
    if plane.dtype.kind != "f":
        raise TypeError(problem(name, "be bool or float", f"dtype {plane.dtype}", "Pass `mask > 0` or probabilities in 0..1."))
    if plane.min() < 0 or plane.max() > 1:
        raise ValueError(problem(name, "lie in 0..1", f"{plane.min()}..{plane.max()}", "Pass probabilities, not logits or grey values."))
    return plane > threshold


def _assembled(pieces: Pieces, grouping: Grouping) -> tuple[Reconstructed, ...]:
    """Regions and separation records of the groups, in reading order."""
    windows = ndimage.find_objects(pieces.arms), ndimage.find_objects(pieces.zones)
    regions = {group.arms: _region(pieces, group, windows) for group in grouping}

    def place(group: Group) -> tuple[int, int]:
        region = regions[group.arms]
        return region.row, region.column + int(region.crop[0].argmax())

    grouping = tuple(sorted(grouping, key=place))
    numbers = {group.arms: number for number, group in enumerate(grouping, start=1)}
    separations = [_separation(group, contacts) for group, contacts in zip(grouping, _contacts(pieces, grouping), strict=True)]
    return tuple(
        Reconstructed(regions[group.arms], replace(separation, alternative=_alternative(pieces, group.rival, numbers, windows)))
        for group, separation in zip(grouping, separations, strict=True)
    )


def _alternative(pieces: Pieces, rival: Rival | None, numbers: dict[tuple[int, ...], int], windows: Windows) -> Alternative | None:
    """The record of a second-best decision; ``numbers`` by the arms of each group."""
    if rival is None:
        return None
    regions = tuple(_region(pieces, group, windows) for group in rival.groups)
    return Alternative(tuple(numbers[arms] for arms in rival.replaces), regions, rival.margin)


def _region(pieces: Pieces, group: Group, windows: Windows) -> Region:
    """A chromosome's arms and the whole of every zone that it meets: the pixels of a zone belong to all that meet there.

    The class maps of the M-FISH set say the same of zones of three and more, where ribbons between the arms would be narrower.
    """
    parts = [(windows[0][arm - 1], pieces.arms, arm) for arm in group.arms] + [(windows[1][z - 1], pieces.zones, z) for z in group.zones]
    top, left = min(window[0].start for window, _, _ in parts), min(window[1].start for window, _, _ in parts)
    bottom, right = max(window[0].stop for window, _, _ in parts), max(window[1].stop for window, _, _ in parts)
    canvas = np.zeros((bottom - top, right - left), bool)
    for (rows, columns), labels, number in parts:
        canvas[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] |= labels[rows, columns] == number
    return moved(Region.from_mask(canvas), top, left)


def _replaced(one: Reconstructed, rows: int, columns: int) -> Reconstructed:
    """A chromosome moved down and right, with its alternative."""
    other = one.separation.alternative
    other = other and replace(other, regions=tuple(moved(region, rows, columns) for region in other.regions))
    return Reconstructed(moved(one.region, rows, columns), replace(one.separation, alternative=other))


def _separation(group: Group, contacts: tuple[Contact, ...]) -> Separation:
    """The record of one group; without contacts a chromosome is isolated."""
    if any(contact.kind == "crossing" for contact in contacts) or len(group.arms) > 1:
        method = group.method
    else:
        method = "touching" if contacts else "isolated"
    return Separation(method, len(group.arms), group.margin, contacts)


def _contacts(pieces: Pieces, grouping: Grouping) -> list[tuple[Contact, ...]]:
    """Contacts of each group: overlap zones it shares, then neighbours it touches outside zones (zone 0)."""
    visitors: defaultdict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(grouping, start=1):
        for zone in group.zones:
            visitors[zone].append(number)
    found: list[list[Contact]] = [[] for _ in grouping]
    for zone, numbers in sorted(visitors.items()):
        kind: ContactKind = "touching" if zone in pieces.faint else "crossing"
        if len(numbers) > 1:
            for number in numbers:
                found[number - 1].append(Contact(zone, tuple(other for other in numbers if other != number), kind))
    for number, others in _neighbours(pieces, grouping).items():
        met = {other for contact in found[number - 1] for other in contact.others}
        if others - met:
            found[number - 1].append(Contact(0, tuple(sorted(others - met)), "touching"))
    return [tuple(contacts) for contacts in found]


def _neighbours(pieces: Pieces, grouping: Grouping) -> dict[int, set[int]]:
    """For each group the groups whose arms lie next to its own (8 neighbours)."""
    table = np.zeros(pieces.arm_count + 1, np.int32)
    for number, group in enumerate(grouping, start=1):
        table[list(group.arms)] = number
    owner = table[pieces.arms]
    found: defaultdict[int, set[int]] = defaultdict(set)
    pairs = ((owner[:-1], owner[1:]), (owner[:, :-1], owner[:, 1:]), (owner[:-1, :-1], owner[1:, 1:]), (owner[:-1, 1:], owner[1:, :-1]))
    for one, two in pairs:
        differ = (one != two) & (one > 0) & (two > 0)
        for a, b in np.unique(np.stack([one[differ], two[differ]], axis=1), axis=0).tolist():
            found[a].add(b)
            found[b].add(a)
    return found
