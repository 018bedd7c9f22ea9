"""`karyokit networks` and `karyokit models`: what there is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def networks(as_json: AsJson = False) -> None:
    """List the networks that can be trained, with parameter count and paper."""
    from karyokit.networks import NETWORKS, parameter_counts

    counts = parameter_counts()
    rows = [{"name": name, "task": entry.task, "parameters": counts[name], "paper": entry.source} for name, entry in NETWORKS.items()]
    print_rows(rows, ("name", "task", "parameters", "paper"), as_json=as_json)


def models(as_json: AsJson = False) -> None:
    """List the trained models that are shipped, with parameter count, paper and sha256."""
    from karyokit.inference import list_models

    rows = [card.model_dump(mode="json") for card in list_models()]
    print_rows(rows, ("name", "task", "stains", "parameters", "paper"), as_json=as_json)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print all fields as JSON, or the named columns as a table."""
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_text(row[column]) for column in columns))
    Console().print(table if rows else "There are none.", highlight=False, markup=False)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
