"""How well chromosomes are rebuilt when the overlap zones are the true ones.

For each cluster of crossing chromosomes of the M-FISH set, the foreground and the true overlap zones are handed over, with
the borders between touching chromosomes not at all, as the shipped network sees them in the picture of the cluster, or as
they truly are. A cluster counts as well spliced when the number of chromosomes is right and every one is matched at
IoU >= 0.75 (spec 8.5). The test cells are never read.

    python benchmarks/splice_true_zones.py ../shared/data --split train val
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from karyokit.chromosomes import stack_masks
from karyokit.data.cluster_crops import Cluster, read_clusters
from karyokit.metrics import clusters as scores
from karyokit.pipeline import rebuild

BORDERS = ("none", "seen", "true")


def well_spliced(cluster: Cluster, image: np.ndarray, *, mode: str, borders: str) -> bool:
    """Whether a cluster, of which ``image`` is the grey crop, is rebuilt right."""
    border = cluster.border if borders == "true" else None
    seen = {"mode": mode, "stain": "fluorescence", "network": borders == "seen"}
    parts = rebuild(image, cluster.foreground, cluster.overlap, border=border, **seen)
    return scores.well_spliced(cluster.truth, stack_masks((part.region for part in parts), cluster.foreground.shape))


def report(clusters: list[Cluster], cells: Mapping[str, np.ndarray], mode: str, borders: str) -> str:
    """One line: share well spliced in all, and among clusters of two, three, four and more."""
    tally: defaultdict[str, list[bool]] = defaultdict(list)
    start = time.perf_counter()
    for cluster in clusters:
        right = well_spliced(cluster, cells[cluster.cell][cluster.window], mode=mode, borders=borders)
        size = len(cluster.truth)
        tally["all"].append(right)
        tally[str(size) if size < 5 else "5+"].append(right)
    seconds = time.perf_counter() - start
    shares = "  ".join(f"{key}: {np.mean(tally[key]):.3f} ({len(tally[key])})" for key in ("all", "2", "3", "4", "5+") if tally[key])
    return f"{mode:7s} borders {borders}  {shares}  {seconds:.1f} s"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", nargs="+", default=["train", "val"], choices=["train", "val"])
    parser.add_argument("--mode", nargs="+", default=["legacy", "graph"])
    chosen = parser.parse_args()
    clusters = read_clusters(chosen.data / "mfish", chosen.split)
    cells = {name: iio.imread(chosen.data / "mfish" / "dapi" / f"{name}.png") for name in {cluster.cell for cluster in clusters}}
    for mode in chosen.mode:
        for borders in BORDERS:
            if (mode, borders) != ("legacy", "seen"):  # crossing-partition looks at no picture
                print(report(clusters, cells, mode, borders))


if __name__ == "__main__":
    main()
