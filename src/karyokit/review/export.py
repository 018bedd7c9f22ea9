"""Corrected cells for use elsewhere: COCO, training data, and experience for the knowledge store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.files import atomic_path, make_folder, write_text
from karyokit.reconstruction.crf import Example, make_example, masks_to_probabilities
from karyokit.reconstruction.nk_dna import Action, Experience, KnowledgeStore, apply_action, experience_of, load_store, save_store
from karyokit.regions import iou
from karyokit.review.case import ANNOTATIONS, Case
from karyokit.review.records import document_of
from karyokit.review.state import CellState, ReviewedChromosome

FINISHED = ("reviewed", "signed")
_COUNTERPART = 0.5
"""Least IoU of a corrected chromosome with the one it was corrected from."""


def corrected(case: Case, *, cells: Sequence[int] | None = None, finished: bool = False) -> dict[str, Any]:
    """COCO's dictionary of the corrected cells, all of them or those named; with ``finished`` only reviewed and signed ones."""
    states = [case.state(number) for number in (case.cells if cells is None else cells)]
    return document_of(state for state in states if not finished or state.status.value in FINISHED)


def write_corrected(case: Case, path: str | Path, *, finished: bool = False) -> int:
    """Write the corrected cells as one COCO file; returns how many there are."""
    document = corrected(case, finished=finished)
    write_text(path, json.dumps(document, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")
    return len(document["images"])


def write_training_set(case: Case, folder: str | Path) -> int:
    """Write reviewed and signed cells with copies of their pictures, as a folder to train on; returns how many there are.

    Layout: annotations.json and the pictures, named CELL.SUFFIX by their number in the case, so that names cannot collide.
    """
    target = make_folder(folder)
    document = corrected(case, finished=True)
    numbers = {stored.name: number for number, stored in case.cells.items()}
    for image in document["images"]:
        number = numbers[image["file_name"]]
        case.picture(number)  # refuses a picture that is missing or was changed
        source = Path(case.cells[number].picture)
        image["source_name"], image["file_name"] = image["file_name"], f"cell_{number:05d}{source.suffix.lower()}"
        with atomic_path(target / image["file_name"]) as aside:
            shutil.copyfile(source, aside)
    write_text(target / ANNOTATIONS, json.dumps(document, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")
    return len(document["images"])


def feed_store(case: Case, folder: str | Path) -> int:
    """Add to the knowledge store in ``folder`` what corrections say of the masks that were found; returns how many there are.

    For each chromosome of a reviewed or signed cell whose outline a person changed, the mask that was found is refined in each
    way the store knows, and the person's outline says how good that is. The store is made where there is none. Feeding the same
    corrections again adds nothing.
    """
    target = Path(folder)
    store = load_store(target) if (target / "knowledge.json").is_file() else KnowledgeStore()
    before = len(store.experiences)
    cells = [number for number in case.cells if case.state(number).status.value in FINISHED]
    found = [one for number in cells for one in _experiences(case, number, store)]
    grown = store.record(found)
    save_store(grown, target)
    return len(grown.experiences) - before


def _experiences(case: Case, number: int, store: KnowledgeStore) -> list[Experience]:
    history = case.history(number)
    first, now = history.first, history.state
    changed = [item for item in now.present if item.number in first.items and item.region is not first.items[item.number].region]
    pairs = [(first.items[item.number], item) for item in changed if _alike(first.items[item.number], item)]
    found = []
    for found_item, truth in pairs:
        example = _example(case.picture(number).display, first, found_item, truth)
        for kind in ("refine", "band"):
            action = Action(kind, store.best_network.key)
            mask = apply_action(store, action, example.crop).mask
            found.append(experience_of(example, action, mask, taken=now.status.when))
    return found


def _example(display: np.ndarray, first: CellState, found: ReviewedChromosome, truth: ReviewedChromosome) -> Example:
    """The mask that was found, and the person's outline as its truth."""
    mask = found.region.to_mask(first.shape)
    others = np.zeros(first.shape, bool)
    for item in first.present:
        if item is not found:
            others[item.region.window] |= item.region.crop
    probability = masks_to_probabilities(mask[None])[0]
    return make_example(display, probability, mask, truth=truth.region.to_mask(first.shape), others=others)


def _alike(one: ReviewedChromosome, two: ReviewedChromosome) -> bool:
    return iou(one.region, two.region) >= _COUNTERPART
