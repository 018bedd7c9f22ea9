"""The `karyokit` command: its sub-commands, and what holds for all of them."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from karyokit.cli import case, cells, converting, datasets, learning, listings, refining, reproducing, serving, stages
from karyokit.cli.errors import INTERRUPTED, GuardedGroup

app = typer.Typer(
    cls=GuardedGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Takes overlapping and touching chromosomes of metaphase pictures apart and lays out the karyogram. For research use only.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"karyokit {version('karyokit')}")
        except PackageNotFoundError:
            typer.echo("karyokit, run from its source folder")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")] = False,
    show_version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Options of every command; ``show_version`` has done its work before this runs."""
    context.obj = {"debug": debug, "version": show_version}


app.command("karyotype")(cells.karyotype)
app.command("case")(case.case)
app.command("separate")(cells.separate)
app.command("reconstruct")(stages.reconstruct)
app.command("classify")(stages.classify)
app.command("refine")(refining.refine)
app.command("convert")(converting.convert)
app.add_typer(datasets.app, name="data")
app.command("networks")(listings.networks)
app.command("models")(listings.models)
app.command("train")(learning.train)
app.command("export")(learning.export)
app.command("evaluate")(learning.evaluate)
app.command("reproduce")(reproducing.reproduce)
app.command("serve")(serving.serve)
app.add_typer(serving.app, name="review")


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
