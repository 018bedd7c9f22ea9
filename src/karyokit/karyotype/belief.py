"""What each object of a cell is, given how many copies of each class the cell has: sum-product message passing.

An object is one chromosome of a class, two joined chromosomes, or none. Objects and classes bind one another: each copy is
seen once or missed. Sums over all ways to share the copies among the objects are approximated by belief propagation with a
count factor per class (Kschischang, Frey and Loeliger 2001; as for permanents in Huang and Jebara 2009), for many karyotypes
at once; the weight of a karyotype is its Bethe approximation, exact where one class alone is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 40
"""Most rounds of messages; they end when nothing changes by more than ``SETTLED``."""
SETTLED = 1e-3
"""Change of a message's logarithm below which it counts as settled; messages below ``_FAINT`` are not looked at."""
_DAMPING = 0.4
_TINY, _FAINT = 1e-300, 1e-7


@dataclass(frozen=True, eq=False)
class Explanations:
    """Weights of what each of n objects may be, in any unit that is the same for one object.

    ``single`` (n, classes): one chromosome of the class. ``joined`` (n, classes, classes), symmetric: two chromosomes of
    these classes in one object. ``other`` (n,) above 0: no chromosome, or a piece of one that another object stands for.
    """

    single: np.ndarray
    joined: np.ndarray
    other: np.ndarray


@dataclass(frozen=True, eq=False)
class Beliefs:
    """For each of k karyotypes: ``log_weights`` (k,) of all ways together, and what the objects are under it.

    ``single`` (k, n, classes), ``joined`` (k, n) and ``other`` (k, n) are probabilities that sum to 1 over an object;
    ``counts`` (s, k, classes) weigh that the objects together hold 0, 1 .. s - 1 copies of a class; ``messages``
    (2, k, n, classes) are where another run can start.
    """

    log_weights: np.ndarray
    counts: np.ndarray
    messages: np.ndarray
    single: np.ndarray
    joined: np.ndarray
    other: np.ndarray


def share_copies(explanations: Explanations, seen: np.ndarray, *, start: np.ndarray | None = None) -> Beliefs:
    """Beliefs under k karyotypes; ``seen`` (k, classes, s) weighs that 0, 1 .. s - 1 copies of a class were seen.

    ``start`` may hold the messages of a like run. No objects give the weights of seeing nothing. The order of the objects
    changes nothing but their order.
    """
    karyotypes, classes, _ = seen.shape
    shape = (2, karyotypes, len(explanations.other), classes)
    ratios = np.ones(shape) if start is None else np.broadcast_to(start, shape)
    for _ in range(ROUNDS):
        fresh = _to_objects(seen, _to_classes(explanations, ratios)[1])[0]
        strong = (fresh > _FAINT) | (ratios > _FAINT)
        change = float(np.abs(np.log((fresh[strong] + _FAINT) / (ratios[strong] + _FAINT))).max(initial=0.0))
        ratios = fresh if change < SETTLED else ratios**_DAMPING * fresh ** (1 - _DAMPING)
        if change < SETTLED:
            break
    return _beliefs(explanations, seen, ratios)


def _beliefs(explanations: Explanations, seen: np.ndarray, ratios: np.ndarray) -> Beliefs:
    """Beliefs and Bethe weights at the messages reached."""
    totals, towards = _to_classes(explanations, ratios)
    _, counts = _to_objects(seen, towards)
    of_classes = np.einsum("kcs,skc->kc", seen, counts)
    meetings = towards[0] + towards[1] * ratios[0] + towards[2] * ratios[1]
    log_weights = np.log(totals).sum(axis=1) + np.log(of_classes + _TINY).sum(axis=1) - np.log(meetings).sum(axis=(1, 2))
    single = explanations.single[None] * ratios[0] / totals[:, :, None]
    other = explanations.other[None] / totals
    return Beliefs(log_weights, counts, ratios, single, np.clip(1 - other - single.sum(axis=2), 0, 1), other)


def _to_classes(explanations: Explanations, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Total weight (k, n) of each object, and its weight (3, k, n, classes) on holding 0, 1 or 2 copies of a class, summing to 1."""
    one, two = ratios
    twice = np.diagonal(explanations.joined, axis1=1, axis2=2)
    mixed = explanations.joined * (1 - np.eye(one.shape[2]))
    partners = np.matmul(one.transpose(1, 0, 2), mixed).transpose(1, 0, 2)
    lone = (explanations.single[None] * one).sum(axis=2)
    pairs = 0.5 * (partners * one).sum(axis=2) + (twice[None] * two).sum(axis=2)
    totals = explanations.other[None] + lone + pairs
    once = explanations.single[None] + partners
    second = np.broadcast_to(twice[None], once.shape)
    none = np.maximum(totals[:, :, None] - once * one - second * two, explanations.other[None, :, None])
    weights = np.stack([none, once, second])
    return totals, weights / weights.sum(axis=0)


def _to_objects(seen: np.ndarray, towards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Messages (2, k, n, classes) on holding 1 or 2 copies over holding none, and how many copies all hold (s, k, classes)."""
    size = seen.shape[2]
    weights = np.moveaxis(seen, 2, 0)[:, :, None]  # (s, k, 1, classes)
    counts = np.zeros((size, *towards.shape[1:]))
    counts[:3] = towards[:size]
    everyone, others = _leave_one_out(counts)
    alone, *more = ((weights[copies:] * others[: size - copies]).sum(axis=0) for copies in range(3))
    return np.stack(more) / np.maximum(alone, _TINY), everyone[:, :, 0]


def _leave_one_out(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distribution of the sum over all n objects (s, k, 1, classes), and over all but each one (s, k, n, classes).

    ``counts`` (s, k, n, classes) weighs each object's own count; sums of s and more are dropped. Products go up a binary tree,
    the products of what lies outside come down again.
    """
    count = counts.shape[2]
    if count <= 1:
        nobody = np.zeros((*counts.shape[:2], 1, counts.shape[3]))
        nobody[0] = 1
        return (counts if count else nobody), nobody[:, :, :count]
    last = counts[:, :, -1:] if count % 2 else counts[:, :, :0]
    left, right = counts[:, :, 0 : count - count % 2 : 2], counts[:, :, 1::2]
    everyone, outside = _leave_one_out(np.concatenate([_product(left, right), last], axis=2))
    others = np.empty_like(counts)
    pairs = outside[:, :, : count // 2]
    others[:, :, 0 : count - count % 2 : 2], others[:, :, 1::2] = _product(pairs, right), _product(pairs, left)
    others[:, :, count - count % 2 :] = outside[:, :, count // 2 :]
    return everyone, others


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Products of polynomials along the first axis, cut to their length."""
    result = first * second[:1]
    for power in range(1, len(first)):
        result[power:] += first[: len(first) - power] * second[power : power + 1]
    return result
