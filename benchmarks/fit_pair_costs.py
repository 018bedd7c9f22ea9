"""Fit the weights of ``karyokit.reconstruction.costs`` and ``necks`` on the true zones of the M-FISH training cells.

Every zone gives one example: the ways to pair its ports that agree with the truth among all ways. Arms too small to be in
the truth may be paired at will, arms of a chromosome that has three or more there with one another. The weights maximise
the likelihood of the ways that agree, with a little ridge. Each cluster is taken without borders, with the true ones, and
with what the shipped network sees in its picture; with the latter, for robustness against imperfect maps, the zones are
also grown and shrunk by a pixel. (The shipped weights were fitted on these and on the network's own maps of 45 training cells.)

    python benchmarks/fit_pair_costs.py ../shared/data
    python benchmarks/fit_pair_costs.py ../shared/data --cuts
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from scipy import ndimage
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from karyokit.data.cluster_crops import Cluster, read_clusters
from karyokit.inference import separation_maps
from karyokit.pipeline.models import model_for
from karyokit.reconstruction import ReconstructionOptions
from karyokit.reconstruction.arms import Pieces, cut_into_pieces
from karyokit.reconstruction.costs import TERMS, Pairing, strand_terms
from karyokit.reconstruction.graph import involutions, zone_terms
from karyokit.reconstruction.necks import TERMS as CUT_TERMS
from karyokit.reconstruction.necks import possible_cuts
from karyokit.reconstruction.ports import find_ports
from karyokit.staining import chromosome_width, to_density

Example = tuple[np.ndarray, np.ndarray]
"""(ways, terms) of a zone and which (ways,) agree with the truth."""


def owners(pieces: Pieces, truth: np.ndarray) -> np.ndarray:
    """For each arm the 1-based number of the chromosome that most of its pixels belong to, 0 for none."""
    votes = np.stack([np.bincount(pieces.arms[mask], minlength=pieces.arm_count + 1) for mask in truth])
    return np.where(votes.max(axis=0) > 0, votes.argmax(axis=0) + 1, 0)


def agrees(way: Pairing, numbers: list[int]) -> bool:
    """Whether a way to pair ports joins what belongs together and nothing else; ``numbers`` of their chromosomes, 0 for none."""
    partner = {one: two for pair in way for one, two in (pair, pair[::-1])}
    for port, number in enumerate(numbers):
        same = [other for other in range(len(numbers)) if other != port and numbers[other] == number]
        joined = partner.get(port)
        if number and (joined != same[0] if len(same) == 1 else joined is not None and numbers[joined] != number):
            return False
    return True


def examples(pieces: Pieces, truth: np.ndarray) -> Iterator[Example]:
    """The zones of a cluster as examples; zones in which every way or none agrees say nothing."""
    owner = owners(pieces, truth)
    for zone, ports in find_ports(pieces).items():
        if not 2 <= len(ports) <= 6:
            continue
        faint = zone in pieces.faint
        pairs, ends = zone_terms(ports, pieces, faint)
        ways = list(involutions(len(ports)))
        right = np.array([agrees(way, [int(owner[port.arm]) for port in ports]) for way in ways])
        if right.any() and not right.all():
            yield np.stack([terms_of(way, pairs, ends, strand_terms(way, ports, faint)) for way in ways]), right


def terms_of(way: Pairing, pairs: np.ndarray, ends: np.ndarray, strands: np.ndarray) -> np.ndarray:
    """Summed terms of one way to pair the ports of a zone."""
    used = {port for pair in way for port in pair}
    joined = sum((pairs[i, j] for i, j in way), np.zeros(pairs.shape[-1]))
    ended = sum((ends[i] for i in range(len(ends)) if i not in used), np.zeros(ends.shape[-1]))
    return np.concatenate([joined, ended, strands])


def all_examples(clusters: list[Cluster], root: Path) -> list[Example]:
    """Examples of all clusters, each cut in five ways."""
    found = []
    for cluster in clusters:
        image = iio.imread(root / "dapi" / f"{cluster.cell}.png")[cluster.window]
        density = to_density(image, "fluorescence")
        maps = separation_maps(model_for("separation", "fluorescence", None, 1), density, chromosome_width(density))
        grown = ndimage.binary_dilation(cluster.overlap) & cluster.foreground
        for border in (None, cluster.border & ~cluster.overlap):
            pieces = cut_into_pieces(cluster.foreground, cluster.overlap, border=border, options=ReconstructionOptions())
            found += list(examples(pieces, cluster.truth))
        for overlap in (cluster.overlap, grown, ndimage.binary_erosion(cluster.overlap)):
            border, options = maps.border > ReconstructionOptions().doubtful_border, ReconstructionOptions()
            pieces = cut_into_pieces(cluster.foreground, overlap, border=border, options=options, affinities=maps.affinities)
            found += list(examples(pieces, cluster.truth))
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
                    found.append((np.stack([-cut.terms, np.zeros_like(cut.terms)]), np.array([separates, not separates])))
    return found


def loss(weights: np.ndarray, data: list[Example], ridge: float) -> tuple[float, np.ndarray]:
    """Mean negative log likelihood with ridge, and its gradient."""
    total, gradient = 0.0, np.zeros_like(weights)
    for terms, right in data:
        score = -terms @ weights
        total += logsumexp(score) - logsumexp(score[right])
        gradient += softmax(score[right]) @ terms[right] - softmax(score) @ terms
    return total / len(data) + ridge * float(weights @ weights), gradient / len(data) + 2 * ridge * weights


def accuracy(weights: np.ndarray, data: list[Example]) -> float:
    """Share of zones whose cheapest way agrees with the truth."""
    return float(np.mean([right[(terms @ weights).argmin()] for terms, right in data]))


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
    parser.add_argument("--ridge", type=float, default=2e-3)
    chosen = parser.parse_args()
    train, val = (read_clusters(chosen.data / "mfish", [split], every=chosen.cuts) for split in ("train", "val"))
    if chosen.cuts:
        fit(cut_examples(train), cut_examples(val), CUT_TERMS, chosen.ridge)
    else:
        root = chosen.data / "mfish"
        fit(all_examples(train, root), all_examples(val, root), TERMS, chosen.ridge)


if __name__ == "__main__":
    main()
