"""`karyokit serve` and `karyokit review`: correcting a case in the browser, and what comes out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CaseFolder = Annotated[Path, typer.Argument(metavar="CASE", help="Folder that `karyokit karyotype ... -o CASE` wrote.")]
Pictures = Annotated[
    Path | None, typer.Option("--pictures", metavar="FOLDER", help="Where the metaphase pictures lie; remembered in the case.")
]

app = typer.Typer(no_args_is_help=True, help="What comes out of a review.")


def serve(
    case: CaseFolder,
    pictures: Pictures = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8710,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Any but 127.0.0.1 needs the token on every request.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None, typer.Option("--token", envvar="KARYOKIT_TOKEN", help="Secret to ask for; one is made for other addresses.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Separation model for areas that are run again.")] = None,
    classifier: Annotated[str | None, typer.Option("--classifier", help="Classification model for chromosomes that change.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, max=1024, help="Processor cores for the models.")] = None,
) -> None:
    """Correct a case in the browser: serves a page on this machine until Ctrl-C.

    Every edit is kept in CASE/case.sqlite at once. For research use only.
    """
    from contextlib import closing

    from karyokit.pipeline import check_choices
    from karyokit.review.case import Case
    from karyokit.review.models import ShippedModels
    from karyokit.web.server import LOCAL
    from karyokit.web.server import serve as serve_case

    check_choices("auto", "graph", models=(model, classifier), threads=threads)
    assistant = ShippedModels(model=model, classifier=classifier, threads=threads)

    def announce(address: str) -> None:
        typer.echo(f"{_cells(len(opened.cells))}. Open {address}  (stop with Ctrl-C)")

    with closing(Case(case, pictures=pictures, assistant=assistant)) as opened:
        for name in opened.kept_analyses:
            typer.echo(f"{name}: was analysed again, but its review goes on from the earlier analysis.", err=True)
        if lost := [cell.name for number, cell in opened.cells.items() if opened.picture_problem(number)]:
            typer.echo(f"{_not_found(lost, len(opened.cells))} Name their folder: karyokit serve {case} --pictures FOLDER", err=True)
        if host not in LOCAL:
            typer.echo("Others on the network can reach this address; what they send and see is not encrypted.", err=True)
        serve_case(opened, host=host, port=port, token=token, announce=announce)


@app.command("export")
def export(
    case: CaseFolder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="COCO file to write; with --training a folder.")],
    pictures: Pictures = None,
    finished: Annotated[bool, typer.Option("--finished", help="Only reviewed and signed cells.")] = False,
    training: Annotated[
        bool, typer.Option("--training", help="A folder to train on: reviewed and signed cells with their pictures.")
    ] = False,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="FOLDER", help="Also let the knowledge store of `refine` learn from the corrections.")
    ] = None,
) -> None:
    """Write the corrected cells of a case."""
    from contextlib import closing

    from karyokit.review.case import Case
    from karyokit.review.export import feed_store, write_corrected, write_training_set

    with closing(Case(case, pictures=pictures)) as opened:
        count = write_training_set(opened, output) if training else write_corrected(opened, output, finished=finished)
        typer.echo(f"{_cells(count)} -> {output}")
        if store:
            typer.echo(f"{feed_store(opened, store)} experiences -> {store}")


def _not_found(names: list[str], count: int) -> str:
    """Which pictures are missing, at most three by name."""
    some = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    return f"{len(names)} of {count} pictures are not found ({some}). Without them outlines can be edited, but not looked at."


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"
