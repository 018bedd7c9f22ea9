"""Learning from masks with truth, and experiences from what people corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from karyokit.reconstruction.crf import Example, InstanceCrop, RefineOptions, SearchSpace, search_parameters
from karyokit.reconstruction.nk_dna.apply import apply_action
from karyokit.reconstruction.nk_dna.records import Action, Experience, Network
from karyokit.reconstruction.nk_dna.states import state_of
from karyokit.reconstruction.nk_dna.store import KnowledgeStore

BoundaryScore = Callable[[np.ndarray, np.ndarray], float]
"""Score of the outline of a mask (second) against the truth (first), for example ``metrics.boundaries.boundary_f``."""


def learn(
    store: KnowledgeStore,
    examples: Sequence[Example],
    *,
    space: SearchSpace | None = None,
    options: RefineOptions | None = None,
    boundary: BoundaryScore | None = None,
    checkpoints: tuple[tuple[str, str], ...] = (),
    taken: str | None = None,
) -> KnowledgeStore:
    """A store with a network more, learned from the examples, and with what refining did to each of them.

    The parameters are searched from those of the store's best network. For each example the actions ``refine`` and ``band`` with the new
    network are carried out and recorded. ``taken`` is the time of the records, now when None. Deterministic for a given ``taken``.
    Raises ``ValueError`` without examples. Source: spec 6.3.
    """
    found = search_parameters(examples, start=store.best_network.parameters, space=space, options=options)
    data = hash_of_examples(examples)
    version = 1 + max(one.version for one in store.networks)
    network = Network(found.parameters, found.score, version, data, checkpoints)
    grown = store.with_network(network)
    taken = taken or _now()
    return grown.record(_trials(grown, network, examples, options=options, boundary=boundary, taken=taken, data=data))


def experience_of(
    example: Example,
    action: Action,
    mask: np.ndarray,
    *,
    boundary: BoundaryScore | None = None,
    taken: str | None = None,
    data: str = "",
) -> Experience:
    """What it brought that ``action`` turned the example's initial mask into ``mask`` (crop-sized bool).

    The truth of the example may be a published mask or a mask that a person corrected. The boundary score is measured inside the crop.
    """
    before, crop = example.crop.mask, example.crop
    change = None
    if boundary is not None and example.truth.any() and mask.any():
        change = boundary(example.truth, mask) - boundary(example.truth, before)
    gain = example.iou(mask) - example.iou(before)
    return Experience(state_of(crop), action, gain, change, taken or _now(), data, _hash_of_crop(crop))


def hash_of_examples(examples: Sequence[Example]) -> str:
    """Hexadecimal SHA-256 of crops and truths, whatever their order."""
    digests = sorted(hashlib.sha256(_hash_of_crop(one.crop).encode() + np.packbits(one.truth).tobytes()).digest() for one in examples)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _trials(
    store: KnowledgeStore,
    network: Network,
    examples: Sequence[Example],
    *,
    options: RefineOptions | None,
    boundary: BoundaryScore | None,
    taken: str,
    data: str,
) -> Iterator[Experience]:
    for example in examples:
        for kind in ("refine", "band"):
            action = Action(kind, network.key)
            mask = apply_action(store, action, example.crop, options=options).mask
            yield experience_of(example, action, mask, boundary=boundary, taken=taken, data=data)


def _hash_of_crop(crop: InstanceCrop) -> str:
    """SHA-256 of shape, picture and mask of a crop."""
    content = hashlib.sha256(repr((crop.image.shape, str(crop.image.dtype))).encode())
    content.update(np.ascontiguousarray(crop.image).tobytes())
    content.update(np.packbits(crop.mask).tobytes())
    return content.hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
