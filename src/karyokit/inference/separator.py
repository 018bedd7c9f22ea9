"""Foreground, border and overlap maps of a whole picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.special import expit

from karyokit.checks import problem, require_plane
from karyokit.inference.registry import Model
from karyokit.inference.tiling import run_plane

SAME_SCALE = 1.6
"""Ratio of chromosome widths up to which a picture is not resized: the networks are trained for 0.75 to 1.35 times their
width, and a cell's width can be measured to about 30 %."""


@dataclass(frozen=True, eq=False)
class Maps:
    """Probabilities in 0..1, each (rows, columns) float32, of the picture's size.

    ``foreground``: some chromosome lies here; ``border``: the line between touching chromosomes; ``overlap``: two or
    more chromosomes lie here.
    """

    foreground: np.ndarray
    border: np.ndarray
    overlap: np.ndarray


def separation_maps(model: Model, density: np.ndarray, width_px: float) -> Maps:
    """Maps of a (rows, columns) density picture (background 0, a typical chromosome about 1).

    ``width_px`` is the chromosome width in the picture; when its ratio to the width in the model's card is
    beyond ``SAME_SCALE``, the picture is resized for the model and the maps are resized back.
    """
    require_plane("density", density)
    names = _channels(model)
    if not np.isfinite(width_px) or width_px <= 0:
        raise ValueError(problem("width_px", "be a positive number of pixels", width_px, "Pass `chromosome_width(density)`."))
    shape = density.shape[0], density.shape[1]
    plane = resize_plane(density, model_shape(shape, width_px, model.card.width_px))
    raw = run_plane(lambda part: model.run(part[None, None])[0][0], plane, multiple=model.card.multiple)
    if raw.shape[0] != len(names):
        got = f"{raw.shape[0]} output channels for {names}"
        raise ValueError(problem("model", "have one channel for each name in its card", got, "Correct `outputs` in the card."))
    probabilities = expit(raw) if model.card.logits else raw
    channels = {name: resize_plane(probabilities[place], shape).clip(0, 1) for place, name in enumerate(names)}
    return Maps(channels["foreground"], channels["border"], channels["overlap"])


def model_shape(shape: tuple[int, int], width_px: float, model_width: float | None) -> tuple[int, int]:
    """(rows, columns) at which the model sees a picture of ``shape``.

    >>> model_shape((100, 200), 20.0, 10.0), model_shape((100, 200), 11.0, 10.0)
    ((50, 100), (100, 200))
    """
    scale = (model_width or width_px) / width_px
    if 1 / SAME_SCALE <= scale <= SAME_SCALE:
        return shape
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def resize_plane(plane: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Bilinear resize to ``shape`` (rows, columns), averaging where it shrinks; float32; unchanged where shapes agree."""
    plane = plane.astype(np.float32, copy=False)
    if plane.shape == shape:
        return plane
    return np.asarray(Image.fromarray(plane).resize((shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.float32)


def _channels(model: Model) -> tuple[str, ...]:
    missing = {"foreground", "border", "overlap"} - set(model.card.outputs)
    if model.card.task != "separation" or missing:
        got = f"{model.card.name!r} ({model.card.task}, outputs {list(model.card.outputs)})"
        raise ValueError(problem("model", "give foreground, border and overlap", got, "Pick a separation model."))
    return model.card.outputs
