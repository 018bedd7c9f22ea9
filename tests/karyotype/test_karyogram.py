"""The drawn karyogram: size, grey values, marks, determinism, and a machine without fonts."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from karyokit.karyotype import karyogram
from karyokit.karyotype.karyogram import draw_karyogram, fitted, page_pdf
from karyokit.karyotype.page import KaryogramItem, Line, Picture, Text, compose_page


def cell(*, background: int = 255, extra: tuple[int, ...] = ()) -> list[KaryogramItem]:
    """46,XY (and more) of plain grey bars."""
    numbers = [*range(1, 23), *range(1, 23), 23, 24, *extra]
    items = []
    for number, category in enumerate(numbers, 1):
        picture = np.full((110 - 4 * category, 20), background, np.uint8)
        picture[2:-2, 3:-3] = 100
        items.append(KaryogramItem(picture, category, 30.0, number == 5, number))
    return items


def pdf_of(items: list[KaryogramItem], file_name: str = "") -> bytes:
    """The page of a cell as PDF."""
    return page_pdf(compose_page(items, title="T", file_name=file_name), title="T")


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which no font file is found."""
    monkeypatch.setattr(karyogram, "_FONT_FILES", {False: ("no-such-font.ttf",), True: ("no-such-font.ttf",)})
    karyogram._font.cache_clear()
    yield
    karyogram._font.cache_clear()


def words(items: list[KaryogramItem], **options: str) -> str:
    """All text of the page."""
    page = compose_page(items, title="T", **options)  # type: ignore[arg-type]
    return "\n".join(shape.words for shape in page.shapes if isinstance(shape, Text))


def test_the_picture_is_a_white_page_that_zooms() -> None:
    picture = draw_karyogram(cell(), file_name="a.png")
    assert picture.dtype == np.uint8
    assert picture.shape[1:] == (1600, 3)
    assert (picture[:20] == 255).all()
    assert (picture == 100).all(axis=2).mean() > 0.01
    assert draw_karyogram(cell(), zoom=0.5).shape[:2] == (round(picture.shape[0] / 2), 800)
    np.testing.assert_array_equal(picture, draw_karyogram(cell(), file_name="a.png"))


def test_the_page_says_what_it_must() -> None:
    text = words(cell(extra=(21,)), file_name="slide7.tif")
    for part in (
        "47 objects",
        "sex chromosomes XY",
        "Proposed ISCN: 47,XY,+21",
        "slide7.tif",
        "For research use only",
        "5?",
        "low confidence",
    ):
        assert part in text
    assert "inverted" not in text
    assert "No ISCN string proposed" in words([*cell(), KaryogramItem(np.zeros((9, 9), np.uint8), 0, number=47)])
    assert "48 (21)" in words([*cell(), *[KaryogramItem(np.zeros((9, 9), np.uint8), 21, 2.0, number=n) for n in range(42, 50)]])


def test_the_footer_tells_what_was_restored_and_straightened() -> None:
    plain = cell()
    assert "restored" not in words(plain)
    assert "straightened" not in words(plain)
    changed = [replace(plain[0], restored=True), replace(plain[1], restored=True, straightened=True), *plain[2:]]
    assert "overlaps restored (2);  straightened (1)" in words(changed)


def test_low_confidence_has_a_dashed_frame_around_its_own_picture() -> None:
    page = compose_page(cell(), title="T")
    dashed = [shape for shape in page.shapes if isinstance(shape, Line) and shape.dashed]
    assert len(dashed) == 4
    box = [shape for shape in page.shapes if isinstance(shape, Picture)][4]
    assert min(line.start[0] for line in dashed) == pytest.approx(box.x - 3)
    assert max(line.end[1] for line in dashed) == pytest.approx(box.y + box.height + 3)


def test_fluorescence_is_inverted_on_white_and_kept_on_black() -> None:
    dark = cell(background=0)
    assert "as in the picture, inverted" in words(dark, stain="fluorescence")
    assert "inverted" not in words(dark, stain="fluorescence", paper="black")
    on_white = draw_karyogram(dark, stain="fluorescence")
    on_black = draw_karyogram(dark, stain="fluorescence", paper="black")
    assert on_white[0, 0, 0] == 255
    assert on_black[0, 0, 0] == 0
    assert (on_white == 155).all(axis=2).any()
    assert (on_black == 100).all(axis=2).any()


def pdf_streams(data: bytes) -> bytes:
    """All flate streams of a PDF, decoded where they can be."""
    found = b""
    for raw in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        with suppress(zlib.error):
            found += zlib.decompressobj().decompress(raw)
    return found


def test_the_pdf_is_one_landscape_page_with_the_same_bytes_each_time() -> None:
    data = pdf_of(cell(), "a.png")
    assert data.startswith(b"%PDF")
    assert b"841.8898 595.2756" in data
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
    assert data == pdf_of(cell(), "a.png")


@pytest.mark.usefixtures("no_fonts")
def test_a_machine_without_fonts_draws_and_prints_all_the_same() -> None:
    picture = draw_karyogram(cell(), file_name="a.png")
    assert (picture[30:70] < 100).any()
    content = pdf_streams(pdf_of(cell(), "Zelle_ü_細胞.png"))
    assert b"For research use only" in content
    assert b"Zelle_" in content
    assert b"??.png" in content


def test_an_empty_cell_gives_the_empty_form() -> None:
    assert "0 objects" in words([])
    assert draw_karyogram([]).shape[1] == 1600
    assert pdf_of([]).startswith(b"%PDF")


def test_long_words_are_made_to_fit() -> None:
    def width_of(text: str, size: float) -> float:
        return len(text) * size / 2

    assert fitted("short", 10, 100, width_of=width_of) == ("short", 10.0)
    text, size = fitted("x" * 20, 10, 80, width_of=width_of)
    assert text == "x" * 20
    assert size == pytest.approx(8)
    text, size = fitted("a" * 30 + "z" * 30, 10, 70, width_of=width_of)
    assert width_of(text, size) <= 70
    assert text.startswith("a")
    assert text.endswith("z")
    assert fitted("abcdef", 10, 1, width_of=width_of)[0] == ""


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="`stain` must be"):
        draw_karyogram(cell(), stain="silver")
    with pytest.raises(ValueError, match="`paper` must be"):
        compose_page(cell(), title="T", paper="blue")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`picture` must be"):
        draw_karyogram([KaryogramItem(np.zeros((5, 5), np.float32), 1)])
    with pytest.raises(ValueError, match="`zoom` must lie in"):
        draw_karyogram(cell(), zoom=100)
