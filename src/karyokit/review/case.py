"""A case: the analysed cells of a folder, corrected by commands that are logged before they count."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from karyokit.batch.noted_pictures import NotedPicture, noted_pictures
from karyokit.files import sha256_of
from karyokit.regions import iou
from karyokit.review.assistant import Assistant, Credits
from karyokit.review.case_file import FILE_NAME, CaseError, CaseFile, Stale, StoredCell, now
from karyokit.review.commands import Arguments, Command, Outcome, parse_arguments
from karyokit.review.edits import apply
from karyokit.review.edits.apply import REDRAW
from karyokit.review.history import Entry, History
from karyokit.review.picture_files import CellPicture, CellPictures, PictureMissing, find_picture, missing_picture
from karyokit.review.records import documents_by_cell, state_of
from karyokit.review.state import CellState, Refused, touched

ANNOTATIONS = "annotations.json"
_ATTEMPTS = 50
_LOOKS_THE_SAME = 0.9
"""IoU from which a chromosome whose outline was touched up is not classified anew."""


class Conflict(Exception):  # noqa: N818
    """Someone else has changed the same chromosomes since the state that the command was made on."""


class UnknownCell(LookupError):  # noqa: N818
    """There is no cell of that number in the case."""


@dataclass(frozen=True)
class Done:
    """An entry that was added to the log, and the numbers of the chromosomes that came of it."""

    entry: Entry
    created: tuple[int, ...] = ()


class Case:
    """An open case; safe to use from several threads, and beside other processes that have it open.

    ``folder`` holds annotations.json as `karyokit karyotype` writes it; case.sqlite is made beside it. ``pictures`` is a folder
    to look for the pictures in, before where they were last, where they were analysed, the case folder and the one above it.
    Without an ``assistant`` nothing is classified and no area can be separated anew. Raises ``CaseError`` for a folder that holds no case.
    """

    def __init__(self, folder: str | Path, *, pictures: str | Path | None = None, assistant: Assistant | None = None) -> None:
        self.folder = Path(folder)
        self.assistant = assistant
        documents = _annotations(self.folder)
        self.file = CaseFile(self.folder / FILE_NAME)
        self.kept_analyses = tuple(name for name, one in documents.items() if not self.file.put_cell(name, one))
        _find_pictures(self.file, self.folder, Path(pictures) if pictures else None)
        self.cells: dict[int, StoredCell] = {cell.id: cell for cell in self.file.cells()}
        self._histories: dict[int, History] = {}
        self._pictures = CellPictures()
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the case file."""
        self.file.close()

    def history(self, cell: int) -> History:
        """The history of a cell up to now, with what other processes have added; ``UnknownCell`` for a number there is not."""
        if cell not in self.cells:
            raise UnknownCell(f"there is no cell {cell} in this case.")
        with self._lock:
            if cell not in self._histories:
                self._histories[cell] = History(_first_state(self.file, self.cells[cell]))
            history = self._histories[cell]
            try:
                history.take(self.file.entries(cell, after=history.revision))
            except (Refused, IndexError) as error:
                how = "Use the version of karyokit that wrote it, or restore the file from a backup."
                raise CaseError(f"{self.file.path}: the log of {self.cells[cell].name} cannot be followed ({error}). {how}") from error
            return history.copy()

    def state(self, cell: int) -> CellState:
        """The cell as it is now."""
        return self.history(cell).state

    def picture(self, cell: int) -> CellPicture:
        """The metaphase picture of a cell; ``PictureMissing`` where it is not there or was changed."""
        first = self.history(cell).first
        return self._pictures.of(self.cells[cell], shape=first.shape, stain=first.stain)

    def picture_problem(self, cell: int) -> str:
        """Why the picture of a cell cannot be shown as far as can be told without reading it, ``""`` where nothing speaks against it."""
        return missing_picture(self.cells[cell])

    def submit(self, cell: int, kind: str, arguments: Any, *, revision: int, who: str) -> Done:
        """Apply a command that was made on ``revision`` and log it; what it returns for is on the disk.

        Commands on other chromosomes than those changed since are merged. Raises ``Malformed``, ``Refused``, ``Conflict``,
        ``UnknownCell``, and ``PictureMissing`` where a model needs the picture.
        """
        parsed = parse_arguments(kind, arguments)
        for _ in range(_ATTEMPTS):
            history = self.history(cell)
            before, expected = history.state, history.revision
            command, after, credits = self._prepared(cell, history, kind, parsed, revision)
            try:
                entry = self.file.append(cell, kind, command=command, expected=expected, who=who, models=credits)
            except Stale:
                continue
            return Done(entry, tuple(sorted(after.items.keys() - before.items.keys())))
        raise Conflict("others write to this cell without a pause. Try again.")

    def preview(self, cell: int, kind: str, arguments: Any, *, revision: int) -> tuple[CellState, CellState]:
        """The states before and after a command that is not logged; models are not asked, so ``rerun`` is refused."""
        history = self.history(cell)
        parsed = parse_arguments(kind, arguments)
        if kind == "rerun":
            raise Refused("what a model would find cannot be shown beforehand. Run it, and undo it if need be.")
        return history.state, _applied(history, Command(kind, parsed, Outcome(history.highest + 1)), revision)

    def undo(self, cell: int, *, revision: int, who: str) -> Done:
        """Take the last command back; ``Conflict`` unless ``revision`` is current, ``Refused`` where there is none."""
        return self._step(cell, "undo", revision, who)

    def redo(self, cell: int, *, revision: int, who: str) -> Done:
        """Bring the last undone command back; errors as for ``undo``."""
        return self._step(cell, "redo", revision, who)

    def _step(self, cell: int, kind: str, revision: int, who: str) -> Done:
        history = self.history(cell)
        if history.revision != revision:
            raise Conflict("the cell was changed since. Look at it again before going back or forth.")
        if (history.to_undo if kind == "undo" else history.to_redo) is None:
            raise Refused(f"there is nothing to {kind}.")
        try:
            return Done(self.file.append(cell, kind, expected=revision, who=who))
        except Stale as error:
            raise Conflict("the cell was changed since. Look at it again before going back or forth.") from error

    def _prepared(self, cell: int, history: History, kind: str, parsed: Arguments, revision: int) -> tuple[Command, CellState, Credits]:
        """The command with everything that models and the clock add to it, the state it gives, and the models that acted."""
        command = Command(kind, parsed, Outcome(history.highest + 1, when=now()))
        credits: Credits = ()
        if kind == "rerun":
            if self.assistant is None:
                raise Refused("no model is at hand. Draw the chromosomes by hand.")
            _require_untouched(history, parsed, revision)
            found, credits = self.assistant.separate(self.picture(cell), history.state, parsed.area)  # type: ignore[attr-defined]
            command = replace(command, outcome=replace(command.outcome, found=found))
        after = _applied(history, command, revision)
        if kind in REDRAW and self.assistant is not None:
            named, more = self._named(cell, after, _redrawn(history.state, after))
            command = replace(command, outcome=replace(command.outcome, named=named))
            after, credits = apply(history.state, command), credits + more
        return command, after, credits

    def _named(self, cell: int, state: CellState, numbers: Sequence[int]) -> tuple[dict[int, Any], Credits]:
        """What the classifier says of changed chromosomes; nothing without the picture, since outlines can be drawn all the same."""
        assert self.assistant is not None
        try:
            return self.assistant.name(self.picture(cell), state, numbers)
        except PictureMissing:
            return {}, ()


