"""`karyokit data`: list, fetch and build data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from karyokit.cli.errors import GuardedGroup
from karyokit.cli.listings import AsJson, print_rows
from karyokit.cli.progress import progress_bar

app = typer.Typer(cls=GuardedGroup, no_args_is_help=True, help="List, fetch and build data sets.")

DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the data sets; KARYOKIT_DATA when left out.")]


@app.command("list")
def list_sets(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the data sets that can be read, and which of them are here."""
    from dataclasses import asdict

    from karyokit.data.catalogue import listing
    from karyokit.data.sources import data_place

    print_rows([asdict(row) for row in listing(data_place(data))], ("name", "count", "present", "fetchable", "what"), as_json=as_json)


@app.command("fetch")
def fetch_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of `karyokit data list`.")],
    data: DataFolder = None,
    address: Annotated[str | None, typer.Option("--address", help="Another address than the published one.")] = None,
) -> None:
    """Download a data set from its published address; an interrupted download goes on where it stopped."""
    from karyokit.checks import lookup
    from karyokit.data.catalogue import CATALOGUE
    from karyokit.data.fetch import fetch
    from karyokit.data.sources import data_place

    folder = data_place(data) / lookup(CATALOGUE, name, "data set").folder
    with progress_bar("Bytes", None) as (bar, task):
        paths = fetch(name, folder, address=address, progress=lambda done, total: bar.update(task, completed=done, total=total))
    typer.echo("\n".join(str(path) for path in paths))


@app.command("build")
def build_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="pommier: the 13,434 overlapping pairs.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.npz", help="File to write.")],
    data: DataFolder = None,
) -> None:
    """Build a generated data set from its source pictures."""
    from karyokit.checks import lookup
    from karyokit.data.pommier import build_pairs, read_source, save_pairs
    from karyokit.data.sources import data_folder
    from karyokit.files import require_place

    source = lookup({"pommier": "pommier"}, name, "data set")
    require_place(output)
    pairs = build_pairs(*read_source(data_folder(data) / source))
    save_pairs(output, pairs)
    typer.echo(f"{len(pairs.images)} pairs of {pairs.candidates} candidates -> {output}")
