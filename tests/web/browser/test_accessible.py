"""Accessibility as axe-core and a narrow screen see it."""

from __future__ import annotations

import subprocess
import tarfile
from typing import Any

import pytest
from bench import Bench
from served import Served

pytestmark = pytest.mark.slow

AXE = "axe-core@4.10.3"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

OVERHANGING = """[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > 361 && !one.closest("#rail, #cell-list, #tabs, #karyogram-panel, .symbols"))
  .map((one) => `${one.tagName}#${one.id}.${one.className} ${one.getBoundingClientRect().right}`)"""
"""Elements beyond the right edge, those that scroll within their own box left out."""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm's registry by way of its cache."""
    folder = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run(["npm", "pack", AXE, "--silent"], cwd=folder, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"axe-core could not be had from npm: {error}")
    with tarfile.open(next(folder.glob("*.tgz"))) as packed:
        member = packed.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


def violations(page: Any, axe: str) -> list[str]:
    """One line per violated rule and element."""
    page.evaluate(f"{axe}; undefined")
    found = page.evaluate("tags => axe.run(document, { runOnly: tags }).then(({ violations }) => violations)", TAGS)
    return [f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_part_of_the_page(browser: Any, served: Served, axe: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1360, "height": 860}, color_scheme=scheme)
    bench = Bench(context, served)
    assert violations(bench.page, axe) == []
    for key in ("q", "w", "h"):
        bench.press(key)
        bench.page.wait_for_timeout(300)
        assert violations(bench.page, axe) == []
    for keys in (("?",), ("d",), ("Shift+S",), ("Control+Enter",)):
        bench.press(*keys)
        assert bench.page.is_visible("#dialog")
        assert violations(bench.page, axe) == []
        bench.press("Escape")
    context.close()


def test_a_narrow_screen_shows_everything_without_sideways_scrolling(browser: Any, served: Served, axe: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    bench = Bench(context, served)
    assert bench.page.evaluate(OVERHANGING) == []
    assert bench.page.evaluate("document.documentElement.scrollWidth") <= 360
    for part in ("#cell-list", "#rail", "#picture", "#card", "#karyogram", "#status", "#research"):
        assert bench.page.locator(part).is_visible()
    bench.page.tap("#card [data-act=right]")
    assert bench.state.items[3].checked
    assert violations(bench.page, axe) == []
    context.close()


def test_what_the_page_says_is_announced(bench: Bench) -> None:
    assert bench.page.get_attribute("#status", "role") == "status"
    assert bench.page.get_attribute("#banner", "role") == "alert"
    names = bench.page.eval_on_selector_all("#karyogram .place", "all => all.map((one) => one.getAttribute('aria-label'))")
    assert "Chromosome 3, class 3, doubtful" in names


def test_nothing_moves_for_those_who_want_less_motion(bench: Bench) -> None:
    durations = bench.page.evaluate("[...document.querySelectorAll('*')].map((one) => getComputedStyle(one).transitionDuration)")
    assert set(durations) == {"0s"}
