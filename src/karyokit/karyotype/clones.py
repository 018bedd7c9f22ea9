"""Clones among the cells of one person, by the rule of the ISCN, and the composite karyotype.

A gain or a structural change is clonal when at least two cells have it, a loss when at least three have it; cells count
to the clone of their clonal changes, single changes beside them are noted and left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from karyokit.chromosomes import CLASS_NAMES
from karyokit.karyotype.copies import Copies
from karyokit.karyotype.iscn import numerical_iscn, ploidy_of

CELLS_FOR_GAIN, CELLS_FOR_LOSS = 2, 3
"""Cells that must share a gain or structural change, and a loss."""

Change = tuple[str, int]
"""A change and which of its kind it is: ``("+18", 2)`` is the second copy gained; ``("der(9)", 1)`` is structural."""


@dataclass(frozen=True)
class CountedCell:
    """The copies of the 24 classes in a cell of a case, and the structural changes or markers that a person noted."""

    name: str
    copies: Copies
    structural: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clone:
    """Cells that share their clonal changes: its ISCN string without cell numbers, the changes, and the names of the cells."""

    iscn: str
    changes: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def normal(self) -> bool:
        """Whether the cells have no clonal change."""
        return not self.changes


@dataclass(frozen=True)
class CloneTable:
    """The clones, normal cells last; and the changes of single cells that are not clonal, by cell."""

    clones: tuple[Clone, ...]
    single_changes: dict[str, tuple[str, ...]]

    @property
    def iscn(self) -> str:
        """The composite karyotype, cell numbers in brackets; empty for no cells."""
        return "/".join(f"{clone.iscn}[{len(clone.cells)}]" for clone in self.clones)


def find_clones(cells: Sequence[CountedCell]) -> CloneTable:
    """Clones of the cells of one person; no cells give no clones. The order of the cells changes nothing but that of their names.

    Sex chromosomes are held against XY where a cell has a Y, else against XX. Cells with other numbers of chromosome sets
    are changed by that.
    """
    male = sum(cell.copies[23] > 0 for cell in cells) >= CELLS_FOR_GAIN or all(cell.copies[23] for cell in cells)
    changes = {cell.name: changes_of(cell, male=male) for cell in cells}
    kept = _clonal(changes)
    groups: defaultdict[frozenset[Change], list[CountedCell]] = defaultdict(list)
    for cell in cells:
        groups[kept[cell.name]].append(cell)
    clones = [_clone(shared, members, male=male) for shared, members in groups.items()]
    single = {name: _words(found - kept[name]) for name, found in changes.items() if found - kept[name]}
    return CloneTable(tuple(sorted(clones, key=lambda one: (one.normal, -len(one.cells), len(one.changes), one.iscn))), single)


def changes_of(cell: CountedCell, *, male: bool) -> frozenset[Change]:
    """How a cell differs from a normal one of its number of chromosome sets."""
    ploidy = _ploidy(cell.copies)
    found: list[Change] = [] if ploidy == 2 else [(f"<{ploidy}n>", 1)]
    for name, number, normal in zip(CLASS_NAMES, cell.copies, _normal(ploidy, male=male), strict=True):
        sign = "+" if number > normal else "-"
        found += [(f"{sign}{name}", nth) for nth in range(1, abs(number - normal) + 1)]
    return frozenset([*found, *((word, nth) for word, count in Counter(cell.structural).items() for nth in range(1, count + 1))])


def change_words(copies: Copies) -> tuple[str, ...]:
    """How a cell differs from a normal one of its sets, in the order of the classes; held against XY where it has a Y, else against XX.

    >>> change_words((*[2] * 20, 3, 2, 1, 0))
    ('+21', '-X')
    """
    return _words(changes_of(CountedCell("", copies), male=copies[CLASS_NAMES.index("Y")] > 0))


def _ploidy(copies: Copies) -> int:
    return ploidy_of(sum(copies))


def _normal(ploidy: int, *, male: bool) -> Copies:
    """Copies of a normal cell of so many sets."""
    males = ploidy // 2 if male else 0
    return (*[ploidy] * 22, ploidy - males, males)


def _cells_needed(change: Change) -> int:
    return CELLS_FOR_LOSS if change[0].startswith("-") else CELLS_FOR_GAIN


def _clonal(changes: dict[str, frozenset[Change]]) -> dict[str, frozenset[Change]]:
    """Each cell's changes without those that too few cells share, alone or together.

    Where the cells of a group are fewer than its rarest change needs, they give up that change, until all groups stand.
    """
    shares = Counter(change for found in changes.values() for change in found)
    kept = {name: frozenset(change for change in found if shares[change] >= _cells_needed(change)) for name, found in changes.items()}
    while weak := _weakest(kept, shares):
        group, change = weak
        kept = {name: found - {change} if found == group else found for name, found in kept.items()}
    return kept


def _weakest(kept: dict[str, frozenset[Change]], shares: Counter[Change]) -> tuple[frozenset[Change], Change] | None:
    """A group too small for a clone of its own, and its rarest change; None where all stand."""
    sizes = Counter(kept.values())
    weak = [group for group, size in sizes.items() if group and size < min(map(_cells_needed, group))]
    if not weak:
        return None
    group = min(weak, key=lambda one: (sizes[one], -len(one), sorted(one)))
    return group, min(group, key=lambda change: (shares[change], change[0].startswith("+"), change))


def _clone(shared: frozenset[Change], members: Sequence[CountedCell], *, male: bool) -> Clone:
    """The clone of cells with these clonal changes."""
    levels = [int(word[1:-2]) for word, _ in shared if word.startswith("<")]
    copies = list(_normal(levels[0] if levels else 2, male=male))
    structural = sorted(word for word, _ in shared if word[0] not in "+-<")
    for word, _ in shared:
        if word[1:] in CLASS_NAMES:
            copies[CLASS_NAMES.index(word[1:])] += 1 if word[0] == "+" else -1
    categories = [category for category, number in enumerate(copies, start=1) for _ in range(number)]
    iscn = ",".join([numerical_iscn(categories) or "?", *structural])
    return Clone(iscn, _words(shared), tuple(cell.name for cell in members))


def _words(changes: Iterable[Change]) -> tuple[str, ...]:
    """Changes in the order of the classes, those of one class as often as they are there."""
    order = {name: place for place, name in enumerate(CLASS_NAMES)}
    return tuple(word for word, _ in sorted(changes, key=lambda one: (order.get(one[0][1:], -1), one)))
