"""`karyokit train` and `karyokit evaluate`: from a recipe to weights, and from weights to figures."""

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
    """Train a network by a recipe, or go on where an earlier run stopped.

    Several processes share each batch: torchrun --nproc-per-node N --no-python karyokit train RECIPE
    """
    from karyokit.training.distributed import Ranks, joined
    from karyokit.training.run import train_recipe

    with joined(device) as own:
        run = train_recipe(recipe, changes or (), folder=folder, data=data, device=own)
        if Ranks.current().first:
            typer.echo(f"Trained -> {run}")


def export(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe of the run.")],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the run.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for NAME.onnx, NAME.safetensors and NAME.json.")],
    temperature: Annotated[float, typer.Option("--temperature", min=0.05, help="Divides a classifier's logits.")] = 1.0,
) -> None:
    """Make a model for the main job of the best weights of a run."""
    from karyokit.training.export import export_run
    from karyokit.training.recipe import read_recipe

    typer.echo(f"{export_run(read_recipe(recipe), run, output, temperature=temperature).name} -> {output}")


def evaluate(
    what: Annotated[str, typer.Argument(metavar="SET", help="mfish, gband_cells, gband_singles or qband_singles.")],
    split: Annotated[str, typer.Option("--split", help="train, val or test; of gband_cells held_back, too.")] = "val",
    data: Annotated[str, typer.Option("--data", help="Folder of the data sets; KARYOKIT_DATA when left out.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON file for the figures and a row per picture.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model to evaluate; the shipped one when left out.")] = None,
    mode: Annotated[str, typer.Option("--mode", help="Reconstruction: graph or legacy.")] = "graph",
    limit: Annotated[int | None, typer.Option("--limit", help="Only so many pictures.")] = None,
    gallery: Annotated[Path | None, typer.Option("--gallery", help="Folder for pictures of the worst cells and what is wrong.")] = None,
) -> None:
    """Hold the main job, or the classifier, against a split of a real data set; figures with 95 % intervals."""
    from karyokit.checks import lookup
    from karyokit.data.sources import data_folder
    from karyokit.evaluation import EVALUATIONS, EvaluationOptions

    options = EvaluationOptions(split=split, mode=mode, model=model, limit=limit, gallery=gallery)
    report = lookup(EVALUATIONS, what, "set")(data_folder(data), options)
    typer.echo(report.table())
    if output:
        report.write(output)
