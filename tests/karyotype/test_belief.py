"""Message passing held against sums over all ways to share the copies."""

from __future__ import annotations

import itertools
from math import factorial

import numpy as np
import pytest

from karyokit.karyotype.belief import Explanations, share_copies

CLASSES, OBJECTS = 3, 4


def drawn(seed: int, sharpness: float = 0.05) -> Explanations:
    rng = np.random.default_rng(seed)
    joined = 0.01 * rng.random((OBJECTS, CLASSES, CLASSES))
    return Explanations(rng.dirichlet([sharpness] * CLASSES, OBJECTS), joined + joined.transpose(0, 2, 1), np.full(OBJECTS, 0.02))


def seen_of(copies: tuple[int, ...]) -> np.ndarray:
    """(classes, 5) weights of seeing s of k copies, each missed in 3 of 100."""
    rows = [[factorial(k) / factorial(k - s) * 0.03 ** (k - s) * 0.97**s if s <= k else 0.0 for s in range(5)] for k in copies]
    return np.array(rows)


def every_way(explanations: Explanations, seen: np.ndarray) -> tuple[float, np.ndarray]:
    """Sum of the weights of all ways, and (objects, classes) probability of being one chromosome of a class."""
    choices: list[tuple[int, ...]] = [(), *((c,) for c in range(CLASSES)), *itertools.combinations_with_replacement(range(CLASSES), 2)]
    total, single = 0.0, np.zeros((OBJECTS, CLASSES))
    for way in itertools.product(choices, repeat=OBJECTS):
        counts = np.bincount([c for choice in way for c in choice], minlength=CLASSES)
        if counts.max() > 4:
            continue
        weight = float(seen[np.arange(CLASSES), counts].prod())
        for index, choice in enumerate(way):
            weight *= {0: lambda i=index: explanations.other[i], 1: lambda i=index, c=choice: explanations.single[i, c[0]]}.get(
                len(choice), lambda i=index, c=choice: explanations.joined[i, c[0], c[1]]
            )()
        total += weight
        for index, choice in enumerate(way):
            if len(choice) == 1:
                single[index, choice[0]] += weight
    return total, single / total


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_near_the_sum_over_all_ways(seed: int) -> None:
    explanations = drawn(seed)
    karyotypes = [(1, 2, 1), (2, 1, 1), (1, 1, 1), (2, 2, 0)]
    beliefs = share_copies(explanations, np.stack([seen_of(copies) for copies in karyotypes]))
    for index, copies in enumerate(karyotypes):
        total, single = every_way(explanations, seen_of(copies))
        assert beliefs.log_weights[index] == pytest.approx(np.log(total), abs=0.7)
        np.testing.assert_allclose(beliefs.single[index], single, atol=0.2)


def test_exact_for_one_object() -> None:
    joined = np.full((1, CLASSES, CLASSES), 0.03)
    explanations = Explanations(np.array([[0.5, 0.3, 0.1]]), joined, np.array([0.07]))
    seen = seen_of((1, 1, 0))
    missed, both = 0.03**2 * 0.07, 0.97**2 * 0.03
    ways = missed + (0.5 + 0.3) * 0.97 * 0.03 + both
    beliefs = share_copies(explanations, seen[None])
    assert beliefs.log_weights[0] == pytest.approx(np.log(ways))
    np.testing.assert_allclose(beliefs.single[0, 0], np.array([0.5, 0.3, 0]) * 0.97 * 0.03 / ways)
    assert beliefs.joined[0, 0] == pytest.approx(both / ways)


def test_laws_of_probability_and_order() -> None:
    explanations = drawn(5, 0.5)
    seen = np.stack([seen_of((1, 2, 1)), seen_of((2, 2, 2))])
    beliefs = share_copies(explanations, seen)
    np.testing.assert_allclose(beliefs.single.sum(axis=2) + beliefs.joined + beliefs.other, 1)
    turned = np.array([2, 0, 3, 1])
    other = share_copies(Explanations(explanations.single[turned], explanations.joined[turned], explanations.other[turned]), seen)
    np.testing.assert_allclose(other.log_weights, beliefs.log_weights, atol=1e-3)
    np.testing.assert_allclose(other.single, beliefs.single[:, turned], atol=1e-3)


def test_no_objects_weigh_nothing_seen() -> None:
    nothing = Explanations(np.zeros((0, CLASSES)), np.zeros((0, CLASSES, CLASSES)), np.zeros(0))
    beliefs = share_copies(nothing, seen_of((2, 1, 0))[None])
    assert beliefs.log_weights[0] == pytest.approx(3 * np.log(0.03))
    assert beliefs.single.shape == (1, 0, CLASSES)
