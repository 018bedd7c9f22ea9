"""What each command does to a cell: pure functions, one a kind."""

from karyokit.review.edits.apply import EDITS, apply

__all__ = ["EDITS", "apply"]
