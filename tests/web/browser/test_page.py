"""The page opens: the one browser test of the quick suite."""

from __future__ import annotations

from bench import Bench


def test_the_page_opens_and_shows_the_case(alone: Bench) -> None:
    bench = alone
    assert bench.page.locator("#cell-list li").count() == 2
    assert bench.page.inner_text(".cell-name") == "cell.png"
    assert bench.page.locator("#karyogram .place").count() == 8
    assert bench.page.inner_text("#research") == "For research use only"
    assert bench.page.title() == "cell.png - KaryoKit review"


def test_the_tabs_keep_their_height_on_a_low_screen(bench: Bench) -> None:
    size = bench.page.viewport_size
    bench.page.set_viewport_size({"width": 1360, "height": 420})
    assert bench.ask("document.getElementById('tabs').offsetHeight") >= 36
    bench.page.set_viewport_size(size)
