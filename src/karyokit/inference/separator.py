"""Foreground, border and overlap maps of a whole picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image
from scipy.special import expit, softmax

from karyokit.checks import problem, require_plane
from karyokit.inference.registry import Card, Model
from karyokit.inference.tiling import run_plane

SAME_SCALE = 1.6
"""Ratio of chromosome widths up to which a picture is not resized: the networks are trained for 0.75 to 1.35 times their
width, and a cell's width can be measured to about 30 %."""


@dataclass(frozen=True, eq=False)
class Maps:
    """Probabilities in 0..1, each (rows, columns) float32, of the picture's size.

    ``foreground``: some chromosome lies here; ``border``: the line between touching chromosomes; ``overlap``: two or
    more chromosomes lie here. ``affinities`` holds, for (down, right) steps in pixels of the picture, the log odds that a
    pixel and the one a step away lie on the same chromosome; empty for models that do not give them.
    """

    foreground: np.ndarray
    border: np.ndarray
    overlap: np.ndarray
    affinities: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)


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
    raw = run_plane(lambda part: model.run(fed(part, model.card))[0][0], plane, multiple=model.card.multiple)
    if raw.shape[0] != len(names):
        got = f"{raw.shape[0]} output channels for {names}"
        raise ValueError(problem("model", "have one channel for each name in its card", got, "Correct `outputs` in the card."))
    plain = [place for place, name in enumerate(names) if step_of(name) is None]
    channels = [resize_plane(channel, shape) for channel in probabilities(raw[plain], model.card)]
    maps = maps_of(dict(zip((names[place] for place in plain), channels, strict=True)))
    return replace(maps, affinities=_affinities(raw, names, shape))


def step_of(name: str) -> tuple[int, int] | None:
    """The (down, right) step of a channel of affinities, None for any other channel.

    >>> step_of("affinity_6_-14"), step_of("overlap")
    ((6, -14), None)
    """
    found = re.fullmatch(r"affinity_(-?\d+)_(-?\d+)", name)
    return (int(found[1]), int(found[2])) if found else None


def _affinities(raw: np.ndarray, names: Sequence[str], shape: tuple[int, int]) -> dict[tuple[int, int], np.ndarray]:
    """Log odds of the channels of affinities, with steps as long as they are in a picture of ``shape``."""
    steps = {place: step for place, name in enumerate(names) if (step := step_of(name))}
    down, right = shape[0] / raw.shape[1], shape[1] / raw.shape[2]
    return {(round(step[0] * down), round(step[1] * right)): resize_plane(raw[place], shape) for place, step in steps.items()}


def fed(plane: np.ndarray, card: Card) -> np.ndarray:
    """(1, inputs, rows, columns) float32: a density picture as the card says that the model wants it."""
    scaled = plane[None, None] * np.float32(card.gain) + np.float32(card.offset)
    return np.repeat(scaled, card.inputs, axis=1)


def probabilities(raw: np.ndarray, card: Card) -> np.ndarray:
    """(channels, rows, columns) in 0..1 of the model's raw output."""
    if not card.logits:
        return raw.clip(0, 1)
    return expit(raw) if card.activation == "sigmoid" else softmax(raw, axis=0)


def maps_of(channels: dict[str, np.ndarray]) -> Maps:
    """The three maps of named channels; foreground is all that is not ``background`` where it is not given itself, a missing border 0.

    >>> maps_of({"background": np.array([[0.75]]), "overlap": np.array([[0.125]])}).foreground.tolist()
    [[0.25]]
    """
    kept = {name: channel.clip(0, 1) for name, channel in channels.items()}
    foreground = kept["foreground"] if "foreground" in kept else 1 - kept["background"]
    return Maps(foreground, kept.get("border", np.zeros_like(foreground)), kept["overlap"])


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
    names = set(model.card.outputs)
    if model.card.task != "separation" or "overlap" not in names or not names & {"foreground", "background"}:
        got = f"{model.card.name!r} ({model.card.task}, outputs {list(model.card.outputs)})"
        raise ValueError(problem("model", "give foreground (or background) and overlap", got, "Pick a separation model."))
    return model.card.outputs
