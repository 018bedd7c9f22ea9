"""Which generated pair a published label map shows: matching by the exact shape of the foreground."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from karyokit.checks import problem


def match_foregrounds(labels: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(n,) int: for each label map the reference map with exactly its foreground, -1 where there is none.

    ``labels`` is (n, rows, columns), ``reference`` (m, rows, columns) of any size; foreground is every label above 0 and
    may lie anywhere. Each reference is used once: of several with one foreground the first that is free is taken. An
    empty stack gives an empty result. With the index, ``PairSet.pair`` and ``PairSet.chromosomes`` of rebuilt pairs name
    the pair behind every picture of a published file. Raises ``ValueError`` where a stack is not three-dimensional.

    >>> two_in_a_row, three_in_a_row = np.array([[[0, 1, 2]]]), np.array([[[1, 1, 1]]])
    >>> match_foregrounds(two_in_a_row, np.concatenate([three_in_a_row, two_in_a_row[..., ::-1]])).tolist()
    [1]
    """
    _require_stack("labels", labels)
    _require_stack("reference", reference)
    free: dict[tuple[tuple[int, int], bytes], list[int]] = defaultdict(list)
    for index in range(len(reference) - 1, -1, -1):
        free[_shape_key(reference[index])].append(index)
    waiting = (free.get(_shape_key(plane)) for plane in labels)
    return np.array([indices.pop() if indices else -1 for indices in waiting], int)


def foreground_corner(labels: np.ndarray) -> np.ndarray:
    """(n, 2) int row and column of the foreground's box in each of (n, rows, columns) label maps, -1 where it is empty.

    >>> foreground_corner(np.array([[[0, 0], [0, 1]], [[0, 0], [0, 0]]])).tolist()
    [[1, 1], [-1, -1]]
    """
    _require_stack("labels", labels)
    corners = np.full((len(labels), 2), -1)
    for index, plane in enumerate(labels > 0):
        if plane.any():
            corners[index] = plane.any(axis=1).argmax(), plane.any(axis=0).argmax()
    return corners


def _shape_key(plane: np.ndarray) -> tuple[tuple[int, int], bytes]:
    """Size and packed pixels of the foreground's box; the empty foreground has size (0, 0)."""
    mask = plane > 0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return (0, 0), b""
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return (int(box.shape[0]), int(box.shape[1])), np.packbits(box).tobytes()


def _require_stack(name: str, stack: np.ndarray) -> None:
    if stack.ndim != 3:
        raise ValueError(problem(name, "be (n, rows, columns)", f"shape {stack.shape}", "Stack the label maps."))
