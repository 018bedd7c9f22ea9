"""Pairs and clusters of a requested arrangement, composed from single chromosomes, with exact truth.

Chromosomes are joined one at a time to one already lying there; a join counts only if the masks show what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from karyokit.checks import lookup, problem
from karyokit.data.generators.cells import render
from karyokit.data.generators.placing import Placed, cross_corner, shared_pixels, slide_corner, tangent_at
from karyokit.data.generators.records import CellOptions, ComposedCell, Single, require_singles
from karyokit.data.generators.warping import Frame, HalfBend, Pose, Posed, bent_axis, draw_pose, fit_half, frame_of, pose_single

MOST_IN_CLUSTER = 6
MARGIN = 12
CLEARANCE = 2
LEAST_PART = 0.05
JOIN_TRIES = 60
CLUSTER_TRIES = 25

Parts = tuple[int, int, int]
"""Overlap zones of two masks, parts of the first without them, parts of the second without them."""


@dataclass(frozen=True)
class Join:
    """How a chromosome meets its partner.

    ``own`` and ``other`` are ranges of the share of the axis at which the axes meet, from either tip (0.5 = middle), ``degrees`` the
    range of the meeting angle, ``inward`` how far, in widths of the partner, its tip may reach beyond the meeting point,
    ``parts`` what the masks must show (joining chromosome second), ``strong`` whether both halves are bent strongly.
    """

    own: tuple[float, float]
    other: tuple[float, float]
    degrees: tuple[float, float]
    parts: Parts
    inward: tuple[float, float] = (0.0, 0.0)
    strong: bool = False


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A chromosome to be joined: its record, its number in the input and its long axis."""

    single: Single
    number: int
    frame: Frame

    def posed(self, pose: Pose) -> Posed:
        return pose_single(self.single, pose, number=self.number, frame=self.frame)


JOINS: dict[str, Join | None] = {
    "X": Join((0.15, 0.5), (0.12, 0.5), (40, 90), (1, 2, 2)),
    "T": Join((0.0, 0.0), (0.2, 0.5), (65, 90), (1, 2, 1), (0.2, 1.4)),
    "Y": Join((0.0, 0.0), (0.2, 0.5), (25, 60), (1, 2, 1), (0.2, 2.2)),
    "L": Join((0.02, 0.1), (0.02, 0.1), (55, 90), (1, 1, 1)),
    "bent": Join((0.15, 0.5), (0.12, 0.5), (40, 90), (1, 2, 2), strong=True),
    "touching": None,
}
KINDS: tuple[str, ...] = ("X", "T", "L", "Y", "star", "touching", "touching+crossing", "bent")


def compose_pair(
    first: Single, second: Single, *, kind: str = "X", rng: np.random.Generator, options: CellOptions | None = None
) -> ComposedCell:
    """Two chromosomes in arrangement ``kind``; see ``compose_cluster``."""
    return compose_cluster([first, second], kind=kind, rng=rng, options=options)


def compose_cluster(singles: Sequence[Single], *, kind: str, rng: np.random.Generator, options: CellOptions | None = None) -> ComposedCell:
    """Two to six chromosomes in one of ``KINDS``; each further chromosome joins one that lies there already.

    What the truth shows, with 8-connected parts of 5 % or more of their chromosome: ``X``, ``bent`` (strongly curved) one zone
    per join, it cuts both in two; ``T`` (65 to 90 degrees), ``Y`` (25 to 60) the tip of one lies over the other and cuts it
    in two; ``L`` two ends lie over each other; ``touching`` no shared pixel, masks are 8-neighbours; ``touching+crossing``
    (three or more) at least one of each; ``star`` (three or more) one zone with pixels of all. Chromosomes not joined
    stay two pixels apart.

    The picture is the cluster's box with a margin of 12 pixels; ``options.shape``, ``crowding`` and ``spread`` have no effect.
    Without options: fluorescence, no nuclei, no debris. Raises ``ValueError`` where the chromosomes do not allow the
    arrangement (too short or too wide).
    """
    lookup({name: name for name in KINDS}, kind, "kind")
    require_singles(singles, 3 if kind in ("star", "touching+crossing") else 2, MOST_IN_CLUSTER)
    options = CellOptions(nuclei=(0, 0), debris=(0, 0)) if options is None else options
    for _ in range(CLUSTER_TRIES):
        placed = _star(singles, options=options, rng=rng) if kind == "star" else _chain(singles, kind, options=options, rng=rng)
        if placed is not None:
            placed, shape = _on_canvas(placed)
            categories = [single.category for single in singles]
            return render(placed, categories, options=replace(options, shape=shape), rng=rng, arrangement=kind)
    raise ValueError(problem("singles", f"allow the arrangement {kind!r}", f"{len(singles)} that do not", "Pass longer chromosomes."))


