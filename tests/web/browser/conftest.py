"""A real browser on a served case; tests are skipped where there is no browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "review"))
from bench import Bench
from served import Served, drawn_case

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium: that of KARYOKIT_BROWSER, one on the path, or Playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = os.environ.get("KARYOKIT_BROWSER") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    with playwright.sync_playwright() as driver:
        program = program or driver.chromium.executable_path
        if not Path(program).exists():
            pytest.skip("no Chromium was found: apt-get install chromium, or name one in KARYOKIT_BROWSER")
        opened = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def shared_tab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One tab on a case of many drawn cells, so that each test can have a cell of its own without opening a page."""
    served = Served(*drawn_case(tmp_path_factory.mktemp("many"), names=[f"cell_{number:02}.png" for number in range(1, 61)]))
    context = browser.new_context(viewport={"width": 1360, "height": 860}, reduced_motion="reduce")
    yield Bench(context, served)
    context.close()
    served.stop()


@pytest.fixture
def bench(shared_tab: Bench) -> Iterator[Bench]:
    """The page on an untouched cell; no error of the page or of its content policy is allowed."""
    shared_tab.open_untouched()
    yield shared_tab
    assert not shared_tab.problems, shared_tab.problems


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of two drawn cells, for one test alone."""
    server = Served(*drawn_case(tmp_path))
    yield server
    server.stop()


@pytest.fixture
def alone(browser: Any, served: Served) -> Iterator[Bench]:
    """A page of its own server."""
    context = browser.new_context(viewport={"width": 1360, "height": 860})
    opened = Bench(context, served)
    yield opened
    context.close()
    assert not opened.problems, opened.problems
