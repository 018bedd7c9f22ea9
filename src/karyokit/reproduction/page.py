"""One static page per system: tables, learning curves, and pictures of good and bad cases. It asks nothing of the network."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from karyokit.files import write_text
from karyokit.reproduction.protocol import Row, System
from karyokit.reproduction.results import TableResult, caption, cells
from karyokit.reproduction.scoring import Case

CASES = "cases.json"

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; } th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; } .paper { color: #777; } .wide { overflow-x: auto; }
figure { display: inline-block; margin: .4em 1em .4em 0; } figcaption { font-size: 13px; color: #555; }
img.case { image-rendering: pixelated; height: 160px; } details { margin: .5em 0; } .note { color: #555; font-size: 13px; }
"""


def write_case_pictures(cases: Sequence[Case], folder: Path) -> None:
    """Keep the cases of a run in its folder: a PNG for each, and their words in cases.json."""
    words = []
    for number, case in enumerate(cases):
        name = f"case_{number:02d}.png"
        gap = np.full((case.panels[0][1].shape[0], 4, 3), 255, np.uint8)
        strips = [strip for _, panel in case.panels for strip in (panel, gap)][:-1]
        Image.fromarray(np.hstack(strips)).save(folder / name)
        captions = [caption for caption, _ in case.panels]
        words.append({"file": name, "group": case.group, "rank": case.rank, "figures": case.figures, "panels": captions})
    write_text(folder / CASES, json.dumps(words, indent=1) + "\n")


def write_page(system: System, results: Sequence[TableResult], folder: Path) -> None:
    """Write index.html for the tables of a call; pictures lie inside the page."""
    body = [f"<h1>{html.escape(system.title)}</h1>", f"<p class=note>{html.escape(system.reference)}</p>"]
    body += [_section(result, folder) for result in results]
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(system.title)}</title><style>{STYLE}</style>"
    write_text(folder / "index.html", "\n".join([head, "<body>", *body, "</body></html>\n"]))


def _section(result: TableResult, folder: Path) -> str:
    heads = "".join(f"<th>{html.escape(name)}" for name in result.table.columns)
    rows = "\n".join(_row(result, row) for row in result.table.rows)
    shown = {run.folder: (row.label, run.fold) for row in result.table.rows for run in result.runs.get(row.label, [])}
    details = "\n".join(_run(folder / "runs" / name, f"{label}, fold {fold}") for name, (label, fold) in shown.items())
    title = f"Table {result.table.number}: {html.escape(result.table.title)}"
    table = f"<div class=wide><table><tr><th>{heads}</tr>\n{rows}</table></div>"
    return f"<h2>{title}</h2>\n{table}\n<p class=note>{html.escape(caption(result))}</p>\n{details}"


def _row(result: TableResult, row: Row) -> str:
    texts = "".join(f"<td>{html.escape(ours)} <span class=paper>{html.escape(paper)}</span>" for ours, paper in cells(result, row))
    return f"<tr><td title='{html.escape(row.note, quote=True)}'>{html.escape(row.label)}{texts}</tr>"


def _run(run: Path, title: str) -> str:
    """Curves and cases of one run, folded away."""
    curves = f"<figure><img alt='curves' src='{_inline(run / 'curves.png')}'></figure>" if (run / "curves.png").is_file() else ""
    words = json.loads((run / CASES).read_text()) if (run / CASES).is_file() else []
    figures = "\n".join(
        f"<figure><img class=case alt='{html.escape(word['rank'])}' src='{_inline(run / word['file'])}'>"
        f"<figcaption>{html.escape(word['group'])}, {word['rank']}: {html.escape(word['figures'])}<br>"
        f"{html.escape(' | '.join(word['panels']))}</figcaption></figure>"
        for word in words
    )
    return f"<details><summary>{html.escape(title)}</summary>\n{curves}\n<div>{figures}</div></details>"


def _inline(path: Path) -> str:
    """A PNG as a data address, its colours thinned to a palette."""
    stream = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
