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
