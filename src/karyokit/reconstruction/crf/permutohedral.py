"""The fully connected CRF through the package pydensecrf2 (permutohedral lattice), where it is installed."""

from __future__ import annotations

import numpy as np

from karyokit.checks import problem
from karyokit.reconstruction.crf.parameters import CrfParameters

_CERTAIN = 1e-6


def permutohedral_mean_field(
    probability: np.ndarray,
    rgb: np.ndarray,
    parameters: CrfParameters,
    *,
    frozen: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """Mean-field as :func:`karyokit.reconstruction.crf.mean_field.infer` does it, by another implementation.

    Its kernels are approximate, and its messages include the pixel itself whatever ``parameters.self_messages`` says. ``rgb`` is
    (rows, columns, 3) and rounded to 8 bits. Frozen pixels get a probability of ``labels`` that the messages cannot outweigh.
    """
    densecrf = _package()
    rows, columns = probability.shape
    sure = np.clip(probability.astype(np.float64), parameters.clip, 1 - parameters.clip)
    if frozen is not None and labels is not None:
        sure = np.where(frozen, np.where(labels, 1 - _CERTAIN, _CERTAIN), sure)
    field = densecrf.DenseCRF2D(columns, rows, 2)
    unary = -np.log(np.stack([1 - sure, sure])).reshape(2, -1)
    field.setUnaryEnergy(np.ascontiguousarray(unary, np.float32))
    how = densecrf.NORMALIZE_SYMMETRIC if parameters.normalise == "symmetric" else densecrf.NO_NORMALIZATION
    eight_bit = np.ascontiguousarray(np.clip(np.rint(rgb), 0, 255).astype(np.uint8))
    field.addPairwiseGaussian(sxy=parameters.s_g, compat=parameters.w2, kernel=densecrf.DIAG_KERNEL, normalization=how)
    field.addPairwiseBilateral(
        sxy=parameters.s_a, srgb=parameters.s_b, rgbim=eight_bit, compat=parameters.w1, kernel=densecrf.DIAG_KERNEL, normalization=how
    )
    found = np.array(field.inference(parameters.iterations), np.float64)[1].reshape(rows, columns)
    return found if frozen is None or labels is None else np.where(frozen, labels, found)


def _package():  # type: ignore[no-untyped-def]  # the package has no type hints
    try:
        import pydensecrf.densecrf as densecrf
    except ModuleNotFoundError as error:
        how = "Run: pip install pydensecrf2 (needs a C++ compiler), or use the backend 'window'."
        raise ValueError(problem("backend", "be installed", "'permutohedral' without the package pydensecrf2", how)) from error
    return densecrf
