"""Channel widths scaled by one factor, so that a network can be built small."""

from __future__ import annotations

from collections.abc import Sequence

from karyokit.checks import problem


def scaled_width(width: int, width_mult: float, *, least: int = 2) -> int:
    """``width * width_mult`` rounded, not under ``least``; raises ``ValueError`` for a factor that is not positive.

    >>> scaled_width(64, 1 / 8), scaled_width(3, 0.1)
    (8, 2)
    """
    if not width_mult > 0:
        raise ValueError(problem("width_mult", "be positive", width_mult, "Pass 1 for the published widths."))
    return max(least, round(width * width_mult)) if width_mult != 1 else width


def scaled_widths(widths: Sequence[int], width_mult: float, *, least: int = 2) -> tuple[int, ...]:
    """:func:`scaled_width` of each."""
    return tuple(scaled_width(width, width_mult, least=least) for width in widths)
