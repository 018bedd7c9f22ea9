"""`karyokit reproduce`: the tables of the published systems."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def reproduce(
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="arms, amfl, chromseg, rse or kemr.")],
    tables: Annotated[list[str] | None, typer.Option("--table", help="Number of a table, or honest; may be repeated.")] = None,
    scale: Annotated[
        str, typer.Option("--scale", help="small (minutes a row on a CPU core), medium (half an hour), paper (wants an accelerator).")
    ] = "small",
    split: Annotated[str, typer.Option("--split", help="paper (the table's own), pair_disjoint, chrom_disjoint ...")] = "paper",
    rows: Annotated[list[str] | None, typer.Option("--row", "--rows", help="Labels of rows, by commas or repeated.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Rows trained at once, each on one core.")] = 1,
    device: Annotated[str, typer.Option("--device", help="Where to compute: cpu, cuda.")] = "cpu",
    data: Annotated[str, typer.Option("--data", help="Folder of the data sets; KARYOKIT_DATA when left out.")] = "",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for SYSTEM/index.html, tables and runs.")] = Path("runs/reproduce"),
) -> None:
    """Train and score the rows of a published system's tables, beside the paper's own figures; a killed call is gone on with."""
    from karyokit.reproduction.recipes import Variant
    from karyokit.reproduction.run import Request, reproduce

    command = shlex.join(["karyokit", *sys.argv[1:]]) if len(sys.argv) > 1 else ""
    request = Request(
        system=system,
        out=output,
        tables=tuple(tables or ()),
        rows=tuple(rows or ()),
        variant=Variant(scale, split),
        device=device,
        workers=workers,
        data=data,
        command=command,
    )
    typer.echo(f"Written -> {reproduce(request, typer.echo) / 'index.html'}")
