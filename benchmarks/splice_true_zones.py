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
from pathlib import Path

import numpy as np

from karyokit.chromosomes import stack_masks
from karyokit.data.cluster_crops import Cluster, clusters_of, read_clusters
from karyokit.metrics import clusters as scores
from karyokit.reconstruction import ReconstructionOptions, reconstruct

__all__ = ["Cluster", "clusters_of", "read_clusters", "well_spliced"]


def well_spliced(cluster: Cluster, *, mode: str, borders: bool, options: ReconstructionOptions | None = None) -> tuple[bool, int]:
    """Whether a cluster is rebuilt right, and how many chromosomes were found."""
    border = cluster.border if borders else None
    parts = reconstruct(cluster.foreground, cluster.overlap, border=border, mode=mode, options=options)
    found = stack_masks((part.region for part in parts), cluster.foreground.shape)
    return scores.well_spliced(cluster.truth, found), len(found)


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
    clusters = read_clusters(chosen.data / "mfish", chosen.split)
    for mode in chosen.mode:
        for borders in (False, True):
            print(report(clusters, mode, borders))


if __name__ == "__main__":
    main()
