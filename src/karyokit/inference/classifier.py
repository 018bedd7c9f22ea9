"""Class probabilities and polarity of pictures of single chromosomes."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.inference.registry import Model

CHUNK = 64
"""Pictures run at once, which bounds the memory."""


def classify_pictures(model: Model, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, 24) of the classes 1..22, X, Y and the probability (n,) that the p arm points up.

    ``batch`` is (n, 1, rows, columns) float32 of upright chromosomes, in the size the model's card names. Each picture
    is read both ways up: class logits are averaged and divided by the card's temperature, polarity logits
    subtracted. An empty batch gives (0, 24) and (0,).
    """
    if model.card.task != "classification":
        raise ValueError(problem("model", "be a classification model", repr(model.card.name), "Pick one from `list_models()`."))
    size = model.card.input_rows, model.card.input_columns
    fits = batch.ndim == 4 and batch.shape[1] == 1 and all(want in (None, side) for want, side in zip(size, batch.shape[2:], strict=True))
    if not fits:
        must = f"have shape (n, 1, {size[0] or 'rows'}, {size[1] or 'columns'})"
        raise ValueError(problem("batch", must, batch.shape, "Bring the chromosome pictures to that size."))
    if len(batch) == 0:
        return np.zeros((0, len(CLASS_NAMES)), np.float32), np.zeros(0, np.float32)
    upright, turned = _logits(model, batch), _logits(model, batch[:, :, ::-1])
    classes = len(CLASS_NAMES)
    scaled = (upright[:, :classes] + turned[:, :classes]) / (2 * model.card.temperature)
    return softmax(scaled, axis=1).astype(np.float32), expit((upright[:, classes] - turned[:, classes]) / 2)


def _logits(model: Model, batch: np.ndarray) -> np.ndarray:
    """(n, 25) float64 logits, a bounded number of pictures at a time."""
    chunks = [np.concatenate(model.run(batch[start : start + CHUNK]), axis=1) for start in range(0, len(batch), CHUNK)]
    return np.concatenate(chunks).astype(np.float64)
