from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from karyokit.training.distributed import Ranks, joined

SCRIPT = str(Path(__file__).parent / "line_task.py")


@pytest.mark.parametrize(("samples", "count"), [(8, 2), (5, 2), (7, 3), (2, 3), (1, 4)])
def test_shares_are_the_batch(samples: int, count: int) -> None:
    batch = {"x": torch.arange(samples), "names": [str(number) for number in range(samples)], "scale": torch.tensor(2.0)}
    shares = [Ranks(rank, count).share(batch) for rank in range(count)]
    assert sum(weight for _, weight in shares) == pytest.approx(1)
    kept = [share for share, weight in shares if weight]
    assert torch.cat([share["x"] for share in kept]).tolist() == list(range(samples))
    assert [name for share in kept for name in share["names"]] == batch["names"]
    assert all(len(share["x"]) > 0 for share, _ in shares)
    assert all(share["scale"] == 2 for share, _ in shares)


def test_one_process_alone_is_the_first_and_changes_nothing() -> None:
    with joined("cpu") as device:
        alone = Ranks.current()
    assert (device, alone, alone.first, alone.from_first(3)) == ("cpu", Ranks(0, 1), True, 3)
    weights = torch.nn.Parameter(torch.ones(2))
    weights.grad = torch.full((2,), 4.0)
    assert alone.sum_gradients([weights], torch.tensor(3.0), 0.5) == 3
    assert weights.grad.tolist() == [4, 4]


def test_seeds_differ_between_processes_and_not_for_the_first() -> None:
    assert Ranks(0, 2).seed(1, 5) == Ranks().seed(1, 5) == hash((1, 5)) % 2**31
    assert len({Ranks(rank, 4).seed(1, 5) for rank in range(4)}) == 4


def trained(folder: Path, batch: int, processes: int) -> list[dict[str, Any]]:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    folder.mkdir()
    done = subprocess.run([sys.executable, *launcher, SCRIPT, str(folder), str(batch)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [torch.load(folder / f"rank_{rank}.pt") for rank in range(processes)]


@pytest.mark.slow
@pytest.mark.parametrize("batch", [8, 7, 1])
def test_two_processes_train_to_the_weights_of_one(tmp_path: Path, batch: int) -> None:
    (alone,) = trained(tmp_path / "one", batch, 1)
    first, second = trained(tmp_path / "two", batch, 2)
    for key in ("weights", "gradients"):
        torch.testing.assert_close(first[key], second[key], rtol=0, atol=0)
        torch.testing.assert_close(first[key], alone[key], rtol=1e-4, atol=1e-6)
    assert second["rows"] == []
    assert [row["step"] for row in first["rows"]] == [4, 8, 12]
    for mine, lone in zip(first["rows"], alone["rows"], strict=True):
        assert mine == pytest.approx(lone, abs=1e-4)
    assert {path.name for path in (tmp_path / "two").iterdir()} - {"rank_1.pt"} == {path.name for path in (tmp_path / "one").iterdir()}
