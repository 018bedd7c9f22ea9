"""Refining masks one by one, so that overlaps survive; a refined mask that has gone astray is put back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.reconstruction.crf.instance import InstanceCrop, cut_out
from karyokit.reconstruction.crf.mean_field import infer
from karyokit.reconstruction.crf.options import RefineOptions
from karyokit.reconstruction.crf.parameters import CrfParameters

_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Refined:
    """A (rows, columns) bool mask, and why the initial one was kept (``""`` where it was refined)."""

    mask: np.ndarray
    kept: str = ""


def refine_instance(
    image: np.ndarray,
    probability: np.ndarray,
    mask: np.ndarray,
    *,
    others: np.ndarray | None = None,
    parameters: CrfParameters | None = None,
    options: RefineOptions | None = None,
) -> Refined:
    """One mask refined by a fully connected CRF inside its enlarged box, pasted into the full picture.

    ``image`` is (rows, columns) grey or (rows, columns, 3) on a scale of 0..255, ``probability`` (rows, columns) float in 0..1 of this
    mask, ``mask`` its (rows, columns) bool initial mask, ``others`` the union of the other masks. An empty mask is returned as it is.
    Outside the box the result is empty. Raises ``ValueError`` for unequal shapes and probabilities outside 0..1. Source: spec 6.2.
    """
    if not mask.any():
        return Refined(mask.astype(bool).copy(), "empty")
    crop = cut_out(image, probability, mask, others=others, options=options)
    found = refine_crop(crop, parameters=parameters, options=options)
    whole = np.zeros(mask.shape, bool)
    whole[crop.window] = found.mask
    return Refined(whole, found.kept)


def refine_instances(
    image: np.ndarray,
    probabilities: np.ndarray,
    masks: np.ndarray,
    *,
    parameters: CrfParameters | None = None,
    options: RefineOptions | None = None,
) -> tuple[Refined, ...]:
    """Each of (n, rows, columns) bool masks, which may overlap, refined on its own with its own probability; ``()`` for none.

    The order does not matter: every mask sees the initial masks of the others. Errors as for :func:`refine_instance`.
    """
    if probabilities.shape != masks.shape:
        got = f"{probabilities.shape} for masks of {masks.shape}"
        raise ValueError(problem("probabilities", "have one map per mask", got, "Pass the map of each mask, in order."))
    counts = masks.sum(axis=0)
    return tuple(
        refine_instance(image, probability, mask, others=counts > mask, parameters=parameters, options=options)
        for probability, mask in zip(probabilities, masks, strict=True)
    )


def refine_crop(crop: InstanceCrop, *, parameters: CrfParameters | None = None, options: RefineOptions | None = None) -> Refined:
    """The refined mask of a crop, of the crop's size, after the guards of ``options``."""
    options = options or RefineOptions()
    parameters = parameters or CrfParameters()
    frozen = _frozen(crop, options)
    belief = infer(
        crop.probability,
        crop.image,
        parameters=parameters,
        backend=options.backend,
        radius=options.radius,
        frozen=frozen,
        labels=None if frozen is None else crop.mask,
    )
    refined = belief > 0.5
    reason = reason_to_keep(crop.mask, refined, options)
    return Refined(crop.mask if reason else refined, reason)


def reason_to_keep(initial: np.ndarray, refined: np.ndarray, options: RefineOptions) -> str:
    """Why the initial mask is the safer one (``"overlap"``, ``"area"``, ``"parts"``), ``""`` where the refined one may stand."""
    union = np.count_nonzero(initial | refined)
    if union and np.count_nonzero(initial & refined) / union < options.min_iou:
        return "overlap"
    if abs(np.count_nonzero(refined) - np.count_nonzero(initial)) > options.max_area_change * np.count_nonzero(initial):
        return "area"
    if options.keep_whole and ndimage.label(refined, _EIGHT)[1] > ndimage.label(initial, _EIGHT)[1]:
        return "parts"
    return ""


def _frozen(crop: InstanceCrop, options: RefineOptions) -> np.ndarray | None:
    """(rows, columns) bool of pixels that may not change, None where all may."""
    frozen = crop.shared if options.freeze_overlap else np.zeros(crop.mask.shape, bool)
    if options.band is not None:
        grown = ndimage.binary_dilation(crop.mask, _EIGHT, iterations=options.band)
        shrunk = ndimage.binary_erosion(crop.mask, _EIGHT, iterations=options.band, border_value=1)
        frozen = frozen | ~grown | shrunk
    return frozen if frozen.any() else None
