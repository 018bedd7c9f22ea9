"""The centromere finder against the standard proportions: real upright G-banded chromosomes, by what it is told.

    PYTHONPATH=src python benchmarks/centromeres.py ../shared/data --split val --per-class 25

Prints, for no knowledge, class alone, and class and polarity: mean and median absolute error of the centromere's place (share of
the length from the p arm's end), rank correlation with the standard place, and the mean error of the classes with over 0.05.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from karyokit.chromosomes import CLASS_NAMES, Region
from karyokit.data.generators.library import SinglesLibrary
from karyokit.data.singles import load_singles
from karyokit.human import CENTROMERIC_INDICES
from karyokit.karyotype.measurements import find_centromere
from karyokit.karyotype.straightening import StraightChromosome, straighten

STANDARD = np.array(CENTROMERIC_INDICES) / 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="val", choices=("train", "val"))
    parser.add_argument("--per-class", type=int, default=25)
    given = parser.parse_args()
    found = chosen(given.data, given.split, given.per_class)
    for name, told in {
        "nothing": lambda _place: (),
        "class": lambda place: (place, 1 - place),
        "class and polarity": lambda place: (place,),
    }.items():
        places = np.array([share_of(straight, told(STANDARD[category - 1])) for category, straight in found])
        print(f"{name}: {report(places, np.array([category for category, _ in found]))}")


def chosen(data: Path, split: str, per_class: int) -> list[tuple[int, StraightChromosome]]:
    """Class and straightened chromosome of up to ``per_class`` random pictures of each class."""
    singles = load_singles(data / "singles" / "gband_singles.npz")
    library, indices, rng = SinglesLibrary(singles), singles.split(split), np.random.default_rng(0)
    taken = [rng.permutation(indices[singles.labels[indices] == category])[:per_class] for category in range(1, 25)]
    records = library.singles(np.concatenate(taken))
    return [(one.category, straighten(one.density, Region.from_mask(one.mask))) for one in records]


def share_of(straight: StraightChromosome, expected: tuple[float, ...]) -> float:
    """Place of the centromere found, as a share of the length from the upper end."""
    return (find_centromere(straight, expected=expected)[0] + 0.5) / len(straight.axis)


def report(places: np.ndarray, categories: np.ndarray) -> str:
    """The figures in words."""
    wrong = np.abs(places - STANDARD[categories - 1])
    by_class = {CLASS_NAMES[category - 1]: wrong[categories == category].mean() for category in np.unique(categories)}
    worst = ", ".join(f"{name} {value:.3f}" for name, value in by_class.items() if value > 0.05) or "none"
    correlation = spearmanr(places, STANDARD[categories - 1])[0]
    return (
        f"n {len(places)}, mean {wrong.mean():.4f}, median {np.median(wrong):.4f}, rank correlation {correlation:.3f}; over 0.05: {worst}"
    )


if __name__ == "__main__":
    main()
