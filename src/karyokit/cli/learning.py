"""`karyokit train`: from a recipe to weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe file (TOML).")],
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="a.b=c", help="Change a setting; may be repeated.")] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="Folder of the run; runs/NAME when left out.")] = None,
    data: Annotated[str, typer.Option("--data", help="Folder of the data sets; KARYOKIT_DATA when left out.")] = "",
    device: Annotated[str, typer.Option("--device", help="Where to compute: cpu, cuda.")] = "cpu",
) -> None:
    """Train a network by a recipe, or go on where an earlier run stopped."""
    from karyokit.training.run import train_recipe

    typer.echo(f"Trained -> {train_recipe(recipe, changes or (), folder=folder, data=data, device=device)}")
