"""Fit the weights of ``karyokit.reconstruction.costs`` and ``necks`` on the true zones of the M-FISH training cells.

Every zone whose arms belong to known chromosomes gives one example: the true way to pair its ports among all ways.
The weights maximise the likelihood of the true pairings with a little ridge. Zones are taken as drawn and, for
robustness against imperfect maps, once grown and once shrunk by a pixel.

    python benchmarks/fit_pair_costs.py ../shared/data
    python benchmarks/fit_pair_costs.py ../shared/data --cuts
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.optimize import minimize

from karyokit.data.cluster_crops import Cluster, read_clusters
from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import Pieces, cut_into_pieces
from karyokit.reconstruction.costs import TERMS, Pairing, strand_terms
from karyokit.reconstruction.graph import involutions, zone_terms
from karyokit.reconstruction.necks import TERMS as CUT_TERMS
from karyokit.reconstruction.necks import possible_cuts
from karyokit.reconstruction.ports import Port, find_ports

Example = tuple[np.ndarray, int]
"""(ways, terms) of a zone and the position of the true way."""


def owners(pieces: Pieces, truth: np.ndarray) -> np.ndarray:
    """For each arm the 1-based number of the chromosome that most of its pixels belong to, 0 for none."""
    votes = np.stack([np.bincount(pieces.arms[mask], minlength=pieces.arm_count + 1) for mask in truth])
    return np.where(votes.max(axis=0) > 0, votes.argmax(axis=0) + 1, 0)


def true_pairing(ports: list[Port], owner: np.ndarray) -> Pairing | None:
    """Pairs of ports of one chromosome; None where a chromosome has three ports or an arm none."""
    numbers = [int(owner[port.arm]) for port in ports]
    if 0 in numbers or any(numbers.count(number) > 2 for number in numbers):
        return None
    return tuple((i, j) for i in range(len(ports)) for j in range(i + 1, len(ports)) if numbers[i] == numbers[j])


def examples(cluster: Cluster, overlap: np.ndarray) -> Iterator[Example]:
    """The zones of a cluster as examples."""
    options = ReconstructionOptions(split_touching=False)
    pieces = cut_into_pieces(cluster.foreground, overlap, border=cluster.border & ~overlap, options=options)
    owner = owners(pieces, cluster.truth)
    for zone, ports in find_ports(pieces).items():
        truth = true_pairing(ports, owner)
        if truth is None or not 2 <= len(ports) <= 6:
            continue
        faint = zone in pieces.faint
        pairs, ends = zone_terms(ports, pieces, faint)
        ways = list(involutions(len(ports)))
        centres = np.array([port.centre for port in ports])
        yield np.stack([terms_of(way, pairs, ends, strand_terms(way, centres, faint)) for way in ways]), ways.index(truth)


def terms_of(way: Pairing, pairs: np.ndarray, ends: np.ndarray, strands: np.ndarray) -> np.ndarray:
    """Summed terms of one way to pair the ports of a zone."""
    used = {port for pair in way for port in pair}
    joined = sum((pairs[i, j] for i, j in way), np.zeros(pairs.shape[-1]))
    ended = sum((ends[i] for i in range(len(ends)) if i not in used), np.zeros(ends.shape[-1]))
    return np.concatenate([joined, ended, strands])


def all_examples(clusters: list[Cluster]) -> list[Example]:
    """Examples of all clusters with zones as drawn, grown and shrunk."""
    found = []
    for cluster in clusters:
        grown = ndimage.binary_dilation(cluster.overlap) & cluster.foreground
        for overlap in (cluster.overlap, grown, ndimage.binary_erosion(cluster.overlap)):
            found += list(examples(cluster, overlap))
    return found


def cut_examples(clusters: list[Cluster]) -> list[Example]:
    """Cuts through arms as two-way choices (make it, leave it); true where the sides are different chromosomes."""
    found = []
    for cluster in clusters:
        pieces = cut_into_pieces(cluster.foreground, cluster.overlap, border=None, options=ReconstructionOptions(split_touching=False))
        near_zone = ndimage.binary_dilation(pieces.zones > 0, iterations=2)
        owner = np.where(cluster.truth.any(axis=0), cluster.truth.argmax(axis=0) + 1, 0)
        for arm, window in enumerate(ndimage.find_objects(pieces.arms), start=1):
            for cut in possible_cuts(pieces.arms[window] == arm, near_zone[window], pieces.width):
                sides = np.stack([np.bincount(owner[window][cut.sides == side], minlength=len(cluster.truth) + 1)[1:] for side in (1, 2)])
                smaller = sides.sum(axis=1).min()
                if smaller > 0:
                    separates = sides.min(axis=0).max() < 0.12 * smaller
                    found.append((np.stack([-cut.terms, np.zeros_like(cut.terms)]), 0 if separates else 1))
    return found


def loss(weights: np.ndarray, data: list[Example], ridge: float) -> tuple[float, np.ndarray]:
    """Mean negative log likelihood with ridge, and its gradient."""
    total, gradient = 0.0, np.zeros_like(weights)
    for terms, true in data:
        score = -terms @ weights
        score -= score.max()
        share = np.exp(score) / np.exp(score).sum()
        total -= np.log(share[true])
        gradient += terms[true] - share @ terms
    return total / len(data) + ridge * float(weights @ weights), gradient / len(data) + 2 * ridge * weights


def accuracy(weights: np.ndarray, data: list[Example]) -> float:
    """Share of zones whose cheapest way is the true one."""
    return float(np.mean([(terms @ weights).argmin() == true for terms, true in data]))


def fit(train: list[Example], val: list[Example], terms: tuple[str, ...], ridge: float) -> None:
    """Fit on the training examples, print how often the likeliest way is right, and the weights."""
    weights = minimize(loss, np.zeros(len(terms)), (train, ridge), jac=True, method="L-BFGS-B").x
    for name, data in (("train", train), ("val", val)):
        print(f"{name}: {len(data)} examples, loss {loss(weights, data, 0.0)[0]:.4f}, right {accuracy(weights, data):.4f}")
    for name, weight in zip(terms, weights, strict=True):
        print(f"{weight:7.2f}  {name}")


def main() -> None:
    """Fit pairings, or cuts between touching chromosomes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cuts", action="store_true", help="fit the cuts of necks.py instead of the pairings of costs.py")
    parser.add_argument("--ridge", type=float, default=3e-4)
    chosen = parser.parse_args()
    train, val = (read_clusters(chosen.data / "mfish", [split], every=chosen.cuts) for split in ("train", "val"))
    if chosen.cuts:
        fit(cut_examples(train), cut_examples(val), CUT_TERMS, chosen.ridge)
    else:
        fit(all_examples(train), all_examples(val), TERMS, chosen.ridge)


if __name__ == "__main__":
    main()
