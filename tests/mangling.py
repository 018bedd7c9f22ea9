"""Ways in which files come damaged: cut off, with other bytes, with other values in well-formed JSON, or something else altogether."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ODD_VALUES: tuple[Any, ...] = (None, "", "x", "../a.png", -1, 0, 7, 1e300, 10**30, [], {}, [[]], {"a": 1}, True, "9" * 400)
Damage = Callable[[bytes], bytes]


def _cut(share: float) -> Damage:
    return lambda data: data[: int(share * len(data))]


def _with_bytes(changes: list[tuple[float, int]]) -> Damage:
    def damaged(data: bytes) -> bytes:
        content = bytearray(data)
        for place, value in changes:
            content[int(place * len(content))] = value
        return bytes(content)

    return damaged


def _with_value(place: float, value: Any) -> Damage:
    """Well-formed JSON with one of its values replaced; other files are cut there."""

    def damaged(data: bytes) -> bytes:
        try:
            document = json.loads(data)
        except ValueError:
            return _cut(place)(data)
        spots = [(None, None), *_spots(document)]
        holder, key = spots[int(place * len(spots))]
        if holder is None:
            return json.dumps(value).encode()
        holder[key] = value
        return json.dumps(document).encode()

    return damaged


def _spots(node: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value inside."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
    return [spot for key in keys for spot in ((node, key), *_spots(node[key]))]


_share = st.floats(0, 1, exclude_max=True)
damages: st.SearchStrategy[Damage] = st.one_of(
    st.builds(_cut, _share),
    st.builds(_with_bytes, st.lists(st.tuples(_share, st.integers(0, 255)), min_size=1, max_size=5)),
    st.builds(_with_value, _share, st.sampled_from(ODD_VALUES)),
    st.builds(lambda noise: lambda _: noise, st.binary(max_size=60)),
)
"""Functions from the bytes of a sound file to those of a damaged one."""


def read_or_refuse(read: Callable[[], object], path: Path) -> bool:
    """Whether a damaged file is read; where not, one line says so and names the file or its folder."""
    try:
        read()
    except (ValueError, FileNotFoundError) as error:
        message = str(error)
        assert path.name in message or path.parent.name in message, message
        assert "\n" not in message, message
        return False
    return True
