"""Pages of the documentation that are made from the code, cards, recipes and figures when it is built.

`docs/conf.py` calls `write_pages`; every page is a function below and a line in ``PAGES``.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def write_pages(folder: Path) -> None:
    """Write every page that has changed into ``folder``, and remove pages that are no more."""
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        path, text = folder / f"{name}.md", make().rstrip() + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in PAGES:
            path.unlink()


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` has them."""
    parts = ["# Commands", "The same text is printed by `karyokit COMMAND --help`. Options of every command: see `karyokit --help`."]
    for name, command in command_tree():
        parts += [f"## `{name}`", inspect.cleandoc(command.help or "")]
        if rows := [_parameter(one) for one in command.params if one.name != "help"]:
            parts.append(table(("argument or option", "when left out", "what"), rows))
    return "\n\n".join(parts)


def command_tree() -> list[tuple[str, Any]]:
    """``("karyokit convert", command)`` for every command that does something, in the order of ``--help``."""
    import typer

    from karyokit.cli.app import app

    def leaves(name: str, command: Any) -> list[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            return [(name, command)]
        return [leaf for key, one in inner.items() for leaf in leaves(f"{name} {key}", one)]

    return leaves("karyokit", typer.main.get_command(app))


def _parameter(one: Any) -> tuple[str, str, str]:
    named = one.param_type_name == "option"
    words = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts)) if named else f"`{one.metavar or one.name.upper()}`"
    shown = "" if one.default is None or callable(one.default) or isinstance(one.default, (list, tuple)) else str(one.default)
    without = "must be given" if one.required else {"False": "off", "True": "on", "": "-"}.get(shown, f"`{shown}`")
    return words, without, getattr(one, "help", None) or ""


def models() -> str:
    """The card of every shipped model."""
    parts = ["# Model cards", "The cards of `src/karyokit/models`, which `karyokit models --json` prints and which are checked on loading."]
    return "\n\n".join(parts + [_card(path) for path in sorted((ROOT / "src/karyokit/models").glob("*.json"))])


def _card(path: Path) -> str:
    card = json.loads(path.read_text(encoding="utf-8"))
    outputs = [name for name in card["outputs"] if not name.startswith("affinity_")]
    steps = len(card["outputs"]) - len(outputs)
    facts = {
        "task": card["task"],
        "stains": ", ".join(card["stains"]),
        "taken by itself for": ", ".join(card["default_for"]) or ("its stains" if card["task"] == "classification" else "-"),
        "answers": ", ".join(outputs) + (f", affinities over {steps} steps" if steps else ""),
        "parameters": f"{card['parameters']:,}",
        "source": card["paper"],
        "trained on": card["data"],
        "licence": card["licence"],
        "split": card["split"],
        "made by": f"`{card['command']}`",
        **{f"sha256 of .{kind}": f"`{value}`" for kind, value in card["sha256"].items()},
    }
    found = [(one["metric"], number(one["value"]), one["split"], one["command"]) for one in card["figures"]]
    figures_of_card = ["Figures written down when it was made:", table(("figure", "value", "split", "from"), found)] if found else []
    return "\n\n".join([f"## {card['name']}", f"{card['summary']}.", table(("", ""), facts.items()), *figures_of_card])


def networks() -> str:
    """The table of networks."""
    from karyokit.networks import NETWORKS, parameter_counts

    counts = parameter_counts()
    rows = [(f"`{name}`", one.task, f"{counts[name]:,}", one.source) for name, one in NETWORKS.items()]
    text = "The table `karyokit networks` prints; parameters are those of the default options. A recipe names one under `[network]`."
    return "\n\n".join(["# Networks", text, table(("name", "task", "parameters", "source"), rows)])


def losses() -> str:
    """Losses of networks of two chromosomes by name, and the other loss functions."""
    import importlib

    from karyokit.losses import PAIR_LOSSES

    rows = [(f"`{name}`", f"`{loss.__module__.rpartition('.')[2]}`", first_line(loss)) for name, loss in PAIR_LOSSES.items()]
    others = []
    for path in sorted((ROOT / "src/karyokit/losses").glob("[a-z]*.py")):
        module = importlib.import_module(f"karyokit.losses.{path.stem}")
        own = [one for name, one in inspect.getmembers(module, inspect.isfunction) if one.__module__ == module.__name__ and name[0] != "_"]
        others += [(f"`{one.__name__}`", f"`{path.stem}`", first_line(one)) for one in own if one not in PAIR_LOSSES.values()]
    parts = ["# Losses", "For pictures of two chromosomes, by the name that a recipe gives under `[settings]` as `loss`:"]
    parts += [
        table(("name", "module", "what"), rows),
        "Other functions of `karyokit.losses`:",
        table(("function", "module", "what"), others),
    ]
    return "\n\n".join(parts)


def exchange_formats() -> str:
    """The table of file formats."""
    from karyokit.exchange.formats import FORMATS

    rows = [
        (
            f"`{name}`",
            ", ".join(f"`{end}`" for end in one.suffixes),
            "yes" if one.write else "no",
            "everything" if one.lossless else "not everything",
        )
        for name, one in FORMATS.items()
    ]
    text = "What `karyokit convert` reads and writes. [File formats](../formats.md) says what of a cell each can hold."
    return "\n\n".join(["# Exchange formats at a glance", text, table(("name", "file names end in", "written", "comes back"), rows)])


