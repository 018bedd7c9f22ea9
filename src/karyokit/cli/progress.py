"""Work on many items: a progress bar on stderr, failures named at once, the rest finished."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from karyokit.cli.errors import Stopped, describe
from karyokit.files import OutputError

Item = TypeVar("Item")


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on stderr; none is drawn for a single item."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=Console(stderr=True), redirect_stdout=False, redirect_stderr=False, disable=total == 1)
    with bar:
        yield bar, bar.add_task(label, total=total)


def run_each(
    items: Sequence[Item],
    work: Callable[[Item], None],
    *,
    label: str,
    kept: str,
    failed: Callable[[Item, str], None],
    debug: bool = False,
) -> None:
    """Call ``work`` on every item; each failure is named on stderr and handed to ``failed`` with its reason.

    A failure to write output ends the run, since it would befall every item. Ctrl-C raises ``Stopped`` with the number of
    items finished and ``kept``, where they lie.
    """
    finished = 0
    with progress_bar(label, len(items)) as (bar, task):
        for item in items:
            try:
                work(item)
                finished += 1
            except OutputError:
                raise
            except KeyboardInterrupt:
                raise Stopped(f"Stopped. {finished} of {len(items)} finished; what is finished is kept in {kept}.") from None
            except Exception as error:  # a broken picture of any kind must not end the batch
                failed(item, describe(error))
                report_error(bar.console, str(item), error, debug=debug)
            bar.advance(task)


def report_error(console: Console, item: str, error: Exception, *, debug: bool) -> None:
    """``report`` of an error that was caught here."""
    report(console, item, describe(error), "".join(traceback.format_exception(error)), debug=debug)


def report(console: Console, item: str, reason: str, trace: str, *, debug: bool) -> None:
    """One line on stderr that names the item and says what is wrong; with ``debug`` also the traceback."""
    line = reason if item in reason else f"{item}: {reason}"
    console.print(f"Failed: {line}", style="red", highlight=False, markup=False, soft_wrap=True)
    if debug:
        console.print(trace, highlight=False, markup=False, soft_wrap=True)
