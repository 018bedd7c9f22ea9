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
    name: Annotated[str, typer.Argument(metavar="NAME", help="pommier: the 13,434 overlapping pairs; clusters: crossings as ChromSeg's.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="File OUT.npz to write; for clusters a folder.")],
    data: DataFolder = None,
) -> None:
    """Build a generated data set from its source pictures.

    Clusters are written as OUT/mfish and OUT/gband, each with train, val and test in ChromSeg's layout; in DATA/clusters
    they are found when a network is trained.
    """
    from karyokit.checks import lookup
    from karyokit.data.sources import data_folder

    build = lookup({"pommier": _build_pairs, "clusters": _build_clusters}, name, "data set")
    typer.echo(build(data_folder(data), output))


def _build_pairs(data: Path, output: Path) -> str:
    from karyokit.data.pommier import build_pairs, read_source, save_pairs
    from karyokit.files import require_place

    require_place(output)
    pairs = build_pairs(*read_source(data / "pommier"))
    save_pairs(output, pairs)
    return f"{len(pairs.images)} pairs of {pairs.candidates} candidates -> {output}"


def _build_clusters(data: Path, output: Path) -> str:
    from karyokit.data.cluster_sets import build_cluster_sets

    made = build_cluster_sets(data, output)
    return "\n".join(
        f"{name}: {', '.join(f'{count} {part}' for part, count in parts.items())} -> {output / name}" for name, parts in made.items()
    )
