"""What each part of the main job is worth on the validation cells: every row leaves one part out.

    python benchmarks/system_parts.py DATA [--only NAME ...] [--sets gband held_back mfish]

``held_back`` are G-banded training cells that the separation networks have not seen; they take 5 minutes a row more. The weights
that stay are not fitted anew. One row takes about 3 minutes on one core for the other two. Parts of the reconstruction
alone, with true zones: ``benchmarks/reconstruction_parts.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from karyokit.chromosomes import Cell
from karyokit.data import gband_cells
from karyokit.data.records import AnnotatedCell
from karyokit.evaluation.cells import evaluate_gband, evaluate_mfish
from karyokit.inference import Maps, separation_maps
from karyokit.karyotype.evidence import KaryotypeEvidence, weigh_karyotypes
from karyokit.karyotype.explanations import CellObjects
from karyokit.pipeline import analyse
from karyokit.reconstruction.proposals import Proposal, propose

Replaced = tuple[tuple[str, Any], ...]
"""Places in the code, by their dotted names, and what stands there instead."""


def without_ways(*ways: str) -> Replaced:
    """The second look without some of its ways."""

    def fewer(*given: Any, **named: Any) -> list[Proposal]:
        return [one for one in propose(*given, **named) if one.way not in ways]

    return (("karyokit.pipeline.second_look.looking.propose", fewer),)


def changed_maps(change: Callable[[Maps], Maps]) -> Replaced:
    """The network's maps changed before anything is made of them."""
    return (("karyokit.pipeline.separating.separation_maps", lambda *given: change(separation_maps(*given))),)


def each_by_itself(objects: CellObjects) -> KaryotypeEvidence:
    """Every object that counts as a chromosome has its likeliest class, whatever the others have."""
    evidence = weigh_karyotypes(objects)
    likeliest = objects.probabilities.argmax(axis=1) + 1
    return replace(evidence, categories=np.where(evidence.categories > 0, likeliest, 0))


def as_seen(density: np.ndarray, regions: Sequence[Any], *_: Any) -> list[np.ndarray]:
    """Every chromosome with all that is seen in its region."""
    return [np.where(region.crop, density[region.window], 0).astype(np.float32) for region in regions]


PARTS: dict[str, Replaced] = {
    "everything": (),
    "no second look": (("karyokit.pipeline.naming.look_again", lambda cell, *_: cell),),
    "one look, not up to three": (("karyokit.pipeline.second_look.looking.LOOKS", 1),),
    "one look, surplus stays": (
        ("karyokit.pipeline.second_look.looking.LOOKS", 1),
        ("karyokit.pipeline.second_look.surplus.SURPLUS_FROM", np.inf),
    ),
    "second look without splits": without_ways("split"),
    "second look without joins": without_ways("join"),
    "second look without second-best hypotheses": without_ways("swap"),
    "second look without dropping": without_ways("drop"),
    "no affinities, so no second look": changed_maps(lambda maps: replace(maps, affinities={})),
    "no border map": changed_maps(lambda maps: replace(maps, border=np.zeros_like(maps.border))),
    "nothing set aside": (("karyokit.pipeline.separating.sort_out", lambda objects, *_, **__: (tuple(objects), ())),),
    "chromosomes named one by one": (("karyokit.pipeline.naming.weigh_karyotypes", each_by_itself),),
    "one look at every picture": (("karyokit.inference.classifier.SURE", -np.inf),),
    "affinities join beside zones": (("karyokit.reconstruction.arms.AT_ZONE", -1.0),),
    "overlaps not restored": (("karyokit.pipeline.analysed_cell.separate_layers", as_seen),),
}
"""By name what is left out."""

_GBAND = ("box_ap50", "box_24_classes_ap50", "count_error", "karyotype_right", "confidence_wrong_caught", "confidence_flagged")
FIGURES = {
    "gband": _GBAND,
    "held_back": _GBAND,
    "mfish": ("mask_ap50", "sep75", "crossing_sep75", "count_error", "confidence_wrong_caught", "confidence_flagged"),
}
SETS = {
    "gband": ("gband_cells", "val", evaluate_gband),
    "held_back": ("gband_cells", gband_cells.HELD_BACK, evaluate_gband),
    "mfish": ("mfish", "val", evaluate_mfish),
}


def main_job(truth: AnnotatedCell) -> Cell:
    """As a user runs it."""
    return analyse(truth.image, name=truth.name)


def main(data: Path, sets: Sequence[str], only: Sequence[str]) -> None:
    """Print one row per part."""
    columns = [f"{name} {figure}" for name in sets for figure in FIGURES[name]]
    print(f"| left out | {' | '.join(columns)} |\n|{'---|' * (1 + len(columns))}", flush=True)
    for name, replaced in PARTS.items():
        if only and name not in only:
            continue
        found: list[float] = []
        with ExitStack() as stack:
            for place, instead in replaced:
                stack.enter_context(mock.patch(place, instead))
            for wanted in sets:
                folder, split, evaluate = SETS[wanted]
                report = evaluate(data / folder, split, main_job, command="")
                found += [report.figures[figure].value for figure in FIGURES[wanted]]
        print(f"| {name} | {' | '.join(f'{value:.3f}' for value in found)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="*", default=[], choices=list(PARTS), help="names of parts")
    parser.add_argument("--sets", nargs="*", default=["gband", "mfish"], choices=list(SETS))
    chosen = parser.parse_args()
    main(chosen.data, chosen.sets, chosen.only)