def parts_of(first: Placed, second: Placed, *, least: float = LEAST_PART) -> Parts | None:
    """Overlap zones of two placed chromosomes and the parts of each outside them (8-connected).

    Nothing where a part is smaller than the share ``least`` of its chromosome, for what is left there is a splinter and no arm.
    """
    low = np.minimum((first.row, first.column), (second.row, second.column))
    ends = [np.array((each.row, each.column)) + each.posed.mask.shape for each in (first, second)]
    masks = np.zeros((2, *(np.maximum(*ends) - low)), bool)
    for mask, each in zip(masks, (first, second), strict=True):
        rows, columns = each.row - low[0], each.column - low[1]
        mask[rows : rows + each.posed.mask.shape[0], columns : columns + each.posed.mask.shape[1]] = each.posed.mask
    zone = masks[0] & masks[1]
    sizes = [_sizes(mask & ~zone) for mask in masks]
    if any((each < least * np.count_nonzero(mask)).any() for each, mask in zip(sizes, masks, strict=True)):
        return None
    return _sizes(zone).size, sizes[0].size, sizes[1].size


def _sizes(mask: np.ndarray) -> np.ndarray:
    """Pixels of each 8-connected part."""
    labels, _ = ndimage.label(mask, np.ones((3, 3), bool))
    return np.bincount(labels.ravel())[1:]


def _chain(singles: Sequence[Single], kind: str, *, options: CellOptions, rng: np.random.Generator) -> list[Placed] | None:
    """Join the chromosomes one after another in random order; nothing where one finds no place."""
    scale = rng.uniform(*options.scale)
    order = [_Candidate(singles[number], int(number), frame_of(singles[number].mask)) for number in rng.permutation(len(singles))]
    first = _draw_bends(order[0].frame, scale, options=options, strong=kind == "bent", rng=rng)
    placed = [Placed(_dimmed(order[0].posed(first), options, rng), 0, 0)]
    for candidate, name in zip(order[1:], _join_names(kind, len(singles) - 1, rng), strict=True):
        joined = _joined(candidate, placed, join=JOINS[name], scale=scale, options=options, rng=rng)
        if joined is None:
            return None
        placed.append(joined)
    return placed


def _join_names(kind: str, count: int, rng: np.random.Generator) -> list[str]:
    if kind != "touching+crossing":
        return [kind] * count
    names = ["X", "touching", *(str(rng.choice(["X", "touching"])) for _ in range(count - 2))]
    return [names[index] for index in rng.permutation(count)]


def _joined(
    candidate: _Candidate, placed: Sequence[Placed], *, join: Join | None, scale: float, options: CellOptions, rng: np.random.Generator
) -> Placed | None:
    """The chromosome joined to a random one of ``placed``, clear of the others."""
    for _ in range(JOIN_TRIES):
        pose = _draw_bends(candidate.frame, scale, options=options, strong=join is not None and join.strong, rng=rng)
        partner = _draw_partner(placed, rng)
        found = _touch(candidate.posed(pose), partner, rng) if join is None else _meet(candidate, partner, pose=pose, join=join, rng=rng)
        if found is not None and _clear(found, [each for each in placed if each is not partner]):
            return replace(found, posed=_dimmed(found.posed, options, rng))
    return None


def _draw_partner(placed: Sequence[Placed], rng: np.random.Generator) -> Placed:
    """One of the chromosomes, long ones more often as they have room for more joins."""
    areas = np.array([np.count_nonzero(each.posed.mask) for each in placed], float)
    return placed[int(rng.choice(len(placed), p=areas / areas.sum()))]


def _draw_bends(frame: Frame, scale: float, *, options: CellOptions, strong: bool, rng: np.random.Generator) -> Pose:
    pose = draw_pose(frame, rng=rng, scale=scale, bend=options.bend)
    if not strong:
        return pose
    half, sign = frame.length * scale / 2, float(rng.choice([-1.0, 1.0]))
    upper, lower = (_strong_half(half, sign, width=frame.width * scale, rng=rng) for _ in range(2))
    return replace(pose, upper=upper, lower=lower)