def data_sets() -> str:
    """The catalogue of data sets."""
    from karyokit.data.catalogue import CATALOGUE

    rows = [(f"`{name}`", one.what, one.count, one.licence, f"`{one.folder}/`") for name, one in CATALOGUE.items()]
    how = [f"**{name}**: {one.instructions or f'`karyokit data fetch {name}`'}" for name, one in CATALOGUE.items()]
    text = "What `karyokit data list` knows. Folders lie in the one that `--data` or `KARYOKIT_DATA` names."
    parts = ["# Data sets", text, table(("name", "what", "how many", "licence", "folder"), rows), "## How to get them", *how]
    return "\n\n".join(parts)


def recipes() -> str:
    """Every recipe with the comment it opens with."""
    parts = [
        "# Recipes",
        "Each is a file of `recipes/`: `karyokit train recipes/NAME.toml`. Its first lines say how it is run and what came out.",
    ]
    for path in sorted((ROOT / "recipes").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        recipe = tomllib.loads(text)
        opening = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text[: text.index("name =")].splitlines())
        length = f"{recipe['steps']:,} steps" if "steps" in recipe else f"{recipe['epochs']} epochs"
        facts = f"Task `{recipe['task']}`, network `{recipe['network']['name']}`, {length} of {recipe['batch']}."
        parts += [f"## {recipe['name']}", facts, f"```text\n{opening.strip()}\n```"]
    return "\n\n".join(parts)


def python() -> str:
    """The public names of the package."""
    import karyokit

    rows = [(f"`karyokit.{name}`", first_line(thing) or f"`{thing!r}`") for name in karyokit.__all__ for thing in [getattr(karyokit, name)]]
    text = "`import karyokit` gives these; `help(karyokit.analyse)` has shapes, units and errors."
    return "\n\n".join(["# Python names", text, table(("name", "what"), rows)])


def figures() -> str:
    """The figures in docs/figures, as the commands wrote them."""
    text = "These tables are made of the files that the commands wrote to `docs/figures`. [Results](../results.md) says what they mean."
    documents = [(path.name, json.loads(path.read_text(encoding="utf-8"))) for path in sorted((ROOT / "docs/figures").glob("*.json"))]
    known = [(name, one) for name, one in documents if isinstance(one, dict) and {"figures", "rows"} & set(one)]
    parts = [_evaluation(name, one) if "figures" in one else _reproduction(name, one) for name, one in known]
    return "\n\n".join(["# Measured figures", text, *parts])


def _evaluation(name: str, one: dict[str, Any]) -> str:
    rows = [(key, number(found["value"]), _interval(found)) for key, found in one["figures"].items()]
    facts = f"`{one['command']}`, {one['count']} pictures, {one['machine']}; file `docs/figures/{name}`."
    return "\n\n".join([f"## {one['title']}, {one['split']}", facts, table(("figure", "value", "95 % interval"), rows)])


def _interval(found: dict[str, Any]) -> str:
    return "" if found.get("low") is None else f"{number(found['low'])} to {number(found['high'])}"


def _reproduction(name: str, one: dict[str, Any]) -> str:
    columns = list(one["columns"])
    rows = [(row["label"], *(_beside(row["ours"].get(key), row["paper"].get(key)) for key in columns)) for row in one["rows"]]
    settings = f"scale {one['scale']}: {one['scale_in_words']}; split {one['split']}, seed {one['seed']}"
    facts = f"`{one['command']}`; {settings}; file `docs/figures/{name}`."
    title = f"## {one['system'].upper()}, table {one['table']}: {one['title']}"
    return "\n\n".join([title, facts, "In brackets: the paper's own figure.", table(("", *columns), rows)])


def _beside(ours: float | None, paper: float | None) -> str:
    return " ".join(filter(None, [number(ours, 2), "" if paper is None else f"[{paper:g}]"]))


def benchmarks() -> str:
    """What every script in benchmarks/ measures."""
    parts = ["# Benchmarks", "Scripts in `benchmarks/`; each states its command. What they found is in [Results](../results.md)."]
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        parts += [f"## {path.name}", f"```text\n{said}\n```"]
    return "\n\n".join(parts)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; signs that would end a cell are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(one).replace("|", "\\|").replace("\n", " ") for one in line) + " |" for line in lines)


def number(value: float | None, digits: int = 3) -> str:
    """A figure with so many digits after the point; empty for None."""
    return "" if value is None else f"{value:.{digits}f}"


def first_line(thing: Any) -> str:
    """First paragraph of a docstring on one line; empty for values and for what has none."""
    said = (inspect.getdoc(thing) if callable(thing) else "") or ""
    plain = re.sub(r":\w+:`[~.\w]*?(\w+)`", r"`\1`", said.split("\n\n")[0])
    return " ".join(plain.split()).replace("``", "`").replace("<", "\\<")


PAGES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "python": python,
    "models": models,
    "networks": networks,
    "losses": losses,
    "recipes": recipes,
    "data_sets": data_sets,
    "exchange_formats": exchange_formats,
    "figures": figures,
    "benchmarks": benchmarks,
}
"""Pages by the name of their file in docs/generated."""
