"""How each task's network is exported: its outputs by name, the size of an example, and how the main job must feed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PAIR_GREY = 57.0
"""Median grey value, over pictures, of a chromosome outside the overlap in the Pommier set: what density 1 looks like there."""
PAIR_WIDTH = 13.0
"""Median chromosome width in pixels in the Pommier set."""
CHROMSEG_WHITE, CHROMSEG_DEPTH = 1.0, -200 / 255
"""ChromSeg's crops are dark on white, (x / 255 - 0.5) / 0.5 of grey values 255 - 100 * density: 1 for white, this much more per density."""


MAPS = ("foreground", "border", "overlap")


def _as_density(settings: dict[str, Any]) -> dict[str, Any]:
    """Nothing to change about the input; affinities, where there are any, are named after their steps."""
    steps = settings.get("affinity_steps", ())
    return {"outputs": (*MAPS, *(f"affinity_{down}_{right}" for down, right in steps))}


def _as_it_is(settings: dict[str, Any]) -> dict[str, Any]:
    del settings
    return {}


def _as_pair(settings: dict[str, Any]) -> dict[str, Any]:
    """Density becomes the grey value a chromosome of the pairs set has, in the range the network was trained on."""
    gain = PAIR_GREY / 255 if settings.get("value_range", "unit") == "unit" else PAIR_GREY
    fed = {"gain": gain, "inputs": settings.get("inputs", 1), "width_px": PAIR_WIDTH}
    return fed | ({"logits": False} if settings.get("activation") == "none" else {})


def _as_crop(settings: dict[str, Any]) -> dict[str, Any]:
    return {"gain": CHROMSEG_DEPTH, "offset": CHROMSEG_WHITE, "inputs": settings.get("inputs", 3)}


@dataclass(frozen=True)
class Form:
    """``outputs`` as in a card, ``example`` (rows, columns) of the export, ``feeding`` of the task's settings: values of the card."""

    outputs: tuple[str, ...]
    example: tuple[int, int] = (192, 128)
    classifies: bool = False
    activation: str = "sigmoid"
    feeding: Callable[[dict[str, Any]], dict[str, Any]] = _as_density


_PAIRS = Form(("background", "alpha", "beta", "overlap"), activation="softmax", feeding=_as_pair)

FORMS: dict[str, Form] = {
    "separation": Form(MAPS),
    "classification": Form(("classes", "polarity"), example=(128, 32), classifies=True, feeding=_as_it_is),
    "pairs": _PAIRS,
    "adversarial": _PAIRS,
    "clusters": Form(("foreground", "overlap"), feeding=_as_crop),
}
"""Tasks whose networks can be exported."""
