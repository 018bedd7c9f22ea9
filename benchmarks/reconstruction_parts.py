"""What each part of the reconstruction is worth when the overlap zones are the true ones.

Every row leaves one part out: evidence from the network (borders and affinities), affinities alone, the rule that affinities
join nothing beside a zone, groups of terms of the pairing cost, the joint decision over connected zones. Clusters and score
as in ``benchmarks/splice_true_zones.py``; the test cells are never read. The weights left are not fitted anew.

    python benchmarks/reconstruction_parts.py ../shared/data --split val
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import imageio.v3 as iio
import numpy as np

from karyokit.chromosomes import stack_masks
from karyokit.data.cluster_crops import Cluster, read_clusters
from karyokit.inference import Maps, separation_maps
from karyokit.metrics.clusters import well_spliced
from karyokit.pipeline.models import model_for
from karyokit.reconstruction import ReconstructionOptions, arms, costs, graph, reconstruct, stubs
from karyokit.staining import chromosome_width, to_density

SIZES = ("all", "2", "3", "4", "5+")


@dataclass(frozen=True)
class Part:
    """A part to leave out: which evidence stays, the options, and what is replaced where."""

    border: bool = True
    affinities: bool = True
    options: ReconstructionOptions = field(default_factory=ReconstructionOptions)
    replaced: tuple[tuple[Any, str, Any], ...] = ()


def without_terms(*names: str) -> Part:
    """The pairing cost with the weights of some terms at 0."""
    weights = np.where(np.isin(costs.TERMS, names), 0.0, costs.WEIGHTS)
    return Part(replaced=((graph, "WEIGHTS", weights), (stubs, "WEIGHTS", weights)))


def free(*_: object) -> float:
    """What rings and overused arms cost where zones are decided one at a time."""
    return 0.0


PARTS: dict[str, Part] = {
    "everything": Part(),
    "no evidence from the picture": Part(border=False, affinities=False),
    "no affinities": Part(affinities=False),
    "affinities join beside zones": Part(replaced=((arms, "AT_ZONE", -1.0),)),
    "affinities do not join": Part(options=ReconstructionOptions(merge_above=np.inf)),
    "no cuts at dents": Part(options=ReconstructionOptions(split_touching=False)),
    "no affinity in the pairing cost": without_terms("affinity"),
    "no terms of slivers": without_terms("sliver", "sliver end", "one body", "more bodies"),
    "no terms of contacts": without_terms("thin contact", "thin end", "odd width end"),
    "no terms of path": without_terms("offset", "turns back", "span"),
    "no terms of bends": without_terms("turn", "swerve"),
    "no terms of strands": without_terms(*costs.STRAND_TERMS),
    "zones one at a time": Part(replaced=((graph, "conflict", free),)),
}


@contextmanager
def left_out(part: Part) -> Iterator[None]:
    """While a part is left out."""
    patches = [mock.patch.object(*target) for target in part.replaced]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def right(cluster: Cluster, maps: Maps, part: Part) -> bool:
    """Whether a cluster is rebuilt right without a part."""
    border, affinities = maps.border if part.border else None, maps.affinities if part.affinities else None
    found = reconstruct(cluster.foreground, cluster.overlap, border=border, affinities=affinities, options=part.options)
    return well_spliced(cluster.truth, stack_masks((one.region for one in found), cluster.foreground.shape))


def shares(clusters: list[Cluster], judged: list[bool]) -> dict[str, float]:
    """Share of clusters judged right, by the number of chromosomes."""
    tally: defaultdict[str, list[bool]] = defaultdict(list)
    for cluster, good in zip(clusters, judged, strict=True):
        size = len(cluster.truth)
        tally["all"].append(good)
        tally[str(size) if size < 5 else "5+"].append(good)
    return {size: float(np.mean(tally[size])) for size in SIZES if tally[size]}


def seen_maps(root: Path, cluster: Cluster) -> Maps:
    """What the shipped network sees in the picture of a cluster."""
    density = to_density(iio.imread(root / "dapi" / f"{cluster.cell}.png")[cluster.window], "fluorescence")
    return separation_maps(model_for("separation", "fluorescence", None, 1), density, chromosome_width(density))


def main() -> None:
    """Print one line for each part left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", nargs="+", default=["train", "val"], choices=["train", "val"])
    chosen = parser.parse_args()
    clusters = read_clusters(chosen.data / "mfish", chosen.split)
    maps = [seen_maps(chosen.data / "mfish", cluster) for cluster in clusters]
    print(f"{'| left out':40s} | {' | '.join(SIZES)} |")
    for name, part in PARTS.items():
        with left_out(part):
            found = shares(clusters, [right(cluster, seen, part) for cluster, seen in zip(clusters, maps, strict=True)])
        print(f"| {name:38s} | {' | '.join(f'{found.get(size, np.nan):.3f}' for size in SIZES)} |", flush=True)


if __name__ == "__main__":
    main()
