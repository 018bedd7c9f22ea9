"""How much of a paper's protocol is run: ``paper``, all of it, or a stated reduction for CPU cores: ``small`` or, longer, ``medium``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from karyokit.reproduction.protocol import Kind


@dataclass(frozen=True)
class Reduction:
    """What a scale changes for one kind of system.

    ``training`` and ``settings`` win over the tables'; where they give ``steps``, epochs and early stopping are dropped. ``width_mult``
    multiplies every width of a network that has the option; ``folds`` is the number of folds run, 0 for the table's. ``about`` says it in
    words for whoever reads the figures.
    """

    about: str
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    width_mult: float = 1.0
    folds: int = 0


_WHOLE = {"precision": "bfloat16", "checkpoint_every": 2000, "warmup": 0, "gradient_clip": 0.0, "average": 0.0}
_SHORT = {"precision": "bfloat16", "schedule": "cosine", "warmup": 10, "patience": 0, "gradient_clip": 5.0, "average": 0.0}


def _on_cores(
    pairs: int, clusters: int, instances: int, *, limits: tuple[int, int, int], cells: tuple[int, int, int]
) -> dict[Kind, Reduction]:
    """A reduction for CPU cores: steps of each kind; pairs in training (0: all), validation and test, and cells for instances."""
    train, val, test = limits
    shown = {"train": [{"name": "mfish", "options": {"limit": cells[0]}}], "crop": {"side": 320, "magnify": 2.0}}
    held = {key: {"name": "mfish", "options": {"limit": count}} for key, count in (("validate_on", cells[1]), ("test_on", cells[2]))}
    return {
        "pairs": Reduction(
            f"widths 1/8, {pairs:,} steps of 8 pictures on a cosine, {f'{train:,}' if train else 'all'} training, {val:,} validation and"
            f" {test:,} test pictures, one fold",
            _SHORT | {"steps": pairs, "batch": 8, "validate_every": min(pairs // 3, 2000), "checkpoint_every": 100},
            {"limits": limits},
            width_mult=0.125,
            folds=1,
        ),
        "clusters": Reduction(
            f"widths 1/8, {clusters:,} steps of 4 pictures on a cosine from a learning rate of 2e-3",
            _SHORT | {"steps": clusters, "batch": 4, "learning_rate": 2e-3, "validate_every": clusters // 6, "checkpoint_every": 50},
            width_mult=0.125,
            folds=1,
        ),
        "instances": Reduction(
            f"widths 1/4, {instances:,} steps of 1 crop of 320 pixels on a cosine, {cells[0]} training, {cells[1]} validation and"
            f" {cells[2]} test cells",
            _SHORT | {"steps": instances, "batch": 1, "warmup": 50, "validate_every": instances // 2, "checkpoint_every": 50},
            {**shown, **held},
            width_mult=0.25,
            folds=1,
        ),
    }


SCALES: dict[str, dict[Kind, Reduction]] = {
    "paper": {
        "pairs": Reduction("the paper's widths, epochs and whole set", _WHOLE | {"schedule": "constant"}),
        "clusters": Reduction("the paper's widths, epochs and whole set", _WHOLE | {"schedule": "constant"}),
        "instances": Reduction("the paper's widths, epochs and whole set", {"checkpoint_every": 500, "average": 0.0}),
    },
    "small": _on_cores(1200, 600, 300, limits=(9600, 128, 500), cells=(24, 2, 6)),
    "medium": _on_cores(8000, 3000, 1500, limits=(0, 256, 1000), cells=(60, 2, 12)),
}
"""What the scale ``paper`` sets itself are choices the papers leave open; a table's or a row's values win over these."""

FIRM = {"small", "medium"}
"""Scales whose values win over the tables'; the others' fill in what tables leave open."""
