"""Mean-field inference of a fully connected CRF with two labels, and the backends that sum its messages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from karyokit.checks import lookup, problem, require_plane, require_same_shape
from karyokit.reconstruction.crf.exact import exact_messages
from karyokit.reconstruction.crf.parameters import CrfParameters
from karyokit.reconstruction.crf.permutohedral import permutohedral_mean_field
from karyokit.reconstruction.crf.window import window_messages

Messages = Callable[[np.ndarray], np.ndarray]
"""Sums a (rows, columns) plane over all neighbours of each pixel, weighted by the pairwise kernels."""

BACKENDS = ("exact", "window", "permutohedral")


def infer(
    probability: np.ndarray,
    image: np.ndarray,
    *,
    parameters: CrfParameters | None = None,
    backend: str = "window",
    radius: int = 15,
    frozen: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """Probability of label 1 after mean-field steps, (rows, columns) float64 in 0..1.

    ``probability`` is the (rows, columns) float map in 0..1 that a network gave, ``image`` (rows, columns) grey or (rows, columns, 3)
    RGB on a scale of 0..255; grey counts as RGB with three equal channels. Where ``frozen`` is true a pixel keeps its ``labels`` and only
    tells its neighbours of it. Raises ``ValueError`` for unequal shapes, values outside 0..1 and unknown backends.
    Source: KEMR-Net Eq. 1 to 4; mean-field: Kraehenbuehl and Koltun 2011, Algorithm 1; spec 6.2.
    """
    parameters = parameters or CrfParameters()
    lookup(dict.fromkeys(BACKENDS), backend, "backend")
    colour = _colour(image)
    _require_probability(probability)
    require_same_shape({"probability": probability, "image": colour[:, :, 0]})
    if (frozen is None) != (labels is None):
        raise ValueError(problem("frozen", "come with `labels`", "one of the two", "Pass both or neither."))
    if backend == "permutohedral":
        return permutohedral_mean_field(probability, _rgb(image), parameters=parameters, frozen=frozen, labels=labels)
    messages = exact_messages(colour, parameters) if backend == "exact" else window_messages(colour, parameters, radius=radius)
    return mean_field(probability, messages, parameters=parameters, frozen=frozen, labels=labels)


def mean_field(
    probability: np.ndarray,
    messages: Messages,
    *,
    parameters: CrfParameters,
    frozen: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """``parameters.iterations`` parallel mean-field steps from the network's own probabilities.

    With two labels and Potts costs a step is Q = sigmoid(logit P + sum of weights times (2 Q - 1) of the other pixels).
    """
    sure = np.clip(probability.astype(float), parameters.clip, 1 - parameters.clip)
    own = np.log(sure / (1 - sure))
    belief = sure if frozen is None or labels is None else np.where(frozen, labels, sure)
    for _ in range(parameters.iterations):
        updated = expit(own + messages(2 * belief - 1))
        belief = updated if frozen is None or labels is None else np.where(frozen, labels, updated)
    return belief


def _colour(image: np.ndarray) -> np.ndarray:
    """(rows, columns, channels) float32 with the distances of RGB; grey gives one channel, sqrt(3) times as bright."""
    if image.ndim == 3 and image.shape[2] == 3:
        return image.astype(np.float32)
    require_plane("image", image)
    return np.float32(np.sqrt(3)) * image.astype(np.float32)[:, :, None]


def _rgb(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)


def _require_probability(probability: np.ndarray) -> None:
    require_plane("probability", probability)
    if probability.min() < 0 or probability.max() > 1:
        got = f"{probability.min()}..{probability.max()}"
        raise ValueError(problem("probability", "lie in 0..1", got, "Pass probabilities, not logits."))
