"""`karyokit convert`: annotations from one file format into another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def convert(
    sources: Annotated[list[Path], typer.Argument(metavar="IN...", help="Annotation files of any format; several are joined.")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, or a folder for one file a cell.")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="coco, labelme, imagej, ome-tiff or label-image; else by OUT's name.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="The picture of a single cell: gives its name, size and stain.")] = None,
) -> None:
    """Convert annotations between COCO, labelme, ImageJ ROI zip and OME-TIFF without loss; see docs/formats.md.

    Reads Cellpose's _seg.npy and label images, too. Label images are written with a warning that counts what they cannot hold.
    """
    from karyokit.checks import problem
    from karyokit.exchange.formats import read_cells, write_cells
    from karyokit.files import require_place
    from karyokit.pictures import read_picture
    from karyokit.staining import detect_stain

    if not output.is_dir():
        require_place(output)
    grey = read_picture(picture, min_side=1) if picture else None
    shape = (grey.pixels.shape[0], grey.pixels.shape[1]) if grey else None
    found = [cell for source in sources for cell in read_cells(source, shape=shape)]
    if grey:
        if len(found) != 1:
            raise ValueError(problem("--picture", "go with a single cell", f"{len(found)} cells", "Convert them one by one."))
        found = [replace(found[0], name=grey.name, stain=found[0].stain or detect_stain(grey.pixels))]
    for warning in write_cells(output, found, name=to):
        typer.echo(f"Warning: {warning}.", err=True)
    count = sum(len(cell.chromosomes) for cell in found)
    typer.echo(f"{len(found)} cell{'s' * (len(found) != 1)}, {count} chromosome{'s' * (count != 1)} -> {output}")
