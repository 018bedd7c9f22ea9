"""The parameters of a fully connected CRF with two labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from karyokit.checks import problem, require_range

NORMALISATIONS = ("symmetric", "none")
"""How kernels are normalised: by the square roots of their row sums on both sides, or as the paper prints them."""


@dataclass(frozen=True)
class CrfParameters:
    """Weights and scales of the kernel w1 exp(-|dp|^2 / 2 s_a^2 - |dI|^2 / 2 s_b^2) + w2 exp(-|dp|^2 / 2 s_g^2).

    ``s_a`` and ``s_g`` are in pixels, ``s_b`` in grey levels of an 8-bit RGB picture; ``iterations`` are mean-field steps;
    probabilities are clipped to ``clip`` .. 1 - ``clip`` before their logarithm. The values here are start values for
    pictures of 1280 x 1024 and hold for symmetric normalisation. Without it a message grows with the number of pixels
    and the weights must be smaller by orders of magnitude. ``self_messages``: each pixel also tells itself, as in the
    reference implementation and in pydensecrf2, which cannot leave it out; the formula sums over the other pixels only.
    Source: KEMR-Net Eq. 4; spec 6.2.

    >>> CrfParameters(w1=3).changed(s_b=10.0).as_dict()["s_b"]
    10.0
    """

    w1: float = 5.0
    w2: float = 3.0
    s_a: float = 30.0
    s_b: float = 13.0
    s_g: float = 3.0
    iterations: int = 5
    clip: float = 0.02
    normalise: str = "symmetric"
    self_messages: bool = False

    def __post_init__(self) -> None:
        for name in ("w1", "w2"):
            require_range(name, getattr(self, name), 0.0, 1e6)
        for name in ("s_a", "s_b", "s_g"):
            require_range(name, getattr(self, name), 1e-3, 1e6)
        require_range("iterations", self.iterations, 0, 1000)
        require_range("clip", self.clip, 1e-9, 0.49)
        if self.normalise not in NORMALISATIONS:
            raise ValueError(problem("normalise", f"be one of {NORMALISATIONS}", repr(self.normalise), "Pick one of the names."))

    def changed(self, **values: Any) -> CrfParameters:
        """A copy with some values replaced."""
        return replace(self, **values)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers by name, for a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CrfParameters:
        """Parameters from :meth:`as_dict`; ``ValueError`` for unknown names, missing ones take their default."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(problem("parameters", f"have names among {sorted(known)}", unknown, "Remove the unknown names."))
        return cls(**values)
