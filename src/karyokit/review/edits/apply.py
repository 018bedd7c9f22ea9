"""One command on one state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from karyokit.checks import lookup
from karyokit.review.commands import Command, Outcome
from karyokit.review.edits import decisions, outlines
from karyokit.review.edits.drawing import named
from karyokit.review.state import CellState, Status

EDITS: dict[str, Callable[[CellState, Any, Outcome], CellState]] = {
    "cut": outlines.apply_cut,
    "merge": outlines.apply_merge,
    "split": outlines.apply_split,
    "alternative": outlines.apply_alternative,
    "brush": outlines.apply_brush,
    "rotate": decisions.apply_rotate,
    "flip": decisions.apply_flip,
    "polarity": decisions.apply_polarity,
    "class": decisions.apply_class,
    "marker": decisions.apply_marker,
    "move": decisions.apply_move,
    "delete": decisions.apply_delete,
    "restore": decisions.apply_restore,
    "lock": decisions.apply_lock,
    "unlock": decisions.apply_unlock,
    "add": outlines.apply_add,
    "take_back": outlines.apply_take_back,
    "rerun": outlines.apply_rerun,
    "status": decisions.apply_status,
    "check": decisions.apply_check,
}
REDRAW = frozenset({"cut", "merge", "split", "alternative", "brush", "add", "take_back", "rerun"})
"""Commands after which changed chromosomes are classified anew."""
_KEEP_STATUS = frozenset({"status", "lock", "unlock"})


def apply(state: CellState, command: Command) -> CellState:
    """The cell after a command; ``state`` stays as it is.

    A reviewed or signed cell becomes new by any edit but locking. Raises ``Refused`` where the command makes no sense on the
    state. The same state and command always give the same cell.
    """
    after = lookup(EDITS, command.kind, "kind")(state, command.arguments, command.outcome)
    after = named(after, command.outcome.named)
    if command.kind in _KEEP_STATUS or after.status.value == "new":
        return after
    return replace(after, status=Status())