def _strong_half(half: float, sign: float, *, width: float, rng: np.random.Generator) -> HalfBend:
    """A half turned by 35 to 75 degrees, so that both together turn by 70 to 150."""
    return fit_half(sign * np.deg2rad(rng.uniform(35, 75)), start=0.0, length=half * rng.uniform(0.6, 1.0), least_radius=0.8 * width)


def _dimmed(posed: Posed, options: CellOptions, rng: np.random.Generator) -> Posed:
    return replace(posed, density=posed.density * np.float32(max(rng.normal(1.0, options.brightness_jitter), 0.3)))


def _meet(candidate: _Candidate, partner: Placed, *, pose: Pose, join: Join, rng: np.random.Generator) -> Placed | None:
    """Turn and place the chromosome so that the axes meet as asked; nothing where the masks do not show it."""
    own, other = (_share(rng.uniform(*pair), rng) for pair in (join.own, join.other))
    towards = tangent_at(partner.axis, round(other * (len(partner.axis) - 1)))
    axis = bent_axis(candidate.frame, replace(pose, angle=0.0))
    bare = tangent_at(axis, round(own * (len(axis) - 1)))
    wanted = towards + rng.choice([-1, 1]) * np.deg2rad(rng.uniform(*join.degrees)) + rng.choice([0.0, np.pi])
    posed = candidate.posed(replace(pose, angle=float(wanted - bare)))
    width = frame_of(partner.posed.mask).width * (1 if own > 0.5 else -1)
    for reach in np.arange(join.inward[0], join.inward[1] + 1e-6, 0.5 / abs(width)):
        row, column, _ = cross_corner(posed, partner, own=own, other=other, offset=reach * width)
        found = Placed(posed, row, column)
        if parts_of(partner, found) == join.parts:
            return found
    return None


def _share(share: float, rng: np.random.Generator) -> float:
    return share if rng.integers(2) else 1.0 - share


def _touch(posed: Posed, partner: Placed, rng: np.random.Generator) -> Placed | None:
    target = partner.axis[int(rng.integers(len(partner.axis)))]
    corner = slide_corner(posed, partner, target=target, angle=rng.uniform(0, 2 * np.pi))
    if corner is None or not _grown_shares(Placed(posed, *corner), partner, 1):
        return None
    return Placed(posed, *corner)


def _grown_shares(placed: Placed, other: Placed, reach: int) -> bool:
    grown = ndimage.binary_dilation(np.pad(placed.posed.mask, reach), np.ones((2 * reach + 1, 2 * reach + 1), bool))
    return shared_pixels(replace(placed.posed, mask=grown), placed.row - reach, placed.column - reach, other) > 0


def _clear(placed: Placed, others: Sequence[Placed]) -> bool:
    return not any(_grown_shares(placed, other, CLEARANCE) for other in others)


def _star(singles: Sequence[Single], *, options: CellOptions, rng: np.random.Generator) -> list[Placed] | None:
    """All chromosomes with their middles near one point, turned by equal steps with a little play."""
    scale, start, step = rng.uniform(*options.scale), rng.uniform(0, np.pi), np.pi / len(singles)
    placed = []
    for number, turn in enumerate(rng.permutation(len(singles))):
        frame = frame_of(singles[number].mask)
        angle = start + step * (turn + rng.uniform(-0.2, 0.2))
        pose = draw_pose(frame, rng=rng, scale=scale, bend=options.bend / 2, angle=float(angle))
        posed = _dimmed(pose_single(singles[number], pose, number=number, frame=frame), options, rng)
        middle = posed.axis[round(rng.uniform(0.4, 0.6) * (len(posed.axis) - 1))]
        row, column = np.rint(-middle).astype(int)
        placed.append(Placed(posed, int(row), int(column)))
    return placed if _one_common_zone(placed) else None


def _one_common_zone(placed: Sequence[Placed]) -> bool:
    moved, shape = _on_canvas(placed)
    count = np.zeros(shape, np.uint8)
    for each in moved:
        count[each.window] += each.posed.mask
    return int(count.max()) == len(placed) and _sizes(count >= 2).size == 1


def _on_canvas(placed: Sequence[Placed]) -> tuple[list[Placed], tuple[int, int]]:
    """The chromosomes moved into the smallest picture that holds them with the margin, and its shape."""
    low = np.min([(each.row, each.column) for each in placed], axis=0) - MARGIN
    high = np.max([np.array((each.row, each.column)) + each.posed.mask.shape for each in placed], axis=0) + MARGIN
    moved = [replace(each, row=int(each.row - low[0]), column=int(each.column - low[1])) for each in placed]
    return moved, (int(high[0] - low[0]), int(high[1] - low[1]))
