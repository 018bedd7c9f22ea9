"""Propose the numerical part of an ISCN string: count, sex chromosomes, whole chromosomes gained and lost.

Structural changes stay with the human. ISCN rules used: count first, then the sex
chromosomes (X before Y), then autosomes in ascending order, each gain or loss on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from karyokit.checks import problem

_FIRST_COUNT_OF_PLOIDY = ((1, 1), (35, 2), (58, 3), (81, 4), (104, 5), (127, 6), (150, 7), (173, 8))


def ploidy_of(count: int) -> int:
    """Ploidy level against which gains and losses are written (ISCN: 35..57 near-diploid, 58..80 near-triploid ...).

    >>> [ploidy_of(count) for count in (26, 46, 69, 92)]
    [1, 2, 3, 4]
    """
    return max((level for first, level in _FIRST_COUNT_OF_PLOIDY if count >= first), default=1)


def numerical_iscn(categories: Iterable[int]) -> str | None:
    """The numerical ISCN string of a cell, categories 1..22, 23 = X, 24 = Y.

    None where no honest proposal can be made: an empty cell, or any object without a class (category 0), since an
    unclassified object may be a chromosome, a piece of one or dirt. A cell without X and Y gets ``?`` in place of its
    sex chromosomes. The sex chromosomes found are listed as they are (``45,X``), because a picture cannot tell a
    constitutional from an acquired loss. Away from diploidy the level stands in angle brackets when autosomes deviate.

    >>> numerical_iscn([*range(1, 23), *range(1, 23), 23, 24])
    '46,XY'
    >>> numerical_iscn([*range(1, 23), *range(1, 23), 21, 23, 23])
    '47,XX,+21'
    """
    found = Counter(int(category) for category in categories)
    unknown = sorted(set(found) - set(range(25)))
    if unknown:
        raise ValueError(problem("categories", "lie in 0..24", unknown, "Use 1..22, 23 for X, 24 for Y, 0 for not classified."))
    count = sum(found.values())
    if count == 0 or found[0]:
        return None
    ploidy = ploidy_of(count)
    changes = [change for number in range(1, 23) for change in _changes(number, found[number] - ploidy)]
    level = f"<{ploidy}n>" if changes and ploidy != 2 else ""
    return ",".join([f"{count}{level}", sex_complement(found.elements()), *changes])


def sex_complement(categories: Iterable[int]) -> str:
    """The sex chromosomes found, X before Y, or ``?`` where there is none.

    >>> sex_complement([24, 23, 23, 5])
    'XXY'
    """
    found = Counter(int(category) for category in categories)
    return "X" * found[23] + "Y" * found[24] or "?"


def _changes(number: int, difference: int) -> list[str]:
    """One ``+n`` or ``-n`` per copy gained or lost."""
    return [f"{'+' if difference > 0 else '-'}{number}"] * abs(difference)
