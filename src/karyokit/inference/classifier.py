"""Class probabilities and polarity of pictures of single chromosomes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, softmax

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.inference.registry import Model

CHUNK = 64
"""Pictures run at once, which bounds the memory."""
SURE = 3.0
"""Lead of a picture's likeliest class over the next, and size of its polarity, in logits, from which one look is enough."""
CLASSES = len(CLASS_NAMES)

Run = Callable[[np.ndarray], np.ndarray]
"""A network: pictures (n, 1, rows, columns) float32 -> logits (n, 25), 24 classes and the polarity."""


def classify_pictures(model: Model, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, 24) of the classes 1..22, X, Y and the probability (n,) that the p arm points up.

    ``batch`` is (n, 1, rows, columns) float32 of upright chromosomes, in the size the model's card names. Pictures that leave the
    network in doubt are read in four ways (`considered_logits`); class logits are divided by the card's temperature. An empty
    batch gives (0, 24) and (0,).
    """
    if model.card.task != "classification":
        raise ValueError(problem("model", "be a classification model", repr(model.card.name), "Pick one from `list_models()`."))
    size = model.card.input_rows, model.card.input_columns
    fits = batch.ndim == 4 and batch.shape[1] == 1 and all(want in (None, side) for want, side in zip(size, batch.shape[2:], strict=True))
    if not fits:
        must = f"have shape (n, 1, {size[0] or 'rows'}, {size[1] or 'columns'})"
        raise ValueError(problem("batch", must, batch.shape, "Bring the chromosome pictures to that size."))
    logits = considered_logits(lambda pictures: np.concatenate(model.run(pictures), axis=1), batch)
    return softmax(logits[:, :CLASSES] / model.card.temperature, axis=1).astype(np.float32), expit(logits[:, CLASSES])


def considered_logits(run: Run, batch: np.ndarray) -> np.ndarray:
    """(n, 25) float64 logits of (n, 1, rows, columns) pictures; where one look leaves doubt, the mean of four.

    The further looks are at the picture mirrored left to right, turned upside down, and both; upside down the polarity changes sign.
    """
    logits = _in_chunks(run, batch)
    lead = np.diff(np.sort(logits[:, :CLASSES], axis=1)[:, -2:], axis=1)[:, 0]
    doubtful = np.flatnonzero((lead < SURE) | (np.abs(logits[:, CLASSES]) < SURE))
    again = batch[doubtful]
    for view, sign in ((again[..., ::-1], 1), (again[:, :, ::-1], -1), (again[:, :, ::-1, ::-1], -1)):
        logits[doubtful] += _in_chunks(run, view) * np.append(np.ones(CLASSES), sign)
    logits[doubtful] /= 4
    return logits


def _in_chunks(run: Run, batch: np.ndarray) -> np.ndarray:
    """(n, 25) float64 logits, a bounded number of pictures at a time."""
    chunks = [run(np.ascontiguousarray(batch[start : start + CHUNK])) for start in range(0, len(batch), CHUNK)]
    return np.concatenate([np.zeros((0, CLASSES + 1)), *chunks]).astype(np.float64)
