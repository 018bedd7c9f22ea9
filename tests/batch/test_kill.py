"""A batch that is killed again and again ends with the bytes of one that was left alone.

KARYOKIT_KILLS sets how often (default 20).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from stub_work import text_jobs

from karyokit.pictures import write_png

KILLS = int(os.environ.get("KARYOKIT_KILLS", "20"))
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")]


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of the results but the journal's folder."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and ".karyokit" not in path.relative_to(out).parts
    }


def journal_of(out: Path) -> list[str]:
    path = out / ".karyokit" / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line)["folder"] for line in lines]


def kill_and_go_on(command: list[str], out: Path, span_s: float) -> int:
    """Start the command, kill it after a random time, ``KILLS`` times; then let it end. Returns how many kills met it running."""
    chance, met = random.Random(5), 0
    for _ in range(KILLS):
        before = journal_of(out)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, span_s))
        met += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert journal_of(out)[: len(before)] == before
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return met


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_stub_batches(tmp_path: Path, workers: int) -> None:
    jobs = text_jobs(tmp_path / "in", [f"text {number % 7}" for number in range(25 * KILLS)])
    script = [sys.executable, str(Path(__file__).parent / "stub_batch.py"), str(tmp_path / "in")]
    start = time.monotonic()
    subprocess.run([*script, str(tmp_path / "whole"), str(workers), "0"], check=True, stdout=subprocess.DEVNULL)
    whole_s = time.monotonic() - start
    out = tmp_path / "killed"
    met = kill_and_go_on([*script, str(out), str(workers), "0.06"], out, span_s=min(4.0, whole_s))
    assert met > KILLS / 2
    assert files_of(out) == files_of(tmp_path / "whole")
    assert Counter(journal_of(out)) == Counter(job.folder for job in jobs)
    repeated = Counter((tmp_path / "killed.log").read_text().splitlines()).total() - len(jobs)
    assert repeated <= KILLS * 8  # pictures that were under way when the batch was killed


def test_killed_batches_of_pictures(tmp_path: Path, metaphases: list[str]) -> None:
    command = [sys.executable, "-c", "from karyokit.cli import main; main()", "separate", *metaphases, "--threads", "1", "-o"]
    start = time.monotonic()
    subprocess.run([*command, str(tmp_path / "whole")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    out = tmp_path / "killed"
    kill_and_go_on([*command, str(out)], out, span_s=(time.monotonic() - start) / 2)
    assert files_of(out) == files_of(tmp_path / "whole")
    assert len(files_of(out)) > 7 * len(journal_of(out))
    assert sorted(Counter(journal_of(out)).values()) == [1] * (len(metaphases) - 2)


@pytest.fixture
def metaphases(tmp_path: Path) -> list[str]:
    """Files of drawn metaphases of six bars, and the options that name a thresholding network."""
    import numpy as np

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
    import tiny_models

    tiny_models.separator(tmp_path, stains=("fluorescence", "brightfield"))
    names = []
    for shift in range(2 * KILLS):
        picture = np.full((160, 200), 12, np.uint8)
        picture[::7, ::5] += 3
        for number in range(6):
            picture[20 + shift % 40 : 50 + 6 * number + shift % 40, 15 + 30 * number : 25 + 30 * number] = 150 + 5 * number
        names.append(str(tmp_path / f"cell_{shift}.png"))
        write_png(names[-1], picture)
    return [*names, "--model", str(tmp_path / "tiny.onnx")]
