"""Whole cells composed from single chromosomes, with exact truth as overlapping masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from karyokit.chromosomes import Region
from karyokit.data.generators.optics import photograph, stack_densities
from karyokit.data.generators.placing import Field, Placed, Plate, draw_cluster_sizes, place_contact, place_free
from karyokit.data.generators.records import CellOptions, ComposedCell, Single, require_singles
from karyokit.data.generators.surroundings import add_surroundings
from karyokit.data.generators.warping import Posed, draw_pose, frame_of, pose_single

MOST_SINGLES = 255


def compose_cell(singles: Sequence[Single], *, rng: np.random.Generator, options: CellOptions | None = None) -> ComposedCell:
    """Place all ``singles`` (about 46) on a metaphase plate and photograph them.

    Each chromosome is bent, turned, mirrored and scaled at random. Chromosomes of a cluster touch or cross, all others
    keep ``options.gap`` pixels apart where the picture has room. ``masks`` and ``categories`` follow the order of
    ``singles``; no mask is cut off by the picture's edge. The same generator state gives the same bytes. ``singles``
    must match ``options.stain`` (see ``Single``). Raises ``ValueError`` for no or over 255 singles and for a picture
    that cannot hold a chromosome.
    """
    require_singles(singles, 1, MOST_SINGLES)
    options = CellOptions() if options is None else options
    scale = rng.uniform(*options.scale)
    posed = [_posed(single, number, scale, options, rng) for number, single in enumerate(singles)]
    placed = lay_out(posed, options=options, rng=rng)
    return render(placed, [single.category for single in singles], options=options, rng=rng)


def _posed(single: Single, number: int, scale: float, options: CellOptions, rng: np.random.Generator) -> Posed:
    frame = frame_of(single.mask)
    pose = draw_pose(frame, rng=rng, scale=scale * rng.normal(1.0, 0.02), bend=options.bend)
    posed = pose_single(single, pose, number=number, frame=frame)
    gain = np.float32(max(rng.normal(1.0, options.brightness_jitter), 0.3))
    return replace(posed, density=posed.density * gain)


def lay_out(posed: Sequence[Posed], *, options: CellOptions, rng: np.random.Generator) -> list[Placed]:
    """Places for all posed chromosomes: clusters first, then the free ones from large to small; order of laying down."""
    field = Field(options.shape, options.gap)
    plate = _draw_plate(options, rng)
    order = [posed[number] for number in rng.permutation(len(posed))]
    for size in draw_cluster_sizes(len(posed), options.crowding, rng=rng):
        members, order = order[:size], order[size:]
        _place_cluster(field, members, plate, options, rng)
    for each in sorted(order, key=lambda one: -one.mask.size):
        place_free(field, each, plate, cluster=_next_cluster(field), rng=rng)
    return field.placed


def _draw_plate(options: CellOptions, rng: np.random.Generator) -> Plate:
    rows, columns = options.shape
    low, high = options.spread
    radii = rng.uniform(low, high) * rows / 2, rng.uniform(low, high) * columns / 2
    free = max(rows / 2 - radii[0], 0.0), max(columns / 2 - radii[1], 0.0)
    return Plate((rows / 2 + rng.uniform(-1, 1) * free[0], columns / 2 + rng.uniform(-1, 1) * free[1]), radii)


def _next_cluster(field: Field) -> int:
    return max(field.clusters, default=0) + 1


def _place_cluster(field: Field, members: Sequence[Posed], plate: Plate, options: CellOptions, rng: np.random.Generator) -> None:
    """Lay down a cluster; a member that finds no place in contact goes to a free one."""
    cluster = _next_cluster(field)
    inside = [place_free(field, members[0], plate, cluster=cluster, rng=rng)]
    for member in members[1:]:
        crossing = bool(rng.uniform() < options.crossing)
        placed = place_contact(field, member, inside, cluster=cluster, crossing=crossing, rng=rng)
        if placed is None:
            place_free(field, member, plate, cluster=_next_cluster(field), rng=rng)
        else:
            inside.append(placed)


def render(
    placed: Sequence[Placed], categories: Sequence[int], *, options: CellOptions, rng: np.random.Generator, arrangement: str = "cell"
) -> ComposedCell:
    """Photograph placed chromosomes with their surroundings; truth in the order of the chromosomes' numbers."""
    density = stack_densities(placed, options.shape, opaque=options.opaque)
    surrounded = add_surroundings(density, options=options, rng=rng)
    image = photograph(surrounded, stain=options.stain, camera=options.camera, rng=rng)
    ordered = sorted(placed, key=lambda each: each.posed.number)
    masks = tuple(_region(each) for each in ordered)
    count = np.zeros(options.shape, np.uint8)
    for region in masks:
        count[region.window] += region.crop
    return ComposedCell(image, masks, np.asarray(categories, np.int64), count >= 2, options.stain, arrangement)


def _region(placed: Placed) -> Region:
    tight = Region.from_mask(placed.posed.mask)
    return Region(placed.row + tight.row, placed.column + tight.column, tight.crop)
