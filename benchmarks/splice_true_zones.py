"""How well chromosomes are rebuilt when the overlap zones are the true ones.

For each cluster of crossing chromosomes of the M-FISH set, the foreground, the true overlap zones and, if asked, the true
borders between touching chromosomes are handed to ``karyokit.reconstruction``. A cluster counts as well spliced when the
number of chromosomes is right and every one is matched at IoU >= 0.75 (spec 8.5). The test cells are never read.

    python benchmarks/splice_true_zones.py ../shared/data --split train val
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from karyokit.data.mfish import OVERLAP, chromosomes_from_class_map, overlap_zones, split_names
from karyokit.reconstruction import ReconstructionOptions, reconstruct

EIGHT = np.ones((3, 3), bool)
MARGIN = 12


@dataclass(frozen=True, eq=False)
class Cluster:
    """A connected group of chromosomes: crops of the maps, the true masks, and the cell it comes from."""

    cell: str
    number: int
    foreground: np.ndarray
    overlap: np.ndarray
    border: np.ndarray
    truth: np.ndarray


def true_border(masks: np.ndarray) -> np.ndarray:
    """Pixels of a chromosome next to a pixel of another one, outside the pixels they share."""
    cover = masks.sum(axis=0)
    owner = np.where(cover == 1, masks.argmax(axis=0) + 1, 0)
    high = ndimage.maximum_filter(owner, 3)
    low = ndimage.minimum_filter(np.where(owner > 0, owner, len(masks) + 1), 3)
    return (owner > 0) & (high != low)


def clusters_of(name: str, class_map: np.ndarray, *, every: bool = False) -> Iterator[Cluster]:
    """Clusters of a cell that hold a crossing and at least two chromosomes, or every connected object of the cell."""
    truth = np.stack([region.to_mask(class_map.shape) for region, _ in chromosomes_from_class_map(class_map)])
    border = true_border(truth)
    labels, _ = ndimage.label(class_map > 0, EIGHT)
    crossing = overlap_zones(class_map)
    for number in np.unique(labels[labels > 0] if every else labels[crossing]):
        rows, columns = ndimage.find_objects((labels == number).astype(np.int8))[0]
        view = (slice(max(rows.start - MARGIN, 0), rows.stop + MARGIN), slice(max(columns.start - MARGIN, 0), columns.stop + MARGIN))
        inside = labels[view] == number
        members = truth[(slice(None), *view)] & inside
        members = members[members.any(axis=(1, 2))]
        if len(members) > (0 if every else 1):
            yield Cluster(name, int(number), inside, (class_map[view] == OVERLAP) & inside, border[view] & inside, members)


def matched_ious(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """IoU of each truth in the one-to-one matching with the largest sum; 0 where it has no partner."""
    ious = np.zeros((len(truth), max(len(found), 1)))
    for i, one in enumerate(truth):
        for j, two in enumerate(found):
            ious[i, j] = np.count_nonzero(one & two) / np.count_nonzero(one | two)
    best = np.zeros(len(truth))
    rows, columns = linear_sum_assignment(-ious)
    best[rows] = ious[rows, columns]
    return best


def well_spliced(cluster: Cluster, *, mode: str, borders: bool, options: ReconstructionOptions | None = None) -> tuple[bool, int]:
    """Whether a cluster is rebuilt right, and how many chromosomes were found."""
    border = cluster.border if borders else None
    parts = reconstruct(cluster.foreground, cluster.overlap, border=border, mode=mode, options=options)
    found = np.array([part.region.to_mask(cluster.foreground.shape) for part in parts])
    right = len(found) == len(cluster.truth) and bool((matched_ious(cluster.truth, found) >= 0.75).all())
    return right, len(found)


def read_clusters(root: Path, splits: list[str], *, every: bool = False) -> list[Cluster]:
    """All clusters, or every connected object, of the cells of the splits."""
    names = [name for split in splits for name in split_names(root / "mfish", split)]
    maps = ((name, iio.imread(root / "mfish" / "classes" / f"{name}.png")) for name in names)
    return [cluster for name, class_map in maps for cluster in clusters_of(name, class_map, every=every)]


def report(clusters: list[Cluster], mode: str, borders: bool) -> str:
    """One line: share well spliced in all, and among clusters of two, three, four and more."""
    tally: defaultdict[str, list[bool]] = defaultdict(list)
    start = time.perf_counter()
    for cluster in clusters:
        right, _ = well_spliced(cluster, mode=mode, borders=borders)
        size = len(cluster.truth)
        tally["all"].append(right)
        tally[str(size) if size < 5 else "5+"].append(right)
    seconds = time.perf_counter() - start
    shares = "  ".join(f"{key}: {np.mean(tally[key]):.3f} ({len(tally[key])})" for key in ("all", "2", "3", "4", "5+") if tally[key])
    return f"{mode:7s} borders {'true' if borders else 'none'}  {shares}  {seconds:.1f} s"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", nargs="+", default=["train", "val"], choices=["train", "val"])
    parser.add_argument("--mode", nargs="+", default=["legacy", "graph"])
    chosen = parser.parse_args()
    clusters = read_clusters(chosen.data, chosen.split)
    for mode in chosen.mode:
        for borders in (False, True):
            print(report(clusters, mode, borders))


if __name__ == "__main__":
    main()
