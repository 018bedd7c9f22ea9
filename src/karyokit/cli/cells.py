"""`karyokit karyotype` and `karyokit separate`: whole metaphase pictures in, a folder of results out."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from karyokit.cli.batches import Place, run_batch
from karyokit.cli.errors import FAILED, describe
from karyokit.cli.progress import report_error

Images = Annotated[
    list[Path], typer.Argument(metavar="IMAGE...", readable=False, help="Pictures (TIFF, PNG, JPEG, BMP) or folders of pictures.")
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the results.")]
StainName = Annotated[
    str, typer.Option("--stain", help="auto, fluorescence (dapi, qband), brightfield (gband) or inverted (dapi-inverted, qband-inverted).")
]
Mode = Annotated[str, typer.Option("--mode", help="How chromosomes are put together again: graph or legacy.")]
ModelName = Annotated[str | None, typer.Option("--model", help="Separation model: a name of `karyokit models` or an .onnx file.")]
Classifier = Annotated[str | None, typer.Option("--classifier", help="Classification model: a name or an .onnx file.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, max=1024, help="Processor cores to use; all when left out.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=1024, help="Processes to use, with one core each; for many pictures one a core, at most 8."),
]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="A Ray cluster: its address, auto, or local.")]
Resume = Annotated[
    bool,
    typer.Option("--resume/--anew", help="Leave out pictures finished before with the same bytes, models and options; or do all again."),
]


def karyotype(
    context: typer.Context,
    images: Images,
    output: Output,
    stain: StainName = "auto",
    mode: Mode = "graph",
    model: ModelName = None,
    classifier: Classifier = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    resume: Resume = True,
) -> None:
    """Take the chromosomes of metaphase pictures apart, name them and lay out the karyogram.

    Writes OUT/annotations.json (COCO, all pictures) and, per picture, a folder with one picture per chromosome, an overlay,
    the karyogram (PNG, PDF) and measurements (CSV). A run that was stopped goes on when it is started again.
    """
    choices = {"stain": stain, "mode": mode, "model": model, "classifier": classifier}
    run_cells(images, output, choices, place=Place(workers, cluster, threads), resume=resume, debug=context.obj["debug"])


def separate(
    context: typer.Context,
    images: Images,
    output: Output,
    stain: StainName = "auto",
    mode: Mode = "graph",
    model: ModelName = None,
    threads: Threads = None,
    workers: Workers = None,
    cluster: Cluster = None,
    resume: Resume = True,
) -> None:
    """Take the chromosomes of metaphase pictures apart, without naming them.

    Writes the same as `karyotype` without the karyogram.
    """
    choices = {"classify": False, "stain": stain, "mode": mode, "model": model}
    run_cells(images, output, choices, place=Place(workers, cluster, threads), resume=resume, debug=context.obj["debug"])


def run_cells(images: Sequence[Path], output: Path, choices: Mapping[str, Any], *, place: Place, resume: bool, debug: bool) -> None:
    """Do every picture with these choices of ``CellWork``; save each cell when it is done, and the annotations of all of them."""
    from karyokit.batch.cell_work import CellWork
    from karyokit.batch.jobs import Job
    from karyokit.batch.results import Results
    from karyokit.pipeline import check_choices

    results = Results(output, resume=resume)
    work = CellWork(results.unfinished.absolute(), describe, **choices)
    check_choices(work.stain, work.mode, models=(work.model, work.classifier), threads=place.threads_each)
    paths, unusable = expand(images, debug=debug)
    place = place.for_pictures(len(paths))
    names, folders = relative_names(paths), distinct_folders(paths)
    jobs = [Job(number, path, names[path], folder) for number, (path, folder) in enumerate(zip(paths, folders, strict=True))]
    with results.of(jobs, work.options()):
        for argument, reason in unusable.items():
            results.failed[str(argument)] = reason
        run_batch(results, replace(work, threads=place.threads_each), place.runner(), debug=debug)
    if results.finished_before:
        typer.echo(f"{results.finished_before} finished before.")
    if results.finished_before or results.finished_now:
        typer.echo(f"To look through them and correct them: karyokit serve {shlex.quote(str(results.folder))}")
    if results.failed:
        typer.echo(f"{len(results.failed)} failed, {results.finished_now} finished.", err=True)
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
            report_error(Console(stderr=True), str(argument), error, debug=debug)
    return list(found), unusable


def distinct_folders(paths: Sequence[Path]) -> list[str]:
    """One folder name per picture: its stem, numbered where a stem comes again (letter case does not count).

    >>> distinct_folders([Path("a/cell.png"), Path("b/cell.tif"), Path("Cell.png"), Path("x.png")])
    ['cell', 'cell-2', 'Cell-3', 'x']
    """
    from karyokit.files import distinct_names

    return distinct_names((path.stem for path in paths), taken=("annotations.json", ".karyokit"))


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
