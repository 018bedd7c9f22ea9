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

SCALES: dict[str, dict[Kind, Reduction]] = {
    "paper": {
        "pairs": Reduction("the paper's widths, epochs and whole set", _WHOLE | {"schedule": "constant"}),
        "clusters": Reduction("the paper's widths, epochs and whole set", _WHOLE | {"schedule": "constant"}),
        "instances": Reduction("the paper's widths, epochs and whole set", {"checkpoint_every": 500, "average": 0.0}),
    },
    "small": {
        "pairs": Reduction(
            "widths 1/8, 1,200 steps of 8 pictures on a cosine, 9,600 training, 128 validation and 500 test pictures, one fold",
            _SHORT | {"steps": 1200, "batch": 8, "validate_every": 400, "checkpoint_every": 100},
            {"limits": (9600, 128, 500)},
            width_mult=0.125,
            folds=1,
        ),
        "clusters": Reduction(
            "widths 1/8, 600 steps of 4 pictures on a cosine from a learning rate of 2e-3",
            _SHORT | {"steps": 600, "batch": 4, "learning_rate": 2e-3, "validate_every": 100, "checkpoint_every": 50},
            width_mult=0.125,
            folds=1,
        ),
        "instances": Reduction(
            "widths 1/4, 300 steps of 1 crop of 320 pixels on a cosine, 24 training, 2 validation and 6 test cells",
            _SHORT | {"steps": 300, "batch": 1, "warmup": 50, "validate_every": 150, "checkpoint_every": 50},
            {
                "train": [{"name": "mfish", "options": {"limit": 24}}],
                "validate_on": {"name": "mfish", "options": {"limit": 2}},
                "test_on": {"name": "mfish", "options": {"limit": 6}},
                "crop": {"side": 320, "magnify": 2.0},
            },
            width_mult=0.25,
            folds=1,
        ),
    },
    "medium": {
        "pairs": Reduction(
            "widths 1/8, 8,000 steps of 8 pictures on a cosine, all training, 256 validation and 1,000 test pictures, one fold",
            _SHORT | {"steps": 8000, "batch": 8, "validate_every": 2000, "checkpoint_every": 250},
            {"limits": (0, 256, 1000)},
            width_mult=0.125,
            folds=1,
        ),
        "clusters": Reduction(
            "widths 1/8, 3,000 steps of 4 pictures on a cosine from a learning rate of 2e-3",
            _SHORT | {"steps": 3000, "batch": 4, "learning_rate": 2e-3, "validate_every": 500, "checkpoint_every": 250},
            width_mult=0.125,
            folds=1,
        ),
        "instances": Reduction(
            "widths 1/4, 1,500 steps of 1 crop of 320 pixels on a cosine, 60 training, 2 validation and 12 test cells",
            _SHORT | {"steps": 1500, "batch": 1, "warmup": 50, "validate_every": 500, "checkpoint_every": 50},
            {
                "train": [{"name": "mfish", "options": {"limit": 60}}],
                "validate_on": {"name": "mfish", "options": {"limit": 2}},
                "test_on": {"name": "mfish", "options": {"limit": 12}},
                "crop": {"side": 320, "magnify": 2.0},
            },
            width_mult=0.25,
            folds=1,
        ),
    },
}
"""What the scale ``paper`` sets itself are choices the papers leave open; a table's or a row's values win over these."""

FIRM = {"small", "medium"}
"""Scales whose values win over the tables'; the others' fill in what tables leave open."""
