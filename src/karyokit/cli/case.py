"""`karyokit case`: the cells of one person together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def case(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that `karyokit karyotype` wrote, or an annotations.json.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the report.")],
) -> None:
    """Count the chromosomes of several cells of one person: modal karyotype, clones, composite ISCN.

    Writes OUT/case.pdf (report with the best karyograms), cells.csv, clones.csv and case.json. Cells of low confidence are listed apart.
    """
    from karyokit.files import make_folder
    from karyokit.pipeline.case import read_case, save_case

    read = read_case(source)
    make_folder(output)
    save_case(read, output)
    found = read.case
    typer.echo(f"{read.name}: {found.table.iscn or 'no cell is sure enough for a proposal'} -> {output}")
    typer.echo(f"{len(found.sure)} cells counted, {len(found.doubtful)} of low confidence, {len(read.left_out)} left out.")
