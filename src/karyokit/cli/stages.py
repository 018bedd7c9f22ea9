"""`karyokit reconstruct` and `karyokit classify`: single stages on their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from karyokit.cli.cells import Mode, StainName, Threads, expand
from karyokit.cli.errors import FAILED
from karyokit.cli.progress import run_each

if TYPE_CHECKING:
    from karyokit.pipeline.singles import SeenSingle, SingleName


def reconstruct(
    image: Annotated[Path, typer.Option("--image", help="The grey picture.")],
    foreground: Annotated[Path, typer.Option("--foreground", help="Mask picture: chromosomes with their overlaps.")],
    overlap: Annotated[Path, typer.Option("--overlap", help="Mask picture: zones where chromosomes cross.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.npz", help="File for the masks.")],
    border: Annotated[Path | None, typer.Option("--border", help="Mask picture: lines between touching chromosomes.")] = None,
    mode: Mode = "graph",
    stain: StainName = "auto",
    network: Annotated[
        bool, typer.Option(help="Without --border, see the lines between touching chromosomes in the picture (mode graph).")
    ] = True,
) -> None:
    """Put whole chromosomes together from mask pictures (0/255 or 0/1).

    Writes `masks` (n, rows, columns) bool, which may overlap, to OUT.npz.
    """
    import numpy as np

    from karyokit.checks import require_same_shape
    from karyokit.chromosomes import stack_masks
    from karyokit.files import atomic_path, require_place
    from karyokit.pictures import read_mask, read_picture
    from karyokit.pipeline import rebuild

    require_place(output)
    planes = read_mask(foreground), read_mask(overlap)
    lines = read_mask(border) if border else None
    grey = read_picture(image, min_side=1)
    files = {str(foreground): planes[0], str(overlap): planes[1], str(image): grey.pixels}
    require_same_shape(files if lines is None else {**files, str(border): lines})
    found = rebuild(grey, *planes, border=lines, stain=stain, mode=mode, network=network)
    with atomic_path(output) as aside, aside.open("wb") as stream:
        np.savez_compressed(stream, masks=stack_masks((chromosome.region for chromosome in found), planes[0].shape[:2]))
    typer.echo(f"{len(found)} chromosomes -> {output}")


def classify(
    context: typer.Context,
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE|FOLDER...", readable=False, help="Pictures of single chromosomes.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.csv", help="Table to write.")],
    stain: StainName = "auto",
    model: Annotated[str | None, typer.Option("--model", "--classifier", help="Classification model: a name or an .onnx file.")] = None,
    one_cell: Annotated[
        bool, typer.Option("--one-cell", help="The pictures of a folder are one cell's: name them together, by their sizes, too.")
    ] = False,
    threads: Threads = None,
) -> None:
    """Name the chromosome in each picture: class, its probability, and where the p arm points.

    Writes a CSV table with the columns file, class, probability and polarity. With --one-cell the class is ? where a picture is
    rather not one whole chromosome.
    """
    from karyokit.exchange.tables import ClassPrediction, write_predictions
    from karyokit.files import require_place
    from karyokit.pipeline import check_choices, see_single

    require_place(output)
    check_choices(stain, "graph", models=(model,), threads=threads)
    debug = context.obj["debug"]
    paths, unusable = expand(pictures, debug=debug)
    see = partial(see_single, stain=stain, classifier=model, threads=threads)
    seen: dict[Path, SeenSingle] = {}
    failed = [str(argument) for argument in unusable]
    try:
        run_each(
            paths,
            lambda path: seen.update({path: see(path)}),
            label="Chromosomes",
            kept=str(output),
            failed=lambda path, _: failed.append(str(path)),
            debug=debug,
        )
    finally:
        write_predictions(output, [ClassPrediction(str(path), *name) for path, name in _names(seen, together=one_cell).items()])
    typer.echo(f"{len(seen)} chromosomes -> {output}")
    if failed:
        raise typer.Exit(FAILED)


def _names(seen: Mapping[Path, SeenSingle], *, together: bool) -> dict[Path, SingleName]:
    """Class, probability and polarity of each picture; ``together`` takes those of a folder for one cell."""
    from karyokit.pipeline import names_of_cell

    if not together:
        return {path: one.name for path, one in seen.items()}
    named: dict[Path, SingleName] = {}
    for folder in dict.fromkeys(path.parent for path in seen):
        cell = {path: one for path, one in seen.items() if path.parent == folder}
        named.update(zip(cell, names_of_cell(list(cell.values())), strict=True))
    return named
