"""The store itself: a set of networks and a set of experiences, from which an action is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from karyokit.checks import lookup, problem, require_range
from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.nk_dna.records import KEEP, Action, Experience, Network
from karyokit.reconstruction.nk_dna.states import FEATURES


@dataclass(frozen=True)
class KnowledgeStore:
    """Networks and experiences, each at most once, in the order of their keys; nothing is ever changed in place.

    A store has at least one network: the start values of ``CrfParameters`` where none is given.
    """

    networks: tuple[Network, ...] = field(default_factory=lambda: (Network(),))
    experiences: tuple[Experience, ...] = ()

    def __post_init__(self) -> None:
        if not self.networks:
            raise ValueError(problem("networks", "hold at least one network", "none", "Leave it out for the start values."))
        networks = {one.key: one for one in self.networks}
        experiences = {one.key: one for one in self.experiences}
        for one in experiences.values():
            if len(one.state) != len(FEATURES):
                raise ValueError(problem("state", f"have the numbers {FEATURES}", f"{len(one.state)} numbers", "Use `state_of`."))
            if one.action != KEEP:
                lookup(networks, one.action.network, "network")
        object.__setattr__(self, "networks", tuple(networks[key] for key in sorted(networks)))
        object.__setattr__(self, "experiences", tuple(experiences[key] for key in sorted(experiences)))

    @property
    def best_network(self) -> Network:
        """The network with the highest score; one without a score comes last, equal ones are told apart by their keys."""
        return max(self.networks, key=lambda one: (one.score is not None, one.score or 0.0, one.version, one.key))

    def network(self, key: str) -> Network:
        """The network of a key; ``ValueError`` for an unknown one."""
        return lookup({one.key: one for one in self.networks}, key, "network")

    def parameters_of(self, action: Action) -> CrfParameters:
        """The CRF parameters of an action other than ``keep``."""
        return self.network(action.network).parameters

    def with_network(self, network: Network) -> KnowledgeStore:
        """A store that holds one network more."""
        return KnowledgeStore((*self.networks, network), self.experiences)

    def record(self, experiences: Iterable[Experience]) -> KnowledgeStore:
        """A store that holds these experiences, too; those it held already stay once."""
        return KnowledgeStore(self.networks, (*self.experiences, *experiences))

    def merged(self, other: KnowledgeStore) -> KnowledgeStore:
        """The union of both stores, by key; the order does not matter."""
        return KnowledgeStore((*self.networks, *other.networks), (*self.experiences, *other.experiences))

    def decide(self, state: Sequence[float], *, neighbours: int = 15, boundary_weight: float = 0.0) -> Action:
        """The action with the highest mean reward among the ``neighbours`` most similar states in which it was taken.

        The reward is the change of IoU plus ``boundary_weight`` times that of the boundary score (0 where it was not measured);
        ``keep`` has the reward 0 and wins ties. Numbers of a state are divided by their standard deviation over the experiences.
        Without experiences the answer is to refine with the best network. Source: spec 6.3.
        """
        require_range("neighbours", neighbours, 1, 1_000_000)
        if len(state) != len(FEATURES):
            raise ValueError(problem("state", f"have the numbers {FEATURES}", f"{len(state)} numbers", "Use `state_of`."))
        if not self.experiences:
            return Action("refine", self.best_network.key)
        distances = (((self._states - np.asarray(state, float)) / self._scales) ** 2).sum(axis=1)
        rewards = self._changes @ np.array([1.0, boundary_weight])
        expected = {action: _mean_of_nearest(rewards[rows], distances[rows], neighbours) for action, rows in self._rows_of.items()}
        return max({**expected, KEEP: 0.0}.items(), key=lambda item: (item[1], item[0] == KEEP, item[0]))[0]

    @cached_property
    def _states(self) -> np.ndarray:
        """(experiences, features) float64."""
        return np.array([one.state for one in self.experiences], float).reshape(-1, len(FEATURES))

    @cached_property
    def _scales(self) -> np.ndarray:
        spread = self._states.std(axis=0)
        return np.where(spread > 0, spread, 1.0)

    @cached_property
    def _changes(self) -> np.ndarray:
        """(experiences, 2) changes of IoU and of the boundary score."""
        return np.array([(one.iou_change, one.boundary_change or 0.0) for one in self.experiences], float).reshape(-1, 2)

    @cached_property
    def _rows_of(self) -> dict[Action, np.ndarray]:
        actions = sorted({one.action for one in self.experiences})
        return {action: np.array([row for row, one in enumerate(self.experiences) if one.action == action]) for action in actions}


def merge_stores(stores: Iterable[KnowledgeStore]) -> KnowledgeStore:
    """The union of some stores, at least one."""
    first, *rest = stores
    for other in rest:
        first = first.merged(other)
    return first


def _mean_of_nearest(rewards: np.ndarray, distances: np.ndarray, count: int) -> float:
    nearest = np.argsort(distances, kind="stable")[:count]
    return float(rewards[nearest].mean())
