"""The report of a reviewed cell: one page with karyogram, metaphase, counts, ISCN proposal and who reviewed it."""

from __future__ import annotations

import io
import textwrap
from dataclasses import replace

import numpy as np
from PIL import Image

from karyokit.chromosomes import Cell
from karyokit.exchange.overlay import draw_overlay
from karyokit.karyotype.iscn import numerical_iscn
from karyokit.karyotype.karyogram import draw_page, page_pdf
from karyokit.karyotype.page import LEFT, RESEARCH_ONLY, RIGHT, Page, Picture, Shape, Text, compose_page
from karyokit.regions import union
from karyokit.review.doubts import doubtful_first
from karyokit.review.evidence import CellEvidence
from karyokit.review.history import History
from karyokit.review.karyograms import karyogram_items
from karyokit.review.picture_files import CellPicture
from karyokit.review.state import CellState, Refused
from karyokit.review.views import Views

TITLE = "Chromosome analysis"
_ROOM = (900.0, 860.0)
"""Width and height in page units that the metaphase may take."""
_MARGIN = 24
"""Pixels of the metaphase shown around what was found."""
_LINE = 27.0
_LETTERS = 52
"""Letters of a line of facts."""


class Doubtful(Refused):
    """A report was asked for while doubtful chromosomes are unchecked; ``numbers`` names them."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers
        some = ", ".join(map(str, numbers[:10])) + (" ..." if len(numbers) > 10 else "")
        super().__init__(f"{len(numbers)} doubtful chromosomes are unchecked ({some}). Check them, or give a reason to override.")


def compose_report(
    history: History, picture: CellPicture, views: Views, *, evidence: CellEvidence | None = None, override: str = ""
) -> Page:
    """The page of a cell's report; ``evidence`` is printed beside the karyotype that the reviewed classes make.

    Raises ``Doubtful`` while doubtful chromosomes are unchecked and ``override``, a reason that is printed, is empty.
    """
    state = history.state
    doubtful = doubtful_first(state)
    if doubtful and not override.strip():
        raise Doubtful(doubtful)
    page = compose_page(karyogram_items(state, picture, views), title=TITLE, file_name=state.name, stain=state.stain)
    metaphase = _metaphase(state, picture, top=page.height + 10)
    facts = _facts(history, doubtful, evidence, override.strip())
    lines = [
        Text(LEFT + _ROOM[0] + 40, page.height + 36 + _LINE * i, words, 18, RIGHT - LEFT - _ROOM[0] - 40) for i, words in enumerate(facts)
    ]
    height = max(metaphase.y + metaphase.height, page.height + 36 + _LINE * len(facts)) + 70
    footer: list[Shape] = [Text(LEFT, height - 26, RESEARCH_ONLY, 17, 380, bold=True)]
    return replace(page, height=height, shapes=(*page.shapes, metaphase, *lines, *footer))


def report_pdf(page: Page) -> bytes:
    """The page as a PDF."""
    return page_pdf(page, title=TITLE)


def report_png(page: Page) -> bytes:
    """The page as a PNG."""
    stream = io.BytesIO()
    Image.fromarray(draw_page(page)).save(stream, format="PNG", compress_level=3)
    return stream.getvalue()


def _metaphase(state: CellState, picture: CellPicture, *, top: float) -> Picture:
    """The part of the metaphase in which anything was found, with outlines and numbers."""
    cell = Cell(state.name, picture.image, state.stain, tuple(item.chromosome for item in state.present))
    colours = draw_overlay(cell, set_aside=[one.region for one in state.aside.values()])
    shown = _cut_to(colours, state, enlarged=colours.shape[0] // state.shape[0])
    scale = min(_ROOM[0] / shown.shape[1], _ROOM[1] / shown.shape[0])
    return Picture(LEFT, top, shown.shape[1] * scale, shown.shape[0] * scale, shown)


def _cut_to(colours: np.ndarray, state: CellState, *, enlarged: int) -> np.ndarray:
    """The window around all chromosomes and objects; the whole picture where there are none."""
    whole = union([*(item.region for item in state.present), *(one.region for one in state.aside.values())])
    if whole.area == 0:
        return colours
    top, left = max(whole.row - _MARGIN, 0) * enlarged, max(whole.column - _MARGIN, 0) * enlarged
    bottom, right = (whole.row + whole.crop.shape[0] + _MARGIN) * enlarged, (whole.column + whole.crop.shape[1] + _MARGIN) * enlarged
    return np.ascontiguousarray(colours[top:bottom, left:right])


def _facts(history: History, doubtful: list[int], evidence: CellEvidence | None, override: str) -> list[str]:
    """Lines on who reviewed what, and on the karyotype."""
    state = history.state
    status = state.status
    by = f"{status.value.capitalize()} by {status.who}, {status.when[:16].replace('T', ' ')} UTC" if status.who else "Not reviewed"
    corrections = sum(entry.command is not None and entry.id not in history.undone for entry in history.entries)
    people = sorted({entry.who for entry in history.entries})
    lines = [by, f"{len(state.present)} chromosomes; {corrections} entries in the log" + (f" by {', '.join(people)}" if people else "")]
    lines += _karyotype_facts(state, evidence)
    lines += [f"Marked {item.number}: {item.marker}" for item in state.present if item.marker]
    if state.aside:
        lines.append(f"Objects not counted as chromosomes (dashed): {len(state.aside)}")
    lines += [f"Model for {stage}: sha256 {digest[:16]}" for stage, digest in sorted(state.models.items())]
    if doubtful:
        lines.append(f"Doubtful and unchecked: {', '.join(map(str, doubtful))}")
        lines.append(f"Printed all the same, because: {override}")
    return [part for line in lines for part in textwrap.wrap(line, _LETTERS, subsequent_indent="    ")]


def _karyotype_facts(state: CellState, evidence: CellEvidence | None) -> list[str]:
    """The karyotype that the classes make, and what the evidence says for it and for others."""
    shown = numerical_iscn(item.chromosome.category for item in state.present)
    lines = [f"Karyotype by the classes shown: {shown or 'none, not every chromosome has a class'}"]
    if evidence is None:
        return lines
    best, second = evidence.karyotypes.best, evidence.karyotypes.runner_up
    differs = "" if shown in (None, best.iscn) else "; not what the classes shown make"
    lines.append(f"By all evidence: {best.iscn} ({best.probability:.0%}), next {second.iscn} ({second.probability:.0%}){differs}")
    return lines + [f"{one.number}: {one.words} ({one.probability:.0%})" for one in evidence.opinions]
