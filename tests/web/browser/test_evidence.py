"""The evidence for the karyotype above the karyogram: it follows the edits, holds none of them up, and opens by keyboard."""

from __future__ import annotations

import pytest
from bench import Bench
from served import until

pytestmark = pytest.mark.slow


def weighed(bench: Bench) -> str:
    """The line once it belongs to the cell as it is."""
    until(lambda: bench.page.get_attribute("#evidence", "data-waiting") == "false", "the karyotype is weighed")
    return str(bench.page.inner_text("#evidence summary"))


def test_the_line_follows_edits(bench: Bench) -> None:
    before = weighed(bench)
    assert "Evidence" in before
    assert "%" in before
    bench.select(6)
    bench.press("9")
    bench.settle()
    after = weighed(bench)
    assert after != before
    bench.press("Control+z")
    bench.settle()
    until(lambda: weighed(bench) == before, "undo brings the evidence back")


def test_it_opens_by_keyboard_and_leads_to_a_chromosome(bench: Bench) -> None:
    weighed(bench)
    bench.page.focus("#evidence summary")
    bench.press("Enter")
    assert bench.page.is_visible("#evidence table")
    link = bench.page.query_selector("#evidence li button")
    assert link is not None
    number = int(link.inner_text().split()[-1])
    link.press("Enter")
    assert bench.selected == [number]


def test_nothing_is_asked_while_another_tab_is_shown(bench: Bench) -> None:
    weighed(bench)
    asked: list[str] = []
    bench.page.on("request", lambda request: asked.append(request.url))
    bench.ask("desk.showTab('history')")
    bench.select(2)
    bench.press("9")
    bench.settle()
    bench.page.wait_for_timeout(900)
    assert not any("evidence" in url for url in asked)
    bench.ask("desk.showTab('karyogram')")
    weighed(bench)
    assert any("evidence" in url for url in asked)
