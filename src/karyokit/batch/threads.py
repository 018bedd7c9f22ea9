"""A batch in this process: each stage in a thread of its own, so that reading, networks and writing overlap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any

from karyokit.batch.jobs import OUTCOMES, Job, Outcome, Work

AHEAD = 2
"""Pictures that may wait between two stages; what bounds the memory of a batch."""
_END = object()


def in_threads(jobs: Iterable[Job], work: Work) -> Generator[Outcome]:
    """Outcomes of the jobs in their order; at most ``AHEAD`` pictures wait between two stages. A ``Runner``.

    An interrupt, or any error outside ``Exception``, in a stage is raised here. On leaving early, pictures under way are finished
    as far as their stage and then dropped.
    """
    stop = threading.Event()
    queues: list[Queue[Any]] = [Queue(AHEAD) for _ in range(len(work.stages()) + 1)]
    threads = [threading.Thread(target=_feed, args=(jobs, queues[0], stop), daemon=True)]
    for stage, source, sink in zip(work.stages(), queues[:-1], queues[1:], strict=True):
        threads.append(threading.Thread(target=_run, args=(stage, source, sink, stop), daemon=True))
    for thread in threads:
        thread.start()
    try:
        while (found := _taken(queues[-1], stop)) is not _END:
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _feed(jobs: Iterable[Job], sink: Queue[Any], stop: threading.Event) -> None:
    try:
        for job in jobs:
            if not _put(sink, job, stop):
                return
        _put(sink, _END, stop)
    except BaseException as error:
        _put(sink, error, stop)


def _run(stage: Callable[[Any], Any], source: Queue[Any], sink: Queue[Any], stop: threading.Event) -> None:
    while (item := _taken(source, stop)) is not _END:
        done = isinstance(item, (*OUTCOMES, BaseException))
        try:
            found = item if done else stage(item)
        except BaseException as error:
            found = error
        del item
        if not _put(sink, found, stop):
            return
        del found
    _put(sink, _END, stop)


def _put(sink: Queue[Any], item: Any, stop: threading.Event) -> bool:
    """Whether the item could be handed on before the batch was left."""
    while not stop.is_set():
        with suppress(Full):
            sink.put(item, timeout=0.1)
            return True
    return False


def _taken(source: Queue[Any], stop: threading.Event) -> Any:
    """The next item, or the end once the batch is left; waits in short pieces, so that Ctrl-C is heard on every system."""
    while not stop.is_set():
        with suppress(Empty):
            return source.get(timeout=0.1)
    return _END
