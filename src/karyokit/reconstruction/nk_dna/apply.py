"""Carrying out what the store decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from karyokit.reconstruction.crf import InstanceCrop, Refined, RefineOptions, cut_out, refine_crop
from karyokit.reconstruction.nk_dna.records import KEEP, Action
from karyokit.reconstruction.nk_dna.states import state_of
from karyokit.reconstruction.nk_dna.store import KnowledgeStore

BAND = 3
"""Pixels on both sides of the outline that the action ``band`` may change."""


@dataclass(frozen=True, eq=False)
class Decided:
    """The action taken for a mask and the (rows, columns) mask that came of it; ``kept`` as in ``Refined``."""

    action: Action
    mask: np.ndarray
    kept: str = ""


def apply_action(store: KnowledgeStore, action: Action, crop: InstanceCrop, *, options: RefineOptions | None = None) -> Refined:
    """The mask of a crop after an action; ``keep`` gives the initial mask."""
    options = options or RefineOptions()
    if action == KEEP:
        return Refined(crop.mask, "keep")
    if action.kind == "band":
        options = replace(options, band=BAND)
    return refine_crop(crop, parameters=store.parameters_of(action), options=options)


def refine_with_store(
    image: np.ndarray,
    probabilities: np.ndarray,
    masks: np.ndarray,
    *,
    store: KnowledgeStore,
    options: RefineOptions | None = None,
    neighbours: int = 15,
) -> tuple[Decided, ...]:
    """Each of (n, rows, columns) bool masks after the action that the store chooses for it; ``()`` for none, empty masks stay empty.

    Other arguments as for ``crf.refine_instances``, with which a store without experiences agrees exactly.
    """
    counts = masks.sum(axis=0)
    found = []
    for probability, mask in zip(probabilities, masks, strict=True):
        if not mask.any():
            found.append(Decided(KEEP, mask.astype(bool).copy(), "empty"))
            continue
        crop = cut_out(image, probability, mask, others=counts > mask, options=options)
        action = store.decide(state_of(crop), neighbours=neighbours)
        done = apply_action(store, action, crop, options=options)
        whole = np.zeros(mask.shape, bool)
        whole[crop.window] = done.mask
        found.append(Decided(action, whole, done.kept))
    return tuple(found)
