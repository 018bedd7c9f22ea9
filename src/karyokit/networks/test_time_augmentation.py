"""Predictions averaged over mirrored and turned copies of a picture. Source: Saleh et al. 2019; systems specification 7.1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from karyokit.checks import lookup, require_nonempty


@dataclass(frozen=True)
class View:
    """A way to look at (n, channels, rows, columns) pictures: mirrored along ``flips``, then turned by ``quarters`` of 90 degrees."""

    flips: tuple[int, ...] = ()
    quarters: int = 0

    def there(self, x: Tensor) -> Tensor:
        """The pictures as the network gets to see them."""
        return torch.rot90(x.flip(self.flips), self.quarters, (2, 3))

    def back(self, x: Tensor) -> Tensor:
        """What the network answered, as the pictures lie."""
        return torch.rot90(x, -self.quarters, (2, 3)).flip(self.flips)


VIEWS: dict[str, View] = {
    "same": View(),
    "rows": View((2,)),
    "columns": View((3,)),
    "both": View((2, 3)),
    "turn1": View(quarters=1),
    "turn2": View(quarters=2),
    "turn3": View(quarters=3),
}
"""``both`` and ``turn2`` are the same view; quarter turns swap rows and columns."""
FLIPS = ("same", "rows", "columns", "both")


def averaged_views(
    network: nn.Module, x: Tensor, *, views: Sequence[str] = FLIPS, activation: Callable[[Tensor], Tensor] = torch.sigmoid
) -> Tensor:
    """Mean over ``views``, names of :data:`VIEWS`, of ``activation(network(view))``, each brought back: (n, outputs, rows, columns).

    ``activation`` turns logits into what is averaged: probabilities by default, ``lambda y: y`` for networks trained on the maps
    themselves (Hu, Saleh). The classes alpha and beta are told apart by area, so no view exchanges them. Raises ``ValueError`` for no
    view or an unknown one.
    """
    require_nonempty("views", views)
    chosen = [lookup(VIEWS, name, "view") for name in views]
    answers = [view.back(activation(network(view.there(x)))) for view in chosen]
    return torch.stack(answers).mean(dim=0)
