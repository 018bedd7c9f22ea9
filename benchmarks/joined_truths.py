"""True M-FISH chromosomes that are rather two: homologues that touch or cross share one value in the class maps.

    python benchmarks/joined_truths.py DATA [SPLIT]

Prints each true chromosome that the main job misses, has two objects inside of that cover three quarters of it, and is (or is
not) the only one of its class in its cell; and what separation and count error are were these two chromosomes each.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np

from karyokit.chromosomes import CLASS_NAMES, stack_masks
from karyokit.data import mfish
from karyokit.evaluation.reliability import right_pairs
from karyokit.pipeline import analyse

INSIDE, COVERED, LEAST_SHARE = 0.75, 0.75, 0.25
"""Share of an object that lies in the true chromosome, share of this that two such objects cover, and least size of one of them."""


def seen_as_two(own: np.ndarray, found: np.ndarray) -> bool:
    """Whether exactly two objects (n, rows, columns) lie in a true chromosome (rows, columns) and all but fill it."""
    shared, area = (found & own).sum(axis=(1, 2)), own.sum()
    inside = (shared >= INSIDE * found.sum(axis=(1, 2))) & (shared >= LEAST_SHARE * area)
    return bool(inside.sum() == 2 and (found[inside].any(axis=0) & own).sum() >= COVERED * area)


def main(data: Path, split: str = "val") -> None:
    """Print the joined ones and the sums."""
    counts, errors, corrected, only = np.zeros(3, int), [], [], 0
    for truth in mfish.cells(data / "mfish", split):
        cell = analyse(truth.image, stain=truth.stain, name=truth.name)
        classes = Counter(truth.categories)
        lost = np.setdiff1d(np.arange(len(truth.regions)), right_pairs(truth, cell)[0])
        found = stack_masks([one.region for one in cell.chromosomes], truth.shape)
        joined = [index for index in lost if seen_as_two(truth.regions[index].to_mask(truth.shape), found)]
        for index in joined:
            category, box = truth.categories[index], truth.regions[index].bbox
            print(f"{truth.name}: class {CLASS_NAMES[category - 1]}, {classes[category]} of it, box {box}", flush=True)
        only += sum(classes[truth.categories[index]] == 1 for index in joined)
        counts += len(truth.regions), len(truth.regions) - len(lost), len(joined)
        errors.append(len(cell.chromosomes) - len(truth.regions))
        corrected.append(errors[-1] - len(joined))
    true, right, two = counts.tolist()
    print(f"{split}: {right} of {true} separated, {right / true:.3f}; {two} rather two, {only} of them the only one of their class")
    print(f"were they two: {right + 2 * two} of {true + two}, {(right + 2 * two) / (true + two):.3f}")
    print(f"count error {np.abs(errors).mean():.2f}, were they two {np.abs(corrected).mean():.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
