"""What a review asks of models, whichever they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from karyokit.review.commands import Found, Named
from karyokit.review.picture_files import CellPicture
from karyokit.review.shapes import Point
from karyokit.review.state import CellState

Credits = tuple[tuple[str, str], ...]
"""(name, sha256) of the models that acted."""


class Assistant(Protocol):
    """What answers where a model is asked."""

    def name(self, picture: CellPicture, state: CellState, numbers: Sequence[int]) -> tuple[dict[int, Named], Credits]:
        """Class and polarity of chromosomes of a state."""
        ...

    def separate(self, picture: CellPicture, state: CellState, area: Sequence[Point]) -> tuple[tuple[Found, ...], Credits]:
        """The chromosomes in an area, found anew."""
        ...
