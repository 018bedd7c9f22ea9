"""The sets of cluster pictures by name, and how to write them in ChromSeg's layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from karyokit.checks import lookup
from karyokit.data import chromseg
from karyokit.data.chromseg import ClusterPicture, write_clusters
from karyokit.data.cluster_crops import mfish_clusters
from karyokit.data.generated_clusters import gband_clusters, procedural_clusters
from karyokit.data.splits import SPLIT_NAMES

CLUSTER_SETS: dict[str, Callable[[Path, str], Iterator[ClusterPicture]]] = {
    "mfish": lambda data, split: mfish_clusters(data / "mfish", split),
    "gband": lambda data, split: gband_clusters(data / "singles", split),
    "procedural": lambda _, split: procedural_clusters(split),
    "chromseg": lambda data, split: chromseg.clusters(data / "chromseg", split),
}
"""Set -> function of the data folder and ``train``, ``val`` or ``test``.

``mfish``: 160, 24 and 35 real clusters; ``gband``: 195, 35 and 115 generated ones of real chromosomes, ``procedural`` as many of
drawn ones; ``chromseg``: the published 345, which name no instances.
"""


@lru_cache(maxsize=12)
def cluster_pictures(name: str, data: Path, split: str) -> tuple[ClusterPicture, ...]:
    """All pictures of a part of a set, kept for the next call.

    They are read from ``data``/clusters/``name`` where `karyokit data build clusters` has written them, else made from the set's source.
    Raises ``ValueError`` for an unknown set or part, ``FileNotFoundError`` where the source is missing.
    """
    make = lookup(CLUSTER_SETS, name, "cluster set")
    built = data / "clusters" / name
    return tuple(chromseg.clusters(built, split) if built.is_dir() else make(data, split))


def build_cluster_sets(data: Path, folder: Path, names: tuple[str, ...] = ("mfish", "gband")) -> dict[str, dict[str, int]]:
    """Write sets as ``folder``/SET/{train,val,test} in ChromSeg's layout; returns the number of pictures of each part."""
    makers = {name: lookup(CLUSTER_SETS, name, "cluster set") for name in names}
    return {
        name: {split: write_clusters(make(data, split), folder / name / split) for split in SPLIT_NAMES} for name, make in makers.items()
    }
