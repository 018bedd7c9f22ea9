"""Clusters of crossing chromosomes cut from the M-FISH cells, in ChromSeg's form.

The recipe (ours, in place of ChromSeg's set, which few can get): every 8-connected group of foreground that holds an overlap region of
at least 15 px and at least two chromosomes, cut with a margin of 12 px. That is 219 clusters over all cells with truth; they fall into
train, val and test by slide, as the cells do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.chromosomes import Region, stack_masks
from karyokit.data.chromseg import ClusterPicture
from karyokit.data.cluster_canvas import on_canvas
from karyokit.data.mfish import OVERLAP, chromosomes_from_class_map, overlap_zones, read_class_map, split_names
from karyokit.data.sources import read_plane
from karyokit.staining import to_density

EIGHT = np.ones((3, 3), bool)
MARGIN = 12
GREY_PER_DENSITY = 100
"""Grey values below white of a typical chromosome (density 1): two on top of one another stay above black."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """A connected group of chromosomes of a cell: crops of its maps, and where they lie.

    ``foreground``, ``overlap`` (all pixels marked as overlap) and ``border`` are (rows, columns) bool, ``truth`` (n, rows, columns) bool
    the whole chromosomes; ``window`` cuts the crop out of the cell, ``number`` is the group's in the cell.
    """

    cell: str
    number: int
    foreground: np.ndarray
    overlap: np.ndarray
    border: np.ndarray
    truth: np.ndarray
    window: tuple[slice, slice]


def true_border(masks: np.ndarray) -> np.ndarray:
    """Pixels of a chromosome next to a pixel of another one, outside the pixels they share; masks (n, rows, columns) bool, n >= 1.

    >>> true_border(np.array([[[1, 1, 0, 0]], [[0, 0, 1, 1]]], bool)).astype(int)
    array([[0, 1, 1, 0]])
    """
    cover = masks.sum(axis=0)
    owner = np.where(cover == 1, masks.argmax(axis=0) + 1, 0)
    high = ndimage.maximum_filter(owner, 3)
    low = ndimage.minimum_filter(np.where(owner > 0, owner, len(masks) + 1), 3)
    return (owner > 0) & (high != low)


def clusters_of(name: str, class_map: np.ndarray, *, every: bool = False) -> Iterator[Cluster]:
    """Clusters of a cell by the recipe, or every connected object of the cell; ``class_map`` as the set stores it."""
    truth = stack_masks((region for region, _ in chromosomes_from_class_map(class_map)), class_map.shape)
    if len(truth) == 0:
        return
    border = true_border(truth)
    labels, _ = ndimage.label(class_map > 0, EIGHT)
    windows = ndimage.find_objects(labels)
    for number in np.unique(labels[labels > 0] if every else labels[overlap_zones(class_map)]):
        rows, columns = windows[number - 1]
        view = (slice(max(rows.start - MARGIN, 0), rows.stop + MARGIN), slice(max(columns.start - MARGIN, 0), columns.stop + MARGIN))
        inside = labels[view] == number
        members = truth[(slice(None), *view)] & inside
        members = members[members.any(axis=(1, 2))]
        if len(members) > (0 if every else 1):
            yield Cluster(name, int(number), inside, (class_map[view] == OVERLAP) & inside, border[view] & inside, members, view)


def read_clusters(root: Path, splits: Sequence[str], *, every: bool = False) -> list[Cluster]:
    """Clusters of the cells of some splits; ``root`` is the folder that holds ``classes`` and ``splits.json``."""
    names = [name for split in splits for name in split_names(root, split)]
    maps = ((name, read_class_map(Path(root) / "classes" / f"{name}.png")) for name in names)
    return [cluster for name, class_map in maps for cluster in clusters_of(name, class_map, every=every)]


def mfish_clusters(root: Path, split: str) -> Iterator[ClusterPicture]:
    """The clusters of a split as ChromSeg's pictures, dark on white.

    The grey is 255 - 100 * density (``karyokit.staining.to_density`` of the cell). What lies nearer to another group of the cell is painted
    white. Overlap regions under 15 px mark touching borders and are plain foreground. Clusters over 256 px are made smaller.
    """
    for name in split_names(root, split):
        class_map = read_class_map(Path(root) / "classes" / f"{name}.png")
        yield from cell_pictures(name, read_plane(Path(root) / "dapi" / f"{name}.png"), class_map)


def cell_pictures(name: str, image: np.ndarray, class_map: np.ndarray) -> Iterator[ClusterPicture]:
    """The clusters of one cell from its grey picture and its class map; named CELL_NUMBER."""
    zones, territories = overlap_zones(class_map), _territories(class_map)
    white = np.rint(np.clip(255 - GREY_PER_DENSITY * to_density(image, "fluorescence"), 0, 255)).astype(np.uint8)
    for cluster in clusters_of(name, class_map):
        view = cluster.window
        own = territories[view] == cluster.number
        yield on_canvas(
            f"{name}_{cluster.number}",
            np.where(own, white[view], np.uint8(255)),
            overlap=zones[view] & cluster.foreground,
            regions=[Region.from_mask(mask) for mask in cluster.truth],
        )


def _territories(class_map: np.ndarray) -> np.ndarray:
    """(rows, columns) number of the connected group each pixel is nearest to."""
    labels, _ = ndimage.label(class_map > 0, EIGHT)
    if not labels.any():
        return labels
    rows, columns = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return labels[rows, columns]
