"""`karyokit karyotype` and `karyokit separate`: whole metaphase pictures in, a folder of results out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from karyokit.cli.errors import FAILED, describe
from karyokit.cli.progress import report, run_each

if TYPE_CHECKING:
    from karyokit.pipeline import AnalysedCell

ANNOTATIONS = "annotations.json"

Images = Annotated[
    list[Path], typer.Argument(metavar="IMAGE...", readable=False, help="Pictures (TIFF, PNG, JPEG, BMP) or folders of pictures.")
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the results.")]
StainName = Annotated[str, typer.Option("--stain", help="auto, fluorescence (dapi, qband) or brightfield (gband).")]
Mode = Annotated[str, typer.Option("--mode", help="How chromosomes are put together again: graph or legacy.")]
ModelName = Annotated[str | None, typer.Option("--model", help="Separation model: a name of `karyokit models` or an .onnx file.")]
Classifier = Annotated[str | None, typer.Option("--classifier", help="Classification model: a name or an .onnx file.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, max=1024, help="Processor cores to use; all when left out.")]

Resume = Annotated[bool, typer.Option("--resume", help="Leave out pictures that OUT/annotations.json holds already.")]


def karyotype(
    context: typer.Context,
    images: Images,
    output: Output,
    stain: StainName = "auto",
    mode: Mode = "graph",
    model: ModelName = None,
    classifier: Classifier = None,
    threads: Threads = None,
    resume: Resume = False,
) -> None:
    """Take the chromosomes of metaphase pictures apart, name them and lay out the karyogram.

    Writes OUT/annotations.json (COCO, all pictures) and, per picture, a folder with one picture per chromosome, an overlay,
    the karyogram (PNG, PDF) and measurements (CSV).
    """
    from karyokit.pipeline import analyse, check_choices

    check_choices(stain, mode, models=(model, classifier), threads=threads)
    work = partial(analyse, stain=stain, mode=mode, model=model, classifier=classifier, threads=threads)
    run_cells(images, output, work, resume=resume, debug=context.obj["debug"])


def separate(
    context: typer.Context,
    images: Images,
    output: Output,
    stain: StainName = "auto",
    mode: Mode = "graph",
    model: ModelName = None,
    threads: Threads = None,
    resume: Resume = False,
) -> None:
    """Take the chromosomes of metaphase pictures apart, without naming them.

    Writes the same as `karyotype` without the karyogram.
    """
    from karyokit import pipeline

    pipeline.check_choices(stain, mode, models=(model,), threads=threads)
    work = partial(pipeline.separate, stain=stain, mode=mode, model=model, threads=threads)
    run_cells(images, output, work, resume=resume, debug=context.obj["debug"])


def run_cells(images: Sequence[Path], output: Path, work: Callable[[Path], AnalysedCell], *, resume: bool, debug: bool) -> None:
    """Run ``work`` on every picture; save each cell when it is done, and the annotations of all of them."""
    from karyokit.exchange.coco import CocoBatch
    from karyokit.files import make_folder
    from karyokit.pipeline import save_cell

    paths, unusable = expand(images, debug=debug)
    make_folder(output)
    folders, names = dict(zip(paths, distinct_folders(paths), strict=True)), relative_names(paths)
    summaries: list[str] = []

    def one(path: Path) -> None:
        cell = replace(work(path), name=names[path])
        save_cell(cell, output / folders[path])
        batch.add(cell)
        summaries.append(f"{path}: {cell.summary()} -> {output / folders[path]}")

    try:
        with CocoBatch(output / ANNOTATIONS, resume=resume) as batch:
            for argument, reason in unusable.items():
                batch.fail(str(argument), reason)
            waiting = [path for path in paths if names[path] not in batch.finished]
            run_each(waiting, one, label="Pictures", kept=str(output), failed=lambda path, why: batch.fail(names[path], why), debug=debug)
    finally:
        if summaries:
            typer.echo("\n".join(summaries))
    if len(paths) - len(waiting):
        typer.echo(f"{len(paths) - len(waiting)} finished before.")
    if unfinished := len(waiting) - len(summaries) + len(unusable):
        typer.echo(f"{unfinished} failed, {len(summaries)} finished.", err=True)
        raise typer.Exit(FAILED)


def expand(arguments: Sequence[Path], *, debug: bool) -> tuple[list[Path], dict[Path, str]]:
    """Picture files behind files and folders, without repetitions; and the arguments that could not be used, with the reason."""
    from rich.console import Console

    from karyokit.pictures import list_pictures

    found: dict[Path, None] = {}
    unusable: dict[Path, str] = {}
    for argument in arguments:
        try:
            found.update(dict.fromkeys(list_pictures([argument])))
        except (ValueError, OSError) as error:
            unusable[argument] = describe(error)
            report(Console(stderr=True), str(argument), error, debug=debug)
    return list(found), unusable


def distinct_folders(paths: Sequence[Path]) -> list[str]:
    """One folder name per picture: its stem, numbered where a stem comes again (letter case does not count).

    >>> distinct_folders([Path("a/cell.png"), Path("b/cell.tif"), Path("Cell.png"), Path("x.png")])
    ['cell', 'cell-2', 'Cell-3', 'x']
    """
    taken = {ANNOTATIONS}
    names = []
    for path in paths:
        name, number = path.stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{path.stem}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def relative_names(paths: Sequence[Path]) -> dict[Path, str]:
    """File names for the annotations: bare where they differ, else with as many folders as tell them apart.

    >>> sorted(relative_names([Path("d/a/1.png"), Path("d/b/1.png")]).values())
    ['a/1.png', 'b/1.png']
    """
    if len({path.name for path in paths}) == len(paths):
        return {path: path.name for path in paths}
    absolute = [path.absolute() for path in paths]
    root = os.path.commonpath([path.parent for path in absolute])
    return {path: full.relative_to(root).as_posix() for path, full in zip(paths, absolute, strict=True)}
