"""Signing off and the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import Bench

pytestmark = pytest.mark.slow


def test_a_report_is_held_back_until_a_reason_is_given(bench: Bench, tmp_path: Path) -> None:
    bench.press("Control+Enter")
    assert bench.page.locator("#unchecked li").count() == 2
    assert "Chromosome 3" in bench.page.inner_text("#unchecked")
    bench.page.click("#dialog button[type=submit]")
    assert bench.page.is_visible("#dialog")
    bench.page.fill("#dialog input[maxlength='300']", "Only one cell is left")
    with bench.page.expect_download() as download:
        bench.page.click("#dialog button[type=submit]")
    assert download.value.suggested_filename == f"cell_{bench.cell:02}_report.pdf"
    download.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_an_unchecked_chromosome_can_be_opened_from_the_report(bench: Bench) -> None:
    bench.press("Control+Enter")
    bench.page.click("#unchecked button:has-text('Chromosome 6')")
    bench.wait("review.selected[0] === 6")
    assert bench.page.is_hidden("#dialog")


def test_a_checked_cell_gives_a_picture_and_is_signed(bench: Bench, tmp_path: Path) -> None:
    bench.press("Enter", "Enter")
    bench.wait("review.cell.doubtful.length === 0")
    bench.press("Control+Enter")
    assert bench.page.locator("#unchecked").count() == 0
    bench.page.check("#dialog input[value=png]")
    with bench.page.expect_download() as download:
        bench.page.click("#dialog button[type=submit]")
    download.value.save_as(tmp_path / "report.png")
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    bench.press("Shift+S")
    bench.page.check("#dialog input[value=signed]")
    bench.page.click("#dialog button[type=submit]")
    assert bench.state.status.value == "signed"
    assert "Signed by Tester" in bench.page.inner_text("#cell-title")
