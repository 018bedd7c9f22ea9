"""Draw a karyogram as a picture or as a PDF."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from reportlab import rl_config
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from karyokit.checks import require_range
from karyokit.karyotype.page import KaryogramItem, Line, Page, Paper, Picture, Text, compose_page

_FONT_FILES = {False: ("DejaVuSans.ttf", "Arial.ttf"), True: ("DejaVuSans-Bold.ttf", "Arial_Bold.ttf", "arialbd.ttf")}
_BUILT_IN = {False: "Helvetica", True: "Helvetica-Bold"}
_DASH = 5.0
_SMALLEST = 0.7

rl_config.useA85 = 0  # streams as they are: writing them in ASCII would take longer than drawing the page

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_karyogram(
    items: Sequence[KaryogramItem],
    *,
    title: str = "Karyogram",
    file_name: str = "",
    stain: str = "brightfield",
    paper: Paper = "white",
    proposal: str = "",
    zoom: float = 1.0,
) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of the karyogram, 1600 columns at ``zoom`` 1.

    Each chromosome is its own grey-value picture, upright, not stretched, all at one scale; see ``compose_page`` for
    stain, paper and errors. ``zoom`` in 0.25..4. Works without any font on the machine.
    """
    return draw_page(compose_page(items, title=title, file_name=file_name, stain=stain, paper=paper, proposal=proposal), zoom=zoom)


def draw_page(page: Page, *, zoom: float = 1.0) -> np.ndarray:
    """(rows, columns, 3) uint8 picture of any page of shapes; ``zoom`` in 0.25..4."""
    require_range("zoom", zoom, 0.25, 4)
    paper = page.paper
    size = round(page.width * zoom), round(page.height * zoom)
    sheet = Image.new("L", size, _tone(1.0, paper))
    pen = ImageDraw.Draw(sheet)
    coloured: list[Picture] = []
    for shape in page.shapes:
        if isinstance(shape, Picture):
            coloured += [shape] if shape.pixels.ndim == 3 else []
            sheet.paste(_enlarged(shape, zoom).convert("L"), (round(shape.x * zoom), round(shape.y * zoom)))
        elif isinstance(shape, Line):
            _draw_line(pen, shape, zoom, _tone(shape.grey, paper))
        else:
            _draw_text(pen, shape, zoom, _tone(shape.grey, paper))
    whole = sheet.convert("RGB")
    for shape in coloured:
        whole.paste(_enlarged(shape, zoom), (round(shape.x * zoom), round(shape.y * zoom)))
    return np.asarray(whole)


def page_pdf(page: Page, *, title: str) -> bytes:
    """A page of shapes as an A4 PDF with text as text, upright where the page is higher than wide; equal input gives equal bytes.

    Characters that no font at hand can show become ``?``.
    """
    return pages_pdf([page], title=title)


