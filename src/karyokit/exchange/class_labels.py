"""Class names as other programs spell them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from karyokit.chromosomes import CLASS_NAMES

UNCLASSIFIED = "unclassified"
"""Label of a chromosome without a class, where a question mark cannot stand."""

_NONE = {"?", UNCLASSIFIED, "not classified", ""}
_SPELLING = re.compile(r"(?:chr(?:omosome)?[ _.-]*)?([0-9]{1,2}|x|y)")
_NUMBERS: Mapping[str, int] = {name.lower(): number for number, name in enumerate(CLASS_NAMES, start=1)}


def category_of(label: str) -> int | None:
    """Category 0..24 that a label names (``"X"``, ``"chr7"``, ``"Chromosome 21"``, ``"?"``), None where it names no class.

    >>> [category_of(label) for label in ("X", "chr7", "?", "marker", "23")]
    [23, 7, 0, None, None]
    """
    plain = label.strip().lower()
    if plain in _NONE:
        return 0
    found = _SPELLING.fullmatch(plain)
    return _NUMBERS.get(found.group(1)) if found else None


def unknown_labels_note(labels: list[str]) -> tuple[str, ...]:
    """A note that names up to five labels that are no class names, nothing where there are none."""
    distinct = list(dict.fromkeys(labels))
    if not distinct:
        return ()
    named = ", ".join(repr(label[:40]) for label in distinct[:5]) + (", ..." if len(distinct) > 5 else "")
    return (f"{len(labels)} object{'s' * (len(labels) != 1)} read without a class, their labels name none: {named}",)