def _redrawn(before: CellState, after: CellState) -> list[int]:
    """The chromosomes that are new or look much different."""
    changed = [number for name, number in sorted(touched(before, after)) if name == "chromosome" and number in after.items]
    return [n for n in changed if n not in before.items or iou(before.items[n].region, after.items[n].region) < _LOOKS_THE_SAME]


def _applied(history: History, command: Command, revision: int) -> CellState:
    """The state after a command; ``Conflict`` where entries after ``revision`` touched what it touches."""
    _require_untouched(history, command.arguments, revision)
    since = history.touched_since(revision)
    try:
        after = apply(history.state, command)
    except Refused as error:
        if since:
            raise Conflict(f"the cell was changed since: {error}") from error
        raise
    if since & touched(history.state, after) or (command.kind == "status" and revision != history.revision):
        raise Conflict("someone has changed this since. Look at it as it is now and do it again.")
    return after


def _require_untouched(history: History, arguments: Arguments, revision: int) -> None:
    if revision > history.revision or history.touched_since(revision) & {("chromosome", number) for number in arguments.named}:
        raise Conflict("someone has changed these chromosomes since. Look at them as they are now and do it again.")


def _annotations(folder: Path) -> dict[str, dict[str, Any]]:
    """COCO dictionaries by picture name; none where a case file holds them already and annotations.json is gone."""
    path = folder / ANNOTATIONS
    if not path.is_file():
        if (folder / FILE_NAME).is_file():
            return {}
        raise CaseError(f"{folder}: is no case, {ANNOTATIONS} is missing. Give the folder that `karyokit karyotype ... -o FOLDER` wrote.")
    try:
        found = documents_by_cell(json.loads(path.read_text(encoding="utf-8")))
        for document in found.values():
            state_of(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaseError(f"{path}: cannot be used as the annotations of a case ({error}). Run `karyokit karyotype` again.") from error
    return found


def _first_state(file: CaseFile, cell: StoredCell) -> CellState:
    try:
        return state_of(cell.record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaseError(f"{file.path}: the record of {cell.name} is damaged ({error}). Restore the file from a backup.") from error


def _find_pictures(file: CaseFile, folder: Path, given: Path | None) -> None:
    """Look for the pictures that are not where they were, and remember where they are; known pictures must have kept their content.

    A picture that the analysis has noted counts as known.
    """
    if given is not None and not given.is_dir():
        raise CaseError(f"{given}: is not a folder. Name the folder of the pictures.")
    places, noted = [*([given] if given else []), folder, folder.resolve().parent], noted_pictures(folder)
    for cell in file.cells():
        if cell.picture and Path(cell.picture).is_file() and given is None:
            continue
        analysed = noted.get(cell.name)
        path = _noted_place(analysed) if given is None else None
        path = path or find_picture(cell.name, places) or _noted_place(analysed)
        if path is None or str(path) == cell.picture:
            continue
        digest, expected = sha256_of(path), cell.picture_sha256 or (analysed.sha256 if analysed else "")
        if not cell.picture_sha256 or digest == expected:
            file.put_picture(cell.id, str(path), expected or digest)


def _noted_place(noted: NotedPicture | None) -> Path | None:
    return Path(noted.path) if noted and Path(noted.path).is_file() else None
