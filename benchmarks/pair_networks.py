"""Speed of every network of two-chromosome pictures: training pictures a second, and milliseconds for one 128x128 picture.

As in the papers' tables (ARMS 3 to 5, AMFL IV, RSE 3): batch 1 with 20 runs of warm-up and the median of 100, or of as many as fit
into ``--limit`` seconds. Training is forward, cross-entropy, backward and Adam on random pictures that lie on the device; loading is not
counted. Networks of the scale ``small`` are timed with ``--width-mult 0.125``.

    python benchmarks/pair_networks.py -o runs/pair_networks
    python benchmarks/pair_networks.py --device cuda --batch 32 --precision bfloat16 --compile -o runs/pair_networks_cuda
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.training.timing import hardware, milliseconds, pictures_per_second

COLUMNS = ("network", "parameters", "ms", "pictures_per_second")


def training_step(network: torch.nn.Module, batch: int, precision: str) -> Callable[[], object]:
    """One step of Adam on a random batch that lies on the network's device."""
    device = next(network.parameters()).device
    optimizer = torch.optim.Adam(network.parameters(), fused=True if device.type == "cuda" else None)
    pictures = torch.rand(batch, 1, 128, 128, device=device).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 4, (batch, 128, 128), device=device)

    def step() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            logits = network(pictures)
        loss = functional.cross_entropy(logits.float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """The row of one network."""
    narrow = {} if options.width_mult == 1.0 else {"width_mult": options.width_mult}
    torch.manual_seed(0)
    network = build_network(name, **narrow).to(options.device).to(memory_format=torch.channels_last)
    row = {"network": name, "parameters": parameter_count(network), "paper": NETWORKS[name].source}
    row["ms"] = round(milliseconds(network.eval(), (1, 1, 128, 128), limit_s=options.limit), 3)
    if options.compile:
        network.compile()
    step = training_step(network.train(), options.batch, options.precision)
    row["pictures_per_second"] = round(pictures_per_second(step, options.batch, torch.device(options.device), steps=options.steps), 2)
    return row


def as_markdown(record: dict[str, Any]) -> str:
    """The table with what must be known to read it."""
    lines = ["| network | parameters (M) | one picture (ms) | training (pictures/s) |", "|---|---|---|---|"]
    for row in record["rows"]:
        figures = f"{row['parameters'] / 1e6:.2f} | {row['ms']:.2f} | {row['pictures_per_second']:.1f}"
        lines += [f"| {row['network']} | {figures} |"]
    setting = {key: record[key] for key in ("hardware", "batch", "precision", "compile", "width_mult", "torch")}
    words = ", ".join(f"{key} {value}" for key, value in setting.items())
    return "\n".join([*lines, "", f"{words}. Inference is float32, batch 1. Command: `{record['command']}`."]) + "\n"


def main() -> None:
    """Time the networks one after another; the files are rewritten after each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = [name for name, entry in NETWORKS.items() if entry.task == "pairs"]
    parser.add_argument("--networks", nargs="*", default=known, choices=known, metavar="NAME")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="bfloat16")
    parser.add_argument("--width-mult", type=float, default=1.0)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/pair_networks"))
    options = parser.parse_args()
    about = {key: getattr(options, key) for key in ("device", "batch", "precision", "compile", "width_mult")}
    command = shlex.join(["python", *sys.argv])
    record = {"hardware": hardware(options.device), **about, "torch": torch.__version__, "command": command, "rows": []}
    options.output.mkdir(parents=True, exist_ok=True)
    for name in options.networks:
        record["rows"].append(measured(name, options))
        print({key: record["rows"][-1][key] for key in COLUMNS}, flush=True)
        (options.output / "pair_networks.json").write_text(json.dumps(record, indent=1) + "\n")
        (options.output / "pair_networks.md").write_text(as_markdown(record))


if __name__ == "__main__":
    main()
