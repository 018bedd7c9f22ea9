"""Examples drawn by hand and a store that learned from them, without a search that takes long."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from karyokit.reconstruction.crf import CrfParameters, Example, RefineOptions, SearchSpace, make_example, masks_to_probabilities
from karyokit.reconstruction.nk_dna import KnowledgeStore, Network, learn

TAKEN = "2026-01-02T03:04:05+00:00"


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Bars of three lengths, masks a pixel too thin."""
    rng, found = np.random.default_rng(0), []
    for length in (10, 14, 18):
        truth = np.zeros((30, 24), bool)
        truth[6 : 6 + length, 8:16] = True
        picture = np.clip(50 + 100 * truth + rng.normal(size=truth.shape) * 5, 0, 255).astype(np.uint8)
        mask = ndimage.binary_erosion(truth)
        options = RefineOptions(max_area_change=1.0, min_iou=0.3)
        found.append(make_example(picture, masks_to_probabilities(mask[None])[0], mask, truth=truth, options=options))
    return found


@pytest.fixture(scope="session")
def options() -> RefineOptions:
    """Guards wide enough for masks a pixel too thin."""
    return RefineOptions(max_area_change=1.0, min_iou=0.3)


@pytest.fixture(scope="session")
def start() -> KnowledgeStore:
    """A store without experiences whose fixed CRF is quick."""
    return KnowledgeStore((Network(CrfParameters(w1=1.0, s_a=4.0)),))


@pytest.fixture(scope="session")
def learned(start: KnowledgeStore, examples: list[Example], options: RefineOptions) -> KnowledgeStore:
    """The store after learning from the examples."""
    space = SearchSpace(coarse={"w1": (2.0, 6.0)}, fine=(), rounds=0)
    return learn(start, examples, space=space, options=options, taken=TAKEN)
