"""Which karyotype a cell has, how sure that is, and what speaks for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import softmax

from karyokit.checks import problem
from karyokit.chromosomes import CLASS_NAMES
from karyokit.karyotype.belief import Beliefs, Explanations, share_copies
from karyokit.karyotype.copies import MOST_COPIES, Copies, iscn_of, likeliest, log_usual, seen_weights
from karyokit.karyotype.explanations import CellObjects, explain_objects

_ROUGH_CHANGE, _LEAST = 0.02, 1e-12
SURE = 0.9
"""Probability of a karyotype below which the cell is marked for a check by eye."""
CANDIDATES = 12
"""Karyotypes weighed against one another in each cell."""
_SINGLE, _JOINED, _OTHER = "chromosome", "joined", "no chromosome"
KINDS = (_SINGLE, _JOINED, _OTHER)


@dataclass(frozen=True)
class Alternative:
    """A karyotype that a cell may have: its copies of the 24 classes, its ISCN string, and its probability.

    ``log_likelihood`` is what the objects alone say, in a unit of the cell.
    """

    copies: Copies
    iscn: str
    probability: float
    log_likelihood: float


@dataclass(frozen=True, eq=False)
class KaryotypeEvidence:
    """What a cell's n objects say about its karyotype.

    ``alternatives``: karyotypes, the most probable first, probabilities summing to 1. ``categories`` (n,) 1..24, or 0 for
    an object that is rather none or two chromosomes; ``kinds`` (n,) names of ``KINDS``; ``right`` (n,) the probability that
    category (for a chromosome) or kind (for the others) is right, over all alternatives.
    """

    alternatives: tuple[Alternative, ...]
    categories: np.ndarray
    kinds: tuple[str, ...]
    right: np.ndarray

    @property
    def best(self) -> Alternative:
        """The proposed karyotype."""
        return self.alternatives[0]

    @property
    def sure(self) -> bool:
        """Whether the proposed karyotype is likely enough to be taken without a check by eye."""
        return self.best.probability >= SURE

    @property
    def runner_up(self) -> Alternative:
        """The second most probable karyotype."""
        return self.alternatives[1]

    def sentences(self) -> tuple[str, ...]:
        """The proposal with its probability and the runner-up; and each object that counts for no or for two chromosomes."""
        best, second = self.best, self.runner_up
        doubt = "" if self.sure else "; to be checked"
        first = f"karyotype {best.iscn} with probability {best.probability:.2f}, next {second.iscn} with {second.probability:.2f}{doubt}"
        words = {_JOINED: "rather two joined chromosomes", _OTHER: "rather no whole chromosome"}
        doubted = [(index, kind) for index, kind in enumerate(self.kinds) if kind in words]
        return (first, *(f"chromosome {index + 1}: {words[kind]} ({self.right[index]:.2f})" for index, kind in doubted))

    def probability_of(self, category: int, copies: int) -> float:
        """Probability that the class ``category`` (1..24) has this many copies."""
        return float(sum(one.probability for one in self.alternatives if one.copies[category - 1] == copies))


def weigh_karyotypes(objects: CellObjects) -> KaryotypeEvidence:
    """The karyotypes a cell may have, from everything known of its objects.

    Each object is one chromosome, two joined ones, or none, and each chromosome is seen in one object or missed; the
    weights of all ways together give the probability of each karyotype (Bayes' rule with `copies.log_usual`). Raises
    ``ValueError`` for an empty cell and for arrays that do not fit together.
    """
    _require_fitting(objects)
    explanations = explain_objects(objects)
    candidates, messages = _candidates(explanations)
    beliefs = share_copies(explanations, _seen(candidates), start=messages)
    posterior = softmax(beliefs.log_weights + np.array([log_usual(copies) for copies in candidates]))
    order = np.argsort(-posterior, kind="stable")
    alternatives = tuple(
        Alternative(candidates[k], iscn_of(candidates[k]), float(posterior[k]), float(beliefs.log_weights[k])) for k in order
    )
    categories = _categories(beliefs, int(order[0]), candidates[order[0]])
    return KaryotypeEvidence(alternatives, *_judged(beliefs, posterior, categories))


def log_likelihoods(objects: CellObjects, karyotypes: Sequence[Copies]) -> np.ndarray:
    """What the objects of a cell say for each of some karyotypes, in the unit of `Alternative.log_likelihood`."""
    _require_fitting(objects)
    return share_copies(explain_objects(objects), _seen(karyotypes)).log_weights if karyotypes else np.zeros(0)


def _seen(karyotypes: Sequence[Copies]) -> np.ndarray:
    """Weights of the numbers of copies seen under each karyotype."""
    most = max(max(copies) for copies in karyotypes)
    return np.stack([seen_weights()[list(copies), : most + 1] for copies in karyotypes])


def _require_fitting(objects: CellObjects) -> None:
    count = len(objects.probabilities)
    sizes = count if objects.areas is None else len(objects.areas)
    if not count:
        raise ValueError(problem("objects", "hold at least one object", "none", "A cell without objects has no karyotype."))
    if objects.probabilities.shape[1:] != (len(CLASS_NAMES),) or {sizes, len(objects.scores), len(objects.certain)} != {count}:
        raise ValueError(problem("objects", "have one row of 24 probabilities, area and score each", objects.probabilities.shape, "Check."))


def _candidates(explanations: Explanations) -> tuple[list[Copies], np.ndarray]:
    """The likeliest karyotypes where each class's number of copies is weighed for itself, and the two normal ones.

    With the messages that went with them, to start from.
    """
    messages = np.ones((2, 1, len(explanations.other), len(CLASS_NAMES)))
    normal = (2,) * 22
    found: dict[Copies, None] = {(*normal, 2, 0): None, (*normal, 1, 1): None}
    for ploidy in sorted({2, max(1, round(len(explanations.other) / 23))}):
        rates = _rough_rates(ploidy)
        seen = (rates[:, :, None] * seen_weights()).sum(axis=1)
        beliefs = share_copies(explanations, seen[None], start=messages)
        messages = beliefs.messages
        shares = rates * (beliefs.counts[:, 0].T @ seen_weights().T)
        found.update(dict.fromkeys(likeliest(shares / shares.sum(axis=1, keepdims=True), CANDIDATES)))
    return list(found), messages


def _rough_rates(ploidy: int) -> np.ndarray:
    """(24, copies) how often a class has 0, 1 .. copies in a cell of ``ploidy`` sets, each copy off the usual being rare."""
    copies = np.arange(MOST_COPIES + 1)
    usual = [(ploidy, ploidy)] * 22 + [((ploidy + 1) // 2, ploidy), (0, ploidy // 2)]
    away = np.array([np.maximum(np.maximum(low - copies, copies - high), 0) for low, high in usual])
    rates = _ROUGH_CHANGE**away
    return rates / rates.sum(axis=1, keepdims=True)


def _categories(beliefs: Beliefs, chosen: int, copies: Copies) -> np.ndarray:
    """(n,) classes 1..24 that fit the copies of the karyotype ``chosen``, 0 for objects that are rather not one chromosome."""
    single, apart = beliefs.single[chosen], beliefs.joined[chosen] + beliefs.other[chosen]
    places = np.repeat(np.arange(len(copies)), copies)
    none = np.repeat(apart[:, None], len(apart), axis=1)
    rows, columns = linear_sum_assignment(-np.log(np.maximum(np.hstack([single[:, places], none]), _LEAST)))
    categories = np.zeros(len(apart), int)
    placed = columns < len(places)
    categories[rows[placed]] = places[columns[placed]] + 1
    return categories


def _judged(beliefs: Beliefs, posterior: np.ndarray, categories: np.ndarray) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Categories, kinds of the objects, and how probably they are right over all karyotypes."""
    single, joined, other = (np.tensordot(posterior, one, axes=1) for one in (beliefs.single, beliefs.joined, beliefs.other))
    kinds = np.where(categories > 0, 0, np.where(joined > other, 1, 2))
    index = np.arange(len(categories))
    right = np.select([kinds == 0, kinds == 1], [single[index, categories - 1], joined], other)
    return categories, tuple(KINDS[kind] for kind in kinds), right
