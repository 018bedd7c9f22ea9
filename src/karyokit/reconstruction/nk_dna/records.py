"""The records of the knowledge store, each with a key that is the hash of its content."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from karyokit.checks import lookup, problem
from karyokit.reconstruction.crf import CrfParameters

ACTIONS = ("keep", "refine", "band")
"""Leave a mask as it is, refine it with a network, refine only the band along its outline with a network."""


def content_key(content: Any) -> str:
    """Hexadecimal SHA-256 of plain data, independent of the order of names.

    >>> content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


@dataclass(frozen=True)
class Network:
    """A set of CRF parameters, with where it came from.

    ``score`` is the mean IoU it reached on the data it was learned from, None for parameters that were not learned; ``version`` counts the
    learned networks of a store from 1, 0 for start values; ``data`` is the hash of the data; ``checkpoints`` are (path, SHA-256) of the
    detectors whose masks it refines.
    """

    parameters: CrfParameters = field(default_factory=CrfParameters)
    score: float | None = None
    version: int = 0
    data: str = ""
    checkpoints: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Hash of the content."""
        return content_key(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Network:
        """A network from :meth:`as_dict`."""
        checkpoints = tuple((str(path), str(digest)) for path, digest in values["checkpoints"])
        parameters = CrfParameters.from_dict(values["parameters"])
        return cls(parameters, values["score"], int(values["version"]), values["data"], checkpoints)


@dataclass(frozen=True, order=True)
class Action:
    """One of ``ACTIONS``; ``network`` is the key of the network it uses, ``""`` for ``keep``."""

    kind: str
    network: str = ""

    def __post_init__(self) -> None:
        lookup(dict.fromkeys(ACTIONS), self.kind, "kind")
        if (self.kind == "keep") != (self.network == ""):
            raise ValueError(problem("network", "be a key for every action but 'keep'", repr(self.network), "Pass a network's key."))


KEEP = Action("keep")
"""The action that leaves a mask as it is; its reward is 0."""


@dataclass(frozen=True)
class Experience:
    """What an action did to one mask whose truth became known; never changed once recorded.

    ``state`` has one finite number for each of ``states.FEATURES``. ``iou_change`` and ``boundary_change`` (None where it was not
    measured) are after minus before. ``taken`` is the time (ISO 8601), ``data`` the data set's hash, ``image`` a hash of pixels: no
    names of files or patients.
    """

    state: tuple[float, ...]
    action: Action
    iou_change: float
    boundary_change: float | None = None
    taken: str = ""
    data: str = ""
    image: str = ""

    def __post_init__(self) -> None:
        changes = [self.iou_change] if self.boundary_change is None else [self.iou_change, self.boundary_change]
        if not all(math.isfinite(value) for value in (*self.state, *changes)):
            raise ValueError(problem("state and changes", "be finite", "NaN or infinity", "Leave out masks that cannot be measured."))

    @property
    def key(self) -> str:
        """Hash of the content."""
        return content_key(asdict(self))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without the state, which goes into the table of states."""
        return {name: value for name, value in asdict(self).items() if name != "state"}

    @classmethod
    def from_dict(cls, values: dict[str, Any], state: tuple[float, ...]) -> Experience:
        """An experience from :meth:`as_dict` and its state."""
        return cls(state=state, **{**values, "action": Action(**values["action"])})
