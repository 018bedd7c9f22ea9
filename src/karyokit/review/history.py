"""The state of a cell as the fold of its log; undo and redo are entries of the log like all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from karyokit.review.commands import Command
from karyokit.review.edits import apply
from karyokit.review.state import CellState, touched

Touched = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Entry:
    """A row of the log: its number, which alone gives the order, who made it and when, and the command.

    ``kind`` is the command's, ``"undo"`` or ``"redo"``; of those two ``command`` is None. ``models`` are (name, sha256).
    """

    id: int
    kind: str
    who: str
    when: str
    command: Command | None = None
    models: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class _Step:
    entry: Entry
    before: CellState
    after: CellState
    touched: Touched


@dataclass(eq=False)
class History:
    """The entries of a cell so far and what they made of it; grows by ``take`` alone.

    Every state on the way is kept, which costs little, since states share what they have in common; so undo and redo fold
    nothing anew. ``highest`` is the greatest chromosome number ever given.
    """

    first: CellState
    entries: list[Entry] = field(default_factory=list)
    highest: int = 0
    _done: list[_Step] = field(default_factory=list)
    _undone: list[_Step] = field(default_factory=list)
    _touched: list[tuple[int, Touched]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.highest = max(self.first.items, default=0)

    @property
    def state(self) -> CellState:
        """The cell as it is now."""
        return self._done[-1].after if self._done else self.first

    @property
    def revision(self) -> int:
        """Number of the last entry, 0 for an untouched cell."""
        return self.entries[-1].id if self.entries else 0

    @property
    def to_undo(self) -> Entry | None:
        """The command that undo would take back."""
        return self._done[-1].entry if self._done else None

    @property
    def to_redo(self) -> Entry | None:
        """The command that redo would bring back."""
        return self._undone[-1].entry if self._undone else None

    @property
    def undone(self) -> frozenset[int]:
        """Numbers of the commands that do not count any more: all but those that the state is made of."""
        counting = {step.entry.id for step in self._done}
        return frozenset(entry.id for entry in self.entries if entry.command and entry.id not in counting)

    def copy(self) -> History:
        """The history as it is now, which does not grow with this one."""
        lists = (list(self.entries), self.highest, list(self._done), list(self._undone), list(self._touched))
        found = History(self.first, *lists)
        found.highest = self.highest
        return found

    def touched_since(self, revision: int) -> Touched:
        """What entries after ``revision`` changed."""
        found: set[tuple[str, int]] = set()
        for number, some in reversed(self._touched):
            if number <= revision:
                break
            found |= some
        return frozenset(found)

    def take(self, entries: Iterable[Entry]) -> None:
        """Go on with entries of the log, in the order of their numbers."""
        for entry in entries:
            assert entry.id > self.revision, "entries come in the order of their numbers"
            step = self._stepped(entry)
            self.entries.append(entry)
            self._touched.append((entry.id, step.touched))
            self.highest = max(self.highest, *step.after.items, 0)

    def _stepped(self, entry: Entry) -> _Step:
        if entry.kind == "undo":
            self._undone.append(self._done.pop())
            return self._undone[-1]
        if entry.kind == "redo":
            self._done.append(self._undone.pop())
            return self._done[-1]
        assert entry.command is not None
        after = apply(self.state, entry.command)
        self._done.append(_Step(entry, self.state, after, touched(self.state, after)))
        self._undone.clear()
        return self._done[-1]
