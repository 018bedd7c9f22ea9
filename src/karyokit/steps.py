"""A step from a pixel to another one, and which pixels of a picture have a partner that far away."""

from __future__ import annotations

from collections.abc import Sequence

Step = tuple[int, int]
"""(down, right) in pixels."""
Window = tuple[slice, slice]


def paired_windows(shape: Sequence[int], step: Step) -> tuple[Window, Window]:
    """Windows of the pixels that have a partner ``step`` away, and of those partners; empty where the picture is smaller.

    >>> paired_windows((10, 20), (3, -4))
    ((slice(0, 7, None), slice(4, 20, None)), (slice(3, 10, None), slice(0, 16, None)))
    """
    here, there = zip(*(_paired(size, move) for size, move in zip(shape, step, strict=True)), strict=True)
    return (here[0], here[1]), (there[0], there[1])


def _paired(size: int, move: int) -> tuple[slice, slice]:
    left, start, end = max(size - abs(move), 0), max(-move, 0), max(move, 0)
    return slice(start, start + left), slice(end, end + left)