def pages_pdf(pages: Sequence[Page], *, title: str) -> bytes:
    """Pages of shapes as one PDF, one A4 sheet each."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=landscape(A4), invariant=1)
    canvas.setTitle(title)
    canvas.setCreator("KaryoKit")
    for page in pages:
        canvas.setPageSize(_sheet(page))
        _fill_pdf(canvas, page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _tone(grey: float, paper: Paper) -> int:
    """Grey value 0..255 of an ink strength on the paper."""
    return round(255 * (grey if paper == "white" else 1 - grey))


def _enlarged(shape: Picture, zoom: float) -> Image.Image:
    """The picture at page size, by bicubic interpolation."""
    size = max(round(shape.width * zoom), 1), max(round(shape.height * zoom), 1)
    return Image.fromarray(np.ascontiguousarray(shape.pixels)).resize(size, Image.Resampling.BICUBIC)


def _draw_line(pen: ImageDraw.ImageDraw, line: Line, zoom: float, tone: int) -> None:
    """A line, in dashes where wanted."""
    start, end = np.array(line.start) * zoom, np.array(line.end) * zoom
    thickness = max(round(line.thickness * zoom), 1)
    length = float(np.hypot(*(end - start)))
    dashes = max(round(length / (2 * _DASH * zoom)), 1) if line.dashed else 1
    for dash in range(dashes):
        share = np.array([dash, dash + (0.5 if line.dashed else 1.0)]) / dashes
        (x0, y0), (x1, y1) = (start + part * (end - start) for part in share)
        pen.line((float(x0), float(y0), float(x1), float(y1)), fill=tone, width=thickness)


def _draw_text(pen: ImageDraw.ImageDraw, text: Text, zoom: float, tone: int) -> None:
    """A line of text within its room."""

    def width_of(words: str, size: float) -> float:
        return float(pen.textlength(words, _font(text.bold, size * zoom))) / zoom

    words, size = fitted(text.words, text.size, text.room, width_of=width_of)
    anchor = {"left": "ls", "middle": "ms", "right": "rs"}[text.anchor]
    pen.text((text.x * zoom, text.y * zoom), words, fill=tone, font=_font(text.bold, size * zoom), anchor=anchor)


def fitted(words: str, size: float, room: float, *, width_of: Callable[[str, float], float]) -> tuple[str, float]:
    """Words and size that keep within ``room``: first smaller (down to 70 %), then shortened in the middle.

    >>> fitted("metaphase_0001.tif", 10, 50, width_of=lambda words, size: len(words) * size / 2)
    ('metaph...1.tif', 7.0)
    """
    width = width_of(words, size)
    if width <= room or not words:
        return words, float(size)
    if width_of(words, _SMALLEST * size) <= room:
        return words, float(size * room / width) if width_of(words, size * room / width) <= room else _SMALLEST * size
    for kept in range(len(words) - 1, 2, -1):
        short = f"{words[: (kept + 1) // 2]}...{words[len(words) - kept // 2 :]}"
        if width_of(short, _SMALLEST * size) <= room:
            return short, _SMALLEST * size
    return "", _SMALLEST * size


@cache
def _font(bold: bool, size: float) -> Font:
    """A sans-serif font of the machine, else Pillow's own."""
    for name in _FONT_FILES[bold]:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _pdf_font(bold: bool) -> str:
    """Name of the font for PDF text: the machine's sans-serif, embedded, else a built-in one."""
    path = getattr(_font(bold, 12.0), "path", "")
    if not isinstance(path, str) or not path.lower().endswith(".ttf"):
        return _BUILT_IN[bold]
    name = "KaryoSans-Bold" if bold else "KaryoSans"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, path))
    return name


def _sheet(page: Page) -> tuple[float, float]:
    """Width and height of the sheet in points."""
    return A4 if page.height > page.width else landscape(A4)


def _fill_pdf(canvas: Canvas, page: Page) -> None:
    """Draw the page's shapes, fitted and centred on the sheet."""
    width, height = _sheet(page)
    scale = min(width / page.width, height / page.height)
    canvas.setFillGray(_tone(1.0, page.paper) / 255)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.translate((width - scale * page.width) / 2, (height + scale * page.height) / 2)
    canvas.scale(scale, scale)
    for shape in page.shapes:
        if isinstance(shape, Picture):
            image = ImageReader(_enlarged(shape, 2.0))
            clear = [_tone(1.0, page.paper)] * 2 if shape.pixels.ndim == 2 else None
            canvas.drawImage(image, shape.x, -shape.y - shape.height, shape.width, shape.height, mask=clear)
        elif isinstance(shape, Line):
            canvas.setStrokeGray(_tone(shape.grey, page.paper) / 255)
            canvas.setLineWidth(shape.thickness)
            canvas.setDash([_DASH, _DASH] if shape.dashed else [])
            canvas.line(shape.start[0], -shape.start[1], shape.end[0], -shape.end[1])
        else:
            _pdf_text(canvas, shape, _tone(shape.grey, page.paper) / 255)


def _pdf_text(canvas: Canvas, text: Text, grey: float) -> None:
    """A line of text within its room."""
    font = _pdf_font(text.bold)
    own = text.words.encode("latin-1", "replace").decode("latin-1") if font in _BUILT_IN.values() else text.words

    def width_of(words: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(words, font, size))

    words, size = fitted(own, text.size, text.room, width_of=width_of)
    canvas.setFillGray(grey)
    canvas.setFont(font, size)
    draw = {"left": canvas.drawString, "middle": canvas.drawCentredString, "right": canvas.drawRightString}[text.anchor]
    draw(text.x, -text.y, words)
