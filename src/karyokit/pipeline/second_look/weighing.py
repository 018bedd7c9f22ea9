"""How likely a proposal is better than what it replaces: logistic models of signs, one for each way.

Most proposals come to nothing, and measuring their regions is most of the work; a glance, a model of the early signs alone,
tells which are worth it. Fitted on cells that the separation networks have not seen (``benchmarks/fit_second_look.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import logit

from karyokit.pipeline.second_look.objects import SeenObjects
from karyokit.reconstruction.proposals import Proposal
from karyokit.staining import seen_as

SIGNS = (
    "mean score",
    "least score",
    "joined",
    "no chromosome",
    "entropy before",
    "entropy after",
    "highest entropy after",
    "sureness before",
    "sureness after",
    "misfit before",
    "misfit after",
    "worst misfit after",
    "less odd width",
    "less long",
    "less beside",
    "less faint",
    "less cut",
    "short after",
    "held together",
    "fewer than usual",
    "copies lacking before",
    "copies lacking after",
)
"""Names of all signs."""
EARLY_SIGNS = (
    "mean score",
    "least score",
    "joined",
    "no chromosome",
    "entropy before",
    "sureness before",
    "misfit before",
    "held together",
    "fewer than usual",
    "copies lacking before",
)
"""Those known before the regions of a proposal are measured, in the order of ``early_signs``."""
USUAL_COUNT, MOST_OFF = 46, 4
LONG, SHORT = 0.45, 0.5
"""Logarithms of the ratio to the cell's median length above and below which a chromosome is long or short."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """A proposal with its signs, and the log odds that it is better than what it replaces."""

    proposal: Proposal
    signs: Mapping[str, float]
    log_odds: float


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a whole cell of n chromosomes.

    ``scores`` (n,), ``kinds`` (n names of ``karyotype.evidence.KINDS``), ``classes`` (n, 24) probabilities with sizes heard;
    ``length`` and ``width`` are their medians in pixels.
    """

    scores: np.ndarray
    kinds: Sequence[str]
    classes: np.ndarray
    length: float
    width: float

    def lacking(self, without: Sequence[int]) -> np.ndarray:
        """(24,) copies of each class that a normal cell has more, -1 to 1, once some chromosomes are taken out."""
        counts = [kind == "chromosome" and index not in without for index, kind in enumerate(self.kinds)]
        usual = np.array([2.0] * 23 + [1.0])
        return np.clip(usual - self.classes[counts].sum(axis=0), -1, 1)


class WayWeights(BaseModel):
    """Weights of one way: log odds = intercept + sum of weight * sign."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    intercept: float
    signs: dict[str, float]

    def log_odds(self, signs: Mapping[str, float]) -> float:
        """Of one proposal with these signs by name, at least those that have a weight."""
        return self.intercept + sum(weight * signs[name] for name, weight in self.signs.items())


@dataclass(frozen=True)
class StainLook:
    """The fields of ``SecondLook`` of one stain."""

    take_from: Mapping[str, float]
    measure_from: float
    weights: Mapping[str, WayWeights]
    glances: Mapping[str, WayWeights]

    def worth_measuring(self, way: str, early: Mapping[str, float]) -> bool:
        """Whether a proposal with these early signs may well be better than what it replaces; yes for ways without a glance."""
        glance = self.glances.get(way)
        return glance is None or glance.log_odds(early) >= self.measure_from


class SecondLook(BaseModel):
    """For each stain the weights of each way, the log odds from which its proposals are taken, and the command that fitted them.

    ``glances`` are weights of the early signs for the ways that have many proposals, ``measure_from`` the log odds of the glance
    from which the regions of a proposal are measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    command: str
    take_from: dict[str, dict[str, float]]
    measure_from: dict[str, float]
    weights: dict[str, dict[str, WayWeights]]
    glances: dict[str, dict[str, WayWeights]]

    def for_stain(self, stain: str) -> StainLook:
        """What of this serves a stain."""
        own = seen_as(stain)
        return StainLook(self.take_from[own], self.measure_from[own], self.weights[own], self.glances[own])


@cache
def fitted() -> SecondLook:
    """The shipped weights."""
    return SecondLook.model_validate_json((files("karyokit.pipeline.second_look") / "weights.json").read_text(encoding="utf-8"))


def early_signs(proposal: Proposal, known: Known, before: SeenObjects, together: float) -> dict[str, float]:
    """Values of ``EARLY_SIGNS`` of a proposal; ``before`` are the chromosomes it replaces.

    ``together`` are the mean log odds that the two parts in question are one chromosome, 0 where there are none.
    """
    gone = proposal.replaces
    odds = logit(np.clip(known.scores[list(gone)], 0.02, 0.98))
    kinds = {known.kinds[index] for index in gone}
    values = (
        odds.mean(),
        odds.min(),
        "joined" in kinds,
        "no chromosome" in kinds,
        before.entropy.mean(),
        before.classes.max(axis=1).max(),
        before.misfit.mean(),
        np.sign(len(gone) - len(proposal.regions)) * together,
        np.clip(USUAL_COUNT - len(known.kinds), -MOST_OFF, MOST_OFF),
        (before.classes @ known.lacking(gone)).sum(),
    )
    return dict(zip(EARLY_SIGNS, map(float, values), strict=True))


def late_signs(proposal: Proposal, known: Known, before: SeenObjects, after: SeenObjects) -> dict[str, float]:
    """Values of the other signs of a proposal; ``after`` are its regions."""
    less = _worst_shape(before, known) - _worst_shape(after, known)
    return {
        "entropy after": _or_zero(np.mean, after.entropy),
        "highest entropy after": _or_zero(np.max, after.entropy),
        "sureness after": _or_zero(np.min, after.classes.max(axis=1)),
        "misfit after": _or_zero(np.mean, after.misfit),
        "worst misfit after": _or_zero(np.max, after.misfit),
        **dict(zip(("less odd width", "less long", "less beside", "less faint", "less cut"), less.tolist(), strict=True)),
        "short after": _or_zero(np.max, np.array([max(np.log(known.length / one.length) - SHORT, 0.0) for one in after.shapes])),
        "copies lacking after": float((after.classes @ known.lacking(proposal.replaces)).sum()),
    }


def _or_zero(of: Callable[[np.ndarray], float], values: np.ndarray) -> float:
    """A figure of some values, 0 where there are none."""
    return float(of(values)) if values.size else 0.0


def _worst_shape(seen: SeenObjects, known: Known) -> np.ndarray:
    """(5,) oddness of width, excess of length, what lies beside the axis, faintness and cut of the worst of some regions."""
    rows = [
        (abs(np.log(one.width / known.width)), max(np.log(one.length / known.length) - LONG, 0.0), one.beside, one.faint, one.cut)
        for one in seen.shapes
    ]
    return np.array(rows).max(axis=0) if rows else np.zeros(5)
