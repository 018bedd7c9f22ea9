"""A process that writes commands is killed at random points."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from drawn_case import make_case

from karyokit.review.case import Case


def start(folder: Path, name: str = "writer") -> subprocess.Popen[str]:
    """A process that writes into the case."""
    script = Path(__file__).with_name("kill_writer.py")
    return subprocess.Popen([sys.executable, str(script), str(folder), name], stdout=subprocess.PIPE, text=True)


def kill(writer: subprocess.Popen[str]) -> list[int]:
    """Kill the process; numbers of the entries it has acknowledged and that were not read yet."""
    assert writer.stdout is not None
    writer.kill()
    lines = writer.stdout.read().splitlines(keepends=True)
    writer.wait()
    writer.stdout.close()
    return [int(line) for line in lines if line.endswith("\n")]  # the last line may be cut short


def killed_once(folder: Path, delay: float) -> int:
    """Number of the last entry that a writer acknowledged before it was killed, ``delay`` seconds after its first."""
    writer = start(folder)
    assert writer.stdout is not None
    first = int(writer.stdout.readline())
    time.sleep(delay)
    return [first, *kill(writer)][-1]


def require_whole(folder: Path, acknowledged: int, known: list[str]) -> list[str]:
    """The names in the log, after checking that nothing acknowledged and nothing known before is missing."""
    case = Case(folder)
    entries = case.history(1).entries
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries) >= acknowledged
    names = [entry.who for entry in entries]
    assert names == [f"writer {i}" for i in range(len(entries))]
    assert names[: len(known)] == known
    case.close()
    return names


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    folder = make_case(tmp_path, pictures=False)
    assert require_whole(folder, killed_once(folder, 0.2), [])


@pytest.mark.slow
def test_two_processes_write_into_one_case(tmp_path: Path) -> None:
    folder = make_case(tmp_path, pictures=False)
    writers = {name: start(folder, name) for name in ("Ann", "Bob")}
    firsts = {name: int(writer.stdout.readline()) for name, writer in writers.items() if writer.stdout}
    time.sleep(1)
    acknowledged = {name: [firsts[name], *kill(writer)] for name, writer in writers.items()}
    case = Case(folder)
    entries = case.history(1).entries
    for name, numbers in acknowledged.items():
        assert set(numbers) <= {entry.id for entry in entries if entry.who.startswith(name)}
        assert len(numbers) > 1
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    case.close()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_twenty_kills(tmp_path: Path) -> None:
    folder = make_case(tmp_path, pictures=False)
    chance = random.Random(5)
    known: list[str] = []
    for _ in range(20):
        known = require_whole(folder, killed_once(folder, chance.uniform(0, 0.4)), known)
    assert len(known) > 40
