"""The calibrated probability that a chromosome is one whole, rightly separated chromosome, and what speaks against it.

A logistic model of the signs. Its weights are 0 or more, so that every sign can only add doubt and each doubt can be
named. A second model adds the signs of the classes to the first one's answer where chromosomes are named. Weights and what
is usual were fitted on cells that the networks have not seen (``benchmarks/fit_confidence.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import expit, logit

from karyokit.reconstruction.confidence.signs import Signs

SEPARATION_WORDS: dict[str, str] = {
    "pieces": "lies in pieces",
    "wide": "wider than the others",
    "narrow": "narrower than the others",
    "long": "as long as two",
    "large": "as large as two",
    "short": "short, perhaps a fragment",
    "beside": "forked, or something lies beside its axis",
    "rivalled": "another way to join its arms is nearly as likely",
    "faint": "hardly seen in places",
    "cut": "may be two joined ones",
    "pull": "may be one with a neighbour",
    "crowded": "lies close against neighbours",
    "edge": "cut by the edge of the picture",
    "dense": "denser than the others",
    "pale": "paler than the others",
}
"""Signs seen before chromosomes are named, and each as a doubt in words."""

CLASS_WORDS: dict[str, str] = {
    "unlike": "looks like no class",
    "unlikely": "class unlikely by its bands",
    "nameless": "does not count as one chromosome",
    "large_for_class": "large for its class",
    "small_for_class": "small for its class",
}
"""Signs seen once chromosomes are named."""

MOST_DOUBTS = 3
SUREST = 0.999
"""Score up to which a first answer counts when the classes are heard, too."""


class Weight(BaseModel):
    """Weight of a sign, 0 or more, and the value that 5 in 100 rightly separated chromosomes exceed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    weight: float
    usual: float


class Weights(BaseModel):
    """A logistic model: log odds of being wrong = intercept + before * log odds said before + sum of weight * sign."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    intercept: float
    before: float = 0.0
    signs: dict[str, Weight]

    def contributions(self, signs: Signs) -> np.ndarray:
        """(signs, n) what each sign adds to the log odds of each chromosome being wrong."""
        return np.stack([one.weight * signs[name] for name, one in self.signs.items()])


class Confidence(BaseModel):
    """Both models, the score below which a chromosome is doubtful, and the command that fitted them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    command: str
    doubtful_below: float
    separation: Weights
    classes: Weights


@cache
def fitted() -> Confidence:
    """The shipped weights."""
    return Confidence.model_validate_json((files("karyokit.reconstruction.confidence") / "weights.json").read_text(encoding="utf-8"))


def scores(signs: Signs, weights: Weights, before: Sequence[float] | None = None) -> np.ndarray:
    """(n,) probability that each chromosome is rightly separated; ``before`` are scores of a first model."""
    odds = weights.intercept + weights.contributions(signs).sum(axis=0)
    if before is not None:
        odds = odds - weights.before * logit(np.clip(before, 1 - SUREST, SUREST))
    right: np.ndarray = expit(-odds)
    return right


def doubts(signs: Signs, weights: Weights, words: dict[str, str]) -> list[tuple[str, ...]]:
    """For each chromosome the unusual signs in words, the weightiest first, at most `MOST_DOUBTS`; else the weightiest one."""
    said = weights.contributions(signs)
    unusual = np.stack([signs[name] > one.usual for name, one in weights.signs.items()])
    names = [words[name] for name in weights.signs]
    found = []
    for added, odd in zip(said.T, unusual.T, strict=True):
        order = [index for index in np.argsort(-added, kind="stable") if odd[index] and added[index] > 0] or [int(added.argmax())]
        found.append(tuple(names[index] for index in order[:MOST_DOUBTS]))
    return found
